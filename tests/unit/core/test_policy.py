"""The policy as whole tables: who reads what, who says what, which feeds carry it, when a key counts."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from tamani.core.catalogue import catalogue
from tamani.core.event import TLP
from tamani.core.names import Country
from tamani.core.policy import PUBLIC, RETIRED_GRACE, Reader, key_state, may_read, may_say, origins_entitled
from tamani.core.registry import KeyRow
from tests.support.notices import (
    BUREAU,
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    NOTICE_KINDS,
    RESERVED_KINDS,
    SYSTEM_KINDS,
    event,
    key_of,
    key_row,
    registry,
)

SOURCE = COMMISSION_ML
READERS = {
    "nobody": PUBLIC,
    "no name": Reader(""),
    "the source": Reader(SOURCE),
    "named": Reader(COMMISSION_BF),
    "another body": Reader(COMMISSION_NE),
    "a prefix of the named": Reader(COMMISSION_BF[:-1]),
    "the whole audience": Reader(f"{COMMISSION_BF} {BUREAU}"),
}
AUDIENCES = {"none": None, "empty": "", "one": COMMISSION_BF, "two": f"{COMMISSION_BF} {BUREAU}"}
LABELS = (*TLP, "", "WHITE", "clear", "TLP:CLEAR")
BODIES = {"the source", "named", "another body", "a prefix of the named", "the whole audience"}


def expected(who: str, label: str, audience: str) -> bool:
    """The table, said otherwise than the code: which readers each label opens to."""
    named = {"the source"} | ({"named"} if audience in {"one", "two"} else set())
    opens = {"CLEAR": set(READERS), "GREEN": BODIES} | dict.fromkeys(("AMBER", "AMBER+STRICT", "RED"), named)
    return who in opens.get(label, set())


@pytest.mark.parametrize(("who", "label", "audience"), list(product(READERS, LABELS, AUDIENCES)))
def test_who_reads_what(who: str, label: str, audience: str) -> None:
    """Every reader by every label by every audience; what is not understood is closed."""
    assert may_read(READERS[who], SOURCE, label, AUDIENCES[audience]) is expected(who, label, audience)


def test_somebody_is_shut_out_and_somebody_let_in_for_each_label_that_travels() -> None:
    """So that a table of one colour cannot pass for a policy."""
    for label, shut in (("GREEN", "nobody"), ("AMBER", "another body"), ("RED", "another body")):
        assert not may_read(READERS[shut], SOURCE, label, COMMISSION_BF)
        assert may_read(READERS["named"], SOURCE, label, COMMISSION_BF)


@pytest.mark.parametrize(
    ("tlp", "audience", "origins"),
    [
        ("CLEAR", None, set(Country)),
        ("GREEN", COMMISSION_BF, set(Country)),
        ("AMBER", COMMISSION_BF, {Country.ML, Country.BF}),
        ("AMBER", f"{COMMISSION_BF} {COMMISSION_NE} {BUREAU}", set(Country)),
        ("AMBER", COMMISSION_ML, {Country.ML}),
        ("AMBER", "/ne/inconnu", {Country.ML}),
        ("AMBER", None, {Country.ML}),
        ("AMBER+STRICT", COMMISSION_BF, {Country.ML, Country.BF}),
        ("RED", COMMISSION_BF, {Country.ML, Country.BF}),
    ],
)
def test_which_feeds_carry_it(tlp: str, audience: str | None, origins: set[Country]) -> None:
    assert origins_entitled(registry(), event(tlp=tlp, audience=audience)) == origins


@pytest.mark.parametrize(("tlp", "audience"), list(product(TLP, [None, COMMISSION_BF, f"{COMMISSION_BF} {BUREAU}"])))
def test_a_feed_carries_exactly_what_some_body_of_its_origin_may_read(tlp: str, audience: str | None) -> None:
    """A body that may read finds it in its country's feed; a feed that no body of it may read does not carry it."""
    known, said = registry(), event(tlp=tlp, audience=audience)
    readers = {body.country for body in known.bodies if may_read(Reader(body.source), said.source, tlp, audience)}
    assert origins_entitled(known, said) == readers


def say(row: dict[str, Any], **said: Any) -> str | None:
    """The code with which this key's owner is refused, or nothing."""
    known = registry(keys=[key_row(SOURCE) | row])
    refusal = may_say(known, known.keys[0], event(**said))
    return refusal and refusal[0]


