"""`docs/guide/demo.md` tells visitors what they will really see."""

import re
from collections import Counter
from pathlib import Path

from tamani.embedded.demo.bodies import BODIES
from tamani.embedded.demo.mischief import TRICKS
from tamani.embedded.demo.notices import notices

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "demo.md").read_text("utf-8")


def test_the_figures_are_those_of_the_design() -> None:
    """One answer for each notice and each trick."""
    codes = Counter(trick.code for trick in TRICKS)
    refused = sum(count for code, count in codes.items() if code.startswith("refused"))
    line = (
        f"archived={len(notices())} duplicates={codes['duplicate']}"
        f" refused={refused} equivocations={codes['equivocation']}"
    )
    assert line in GUIDE
    assert f"refused.signature.invalid: {codes['refused.signature.invalid']} ·" in GUIDE


def test_what_it_points_at_is_there() -> None:
    """Threads of the table, and the body of the example."""
    subjects = {notice.subject for notice in notices()}
    named = set(re.findall(r"`((?:agenda|alert|monitor|law|roadmap|exchange)/[a-z0-9-]+)`", GUIDE))
    assert len(named) > 10
    assert named <= subjects
    assert "/ne/observatoire-dunes" in {body.source for body in BODIES}
    assert len(BODIES) == 15
    assert "quinze organismes" in GUIDE
