"""Every form as it opens on a desk: it asks for eight things at most, and the rest is a press away."""

from pathlib import Path

import pytest

from tamani.core.catalogue import catalogue
from tamani.desk.forms.layout import can_be_typed
from tamani.desk.pages.publish import publishable
from tests.browser.conftest import OpenReader, Reader
from tests.component.desk.conftest import Fed
from tests.support.notices import PROFILES, SOURCES
from tests.support.officers import POSTER, session_of
from tests.support.telling import Tell

pytestmark = [pytest.mark.browser, pytest.mark.postgres]
MOST = 8
# `docs/design/forms.md` says why.
MORE = {"monitor.alert": 9}
# What asks for something and can be seen; radio buttons of one name ask one thing.
ASKING = """[...document.querySelectorAll("form.publish :is(input, select, textarea)")]
    .filter((one) => one.type !== "hidden" && one.checkVisibility() && one.offsetParent)
    .reduce((seen, one) => seen.add(one.type === "radio" ? one.name : one), new Set()).size"""


async def test_every_form_asks_for_eight_things_at_most(
    fed: Fed, opens: OpenReader, shots: Path | None, tell: Tell
) -> None:
    """As an officer of a body that may post it."""
    found: dict[tuple[str, str], int] = {}
    for source in SOURCES:
        mine = publishable(fed.desk, source)
        fresh = [(kind, one) for kind, profiles in mine.items() for one in profiles if (kind, one) not in found]
        if not fresh:
            continue
        reader = await opens()
        await reader.enter(session_of(fed.desk.accounts, source, POSTER))
        for kind, profile in fresh:
            found[kind, profile] = await _asking(reader, kind, profile, shots)
        reader.is_content()
    told = {(kind, one) for kind, one in PROFILES if not catalogue()[kind].system and catalogue()[kind].archived}
    assert set(found) == {one for one in told if can_be_typed(*one)}
    tell(", ".join(f"{kind}:{profile} {count}" for (kind, profile), count in sorted(found.items())))
    for (kind, profile), count in found.items():
        assert 3 <= count <= MORE.get(kind, MOST), (kind, profile, count)
    for kind, most in MORE.items():
        assert max(count for (one, _), count in found.items() if one == kind) == most, (
            f"{kind} is no exception any more"
        )


async def _asking(reader: Reader, kind: str, profile: str, shots: Path | None) -> int:
    await reader.goes_to(f"/publier/{kind}?profil={profile}")
    count: int = await reader.page.evaluate(ASKING)
    if shots is not None:
        await reader.page.screenshot(path=shots / f"formulaire-{kind}-{profile}.png", full_page=True)
    return count