@pytest.mark.parametrize(("most", "tlp"), list(product(TLP, TLP)))
def test_how_secret_a_key_may_speak(most: str, tlp: str) -> None:
    """Not above its own limit; in the open nobody above AMBER, for that must be sealed."""
    wanted = "refused.policy.tlp" if TLP.index(tlp) > TLP.index(most) else None
    wanted = "refused.tlp.unsealed" if tlp in {"AMBER+STRICT", "RED"} else wanted
    assert say({"tlp_max": most}, tlp=tlp, audience=COMMISSION_BF) == wanted


@pytest.mark.parametrize("kind", NOTICE_KINDS)
def test_a_type_needs_its_right(kind: str) -> None:
    profile = next(iter(catalogue()[kind].profiles))
    assert say({"rights": [f"{kind}:*"]}, kind=kind) is None
    assert say({"rights": [f"{kind}:{profile}"]}, kind=kind) is None
    assert say({"rights": [f"{kind}:autre"]}, kind=kind) == "refused.policy.type"
    assert (
        say({"rights": [f"{other}:*" for other in NOTICE_KINDS if other != kind]}, kind=kind) == "refused.policy.type"
    )
    assert say({"rights": []}, kind=kind) == "refused.policy.type"


@pytest.mark.parametrize("kind", [kind for kind in SYSTEM_KINDS if kind not in RESERVED_KINDS])
def test_system_notices_need_no_right(kind: str) -> None:
    """Whoever may speak at all may acknowledge, correct, withdraw, and say that they are there."""
    assert say({"rights": []}, kind=kind) is None


@pytest.mark.parametrize("kind", RESERVED_KINDS)
def test_what_the_archive_finds_only_its_key_may_say(kind: str) -> None:
    """No other body can have a notice of another's called contested, or say that it fell silent."""
    assert say({"rights": [f"{other}:*" for other in NOTICE_KINDS]}, kind=kind) == "refused.policy.type"
    assert say({"rights": [f"{kind}:*"]}, kind=kind) is None


@pytest.mark.parametrize(
    ("tlp", "audience", "code"),
    [
        ("CLEAR", None, None),
        ("GREEN", COMMISSION_BF, None),
        ("AMBER", COMMISSION_BF, None),
        ("AMBER", None, "refused.policy.audience"),
        ("AMBER", f"{COMMISSION_BF} /ne/inconnu", "refused.policy.audience"),
        ("GREEN", "/ne/inconnu", "refused.policy.audience"),
    ],
)
def test_an_audience_is_enrolled_and_named_above_green(tlp: str, audience: str | None, code: str | None) -> None:
    assert say({}, tlp=tlp, audience=audience) == code


T0 = datetime(2026, 1, 1, tzinfo=UTC)
T1 = T0 + timedelta(days=100)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("row", "at", "code"),
    [
        ({}, T0 - SECOND, "refused.key.expired"),
        ({}, T0, None),
        ({"not_after": T1}, T1 - SECOND, None),
        ({"not_after": T1}, T1, "refused.key.expired"),
        ({"not_after": T1}, T1 + SECOND, "refused.key.expired"),
        ({"state": "suspended"}, T0 - SECOND, "refused.key.suspended"),
        ({"state": "suspended"}, T0, "refused.key.suspended"),
        ({"state": "compromised", "compromised_since": T1}, T1 - SECOND, None),
        ({"state": "compromised", "compromised_since": T1}, T1, "refused.key.compromised"),
        ({"state": "compromised", "compromised_since": T1}, T1 + SECOND, "refused.key.compromised"),
        ({"state": "compromised"}, T0, "refused.key.compromised"),
        ({"compromised_since": T1}, T1, "refused.key.compromised"),
        ({"state": "retired", "retired_at": T1}, T1, None),
        ({"state": "retired", "retired_at": T1}, T1 + RETIRED_GRACE - SECOND, None),
        ({"state": "retired", "retired_at": T1}, T1 + RETIRED_GRACE, "refused.key.retired"),
        ({"state": "retired"}, T0, "refused.key.retired"),
        ({"retired_at": T0, "compromised_since": T1}, T1, "refused.key.compromised"),
        ({"retired_at": T1, "not_after": T1}, T1, "refused.key.expired"),
    ],
)
def test_when_a_key_counts(row: dict[str, Any], at: datetime, code: str | None) -> None:
    """The instant before, at and after each change: a retired key is taken 35 days longer, a compromised one not."""
    found = KeyRow.model_validate(key_row(SOURCE, not_before=T0) | row)
    assert key_state(found, at) == code


def test_the_grace_of_a_retired_key_is_what_the_design_promises() -> None:
    assert timedelta(days=35) == RETIRED_GRACE
    assert key_of(SOURCE).keyid != key_of(SOURCE, 1).keyid
