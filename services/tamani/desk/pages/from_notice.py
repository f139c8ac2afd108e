"""What is said of another notice and in a thread of its own: an amendment, a public version, a point, minutes.

Each is offered on the notice's page where it would be taken, and nowhere else; the node has the last word.
"""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request

from tamani.core.errors import RefusedError
from tamani.core.event import parse_time
from tamani.core.rights import may_mark, may_post
from tamani.core.roles import Role
from tamani.desk.demands.asking import CONVENING, CONVOCATION, over
from tamani.desk.forms.layout import opening
from tamani.desk.gate import Visitor
from tamani.desk.pages.about import LONGEST_TITLE, About
from tamani.desk.pages.about_routes import Build, about_routes
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.page import language_of
from tamani.desk.rows import Notice
from tamani.desk.service import Desk
from tamani.desk.threads import Story
from tamani.desk.wire import page_path

# Of what is public, the text has no more room than this.
LONGEST_TEXT = 3000
Given = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Offer:
    """One form: its address, its word, what it makes, and of which notices.

    `profiles` are those of which this body may choose; `fits` says whether the notice is one of which it may be said,
    `names` the member of the data that names the notice, `given` what else the form suggests.
    """

    path: str
    word: str
    kind: str
    profiles: tuple[str, ...]
    fits: Callable[[Desk, str, Notice, Story], bool]
    names: str
    given: Callable[[Notice, str], Given]
    # The only label that it may bear, whatever the notice's.
    mark: str = ""


def build_from_notice(desk: Desk) -> APIRouter:
    """The routes."""
    return about_routes(desk, {one.path: _builder(one) for one in OFFERS})


def offers(desk: Desk, labels: Labels, visitor: Visitor, notice: Notice, story: Story) -> list[tuple[str, str]]:
    """What this officer may say of this notice: words and addresses."""
    who = visitor.officer
    if who is None or Role.POSTER not in who.roles or not desk.posting.there:
        return []
    page, say = page_path(notice.row.source, notice.row.id), translations(labels.lang).gettext
    return [(say(one.word), f"{page}/{one.path}") for one in OFFERS if _may(desk, who.source, one, notice, story)]


def _may(desk: Desk, body: str, one: Offer, notice: Notice, story: Story) -> bool:
    stands = story.is_current(notice) and story.state.state != "cancelled"
    ordinary = not notice.sealed and not notice.row.system
    marked = (one.mark or notice.row.tlp) in may_mark(desk.registry.current, body, desk.clock())
    return stands and ordinary and marked and bool(_profiles(desk, body, one)) and one.fits(desk, body, notice, story)


def _profiles(desk: Desk, body: str, one: Offer) -> tuple[str, ...]:
    mine = may_post(desk.registry.current, body, desk.clock()).get(one.kind, ())
    return tuple(profile for profile in one.profiles if profile in mine)


def _builder(one: Offer) -> Build:
    def build(desk: Desk, request: Request, visitor: Visitor, notice: Notice, story: Story) -> About:
        row, body = notice.row, visitor.as_officer().source
        profiles = _profiles(desk, body, one)
        if not profiles:
            raise RefusedError("refused.policy.type", one.kind)
        if not _may(desk, body, one, notice, story):
            raise RefusedError("refused.transition", row.type)
        readers = () if one.mark else tuple(sorted({row.source, *row.audience} - {body}))
        return About(
            notice=notice,
            layout=opening(one.kind, profiles[0]).typed,
            heading=translations(language_of(request)).gettext(one.word),
            action=f"{page_path(row.source, row.id)}/{one.path}",
            subject=None,
            fixed={one.names: {"source": row.source, "id": row.id}},
            given=one.given(notice, body),
            audience=lambda _data: readers,
            only=one.mark,
            profiles=profiles,
        )

    return build


def _is_bill(_desk: Desk, _body: str, notice: Notice, story: Story) -> bool:
    return (notice.row.type, notice.row.profile) == ("law.text", "projet") and story.state.state == "open"


def _is_ours(_desk: Desk, body: str, notice: Notice, _story: Story) -> bool:
    """A notice of the body's own: what others have said under a label, they alone may open."""
    return notice.row.source == body and notice.row.type != "public.notice"


def _is_anothers_sitting(desk: Desk, body: str, notice: Notice, story: Story) -> bool:
    """One that is still being prepared; the convener writes its own points into it."""
    to_come = notice.row.type == CONVOCATION and story.state.status in CONVENING
    return to_come and notice.row.source != body and not over(notice.event, desk.clock())


def _is_our_sitting(desk: Desk, body: str, notice: Notice, _story: Story) -> bool:
    """One that has begun."""
    ours = notice.row.type == CONVOCATION and notice.row.source == body
    return ours and parse_time(str(notice.event.data["start"])) <= desk.clock()


def _for_amendment(notice: Notice, body: str) -> Given:
    country = notice.event.data["country"]
    return _titled(_("Amendement"), notice) | {"d.country": [country], "d.author": [body], "d.status": ["submitted"]}


def _for_the_public(notice: Notice, _body: str) -> Given:
    head = notice.event.head
    words = str(head.get("summary") or head.get("body") or "")[:LONGEST_TEXT]
    return {"d.head.title": [notice.row.title], "d.text": [words]}


def _for_a_point(_notice: Notice, _body: str) -> Given:
    return {"d.duration_min": ["30"]}


def _for_minutes(notice: Notice, _body: str) -> Given:
    return _titled(_("Relevé de décisions"), notice) | _held(notice)


def _for_an_account(notice: Notice, _body: str) -> Given:
    return _titled(_("Compte rendu"), notice) | _held(notice)


def _held(notice: Notice) -> Given:
    return {"d.held_on": [str(notice.event.data["start"])[:10]], "d.status": ["draft"]}


def _titled(word: str, notice: Notice) -> Given:
    """In French, which is what a notice's title is written in until its author says otherwise."""
    return {"d.head.title": [f"{translations('fr').gettext(word)} : {notice.row.title}"[:LONGEST_TITLE].strip()]}


POINTS = ("examen-texte", "audition", "echange-pratiques", "divers")
OFFERS = (
    Offer("amender", _("Proposer un amendement"), "law.text", ("amendement",), _is_bill, "bill", _for_amendment),
    Offer(
        "proposer-un-point",
        _("Proposer un point"),
        "agenda.item",
        POINTS,
        _is_anothers_sitting,
        "meeting",
        _for_a_point,
    ),
    Offer("releve", _("Rédiger le relevé"), "agenda.record", ("releve",), _is_our_sitting, "meeting", _for_minutes),
    Offer(
        "compte-rendu",
        _("Rédiger le compte rendu"),
        "agenda.record",
        ("compte-rendu",),
        _is_our_sitting,
        "meeting",
        _for_an_account,
    ),
    Offer(
        "version-publique",
        _("Publier une version publique"),
        "public.notice",
        ("version-publique",),
        _is_ours,
        "original",
        _for_the_public,
        mark="CLEAR",
    ),
)
