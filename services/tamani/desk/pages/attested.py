"""Whether the log and its witnesses stand behind a notice, in words: never a reason to hide it, always said."""

from collections.abc import Iterable
from dataclasses import replace

from tamani.desk.attestations import Attested
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.views import Standing, Viewer
from tamani.desk.rows import Notice
from tamani.desk.service import Desk

ATTESTED = _("Attesté")
BY_ONE = _("Attesté par %(country)s")
NOT_YET = _("Non attesté")
WHY_ATTESTED = _("Au journal de la région, vu par %(countries)s le %(when)s : personne ne peut plus l'en retirer.")
WHY_ONE = _("Au journal de la région, vu par un seul autre pays : il en faut deux.")
WHY_NOT_YET = _("Archivé depuis le %(when)s ; les autres pays n'ont pas encore confirmé l'avoir vu au journal.")


async def with_attestations(desk: Desk, viewer: Viewer, notices: Iterable[Notice]) -> Viewer:
    """The viewer who also knows what the log says of these notices; nothing changes at a desk without a policy."""
    if not desk.attestations.works:
        return viewer
    held = list(notices)
    found = await desk.attestations.of(notice.row.feed_index for notice in held)
    return replace(
        viewer, standings={n.row.feed_index: _standing(viewer, n, found.get(n.row.feed_index)) for n in held}
    )


def _standing(viewer: Viewer, notice: Notice, found: Attested | None) -> Standing:
    say = translations(viewer.labels.lang).gettext
    countries = [viewer.labels.country(name) for name in found.by] if found else []
    if found is not None and found.at is not None:
        why = say(WHY_ATTESTED) % {"countries": ", ".join(countries), "when": viewer.dates.both(found.at)}
        return Standing(say(ATTESTED), "good", why, found.at)
    if len(countries) == 1:
        return Standing(say(BY_ONE) % {"country": countries[0]}, "calm", say(WHY_ONE))
    return Standing(say(NOT_YET), "warn", say(WHY_NOT_YET) % {"when": viewer.dates.both(notice.row.recordedtime)})
