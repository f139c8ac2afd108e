"""The rules above TUF, one by one: each breach is signed by all officers as files go, and refused with its code."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.core.recipients import Identity
from tamani.core.registry import Body, Decision, KeyRow, Moment, Recipient, Registry
from tamani.core.signing import SigningKey
from tamani.core.trust.metadata import to_text
from tamani.core.trust.opening import open_registry
from tamani.core.trust.statements import Signatures, enrolment, merged, possession, reply, row_statement, succession
from tamani.core.trust.writing import LIFE, make_targets, publish, sign
from tests.support.notices import (
    BUREAU,
    COMMISSION_BF,
    COMMISSION_ML,
    COMMISSION_NE,
    PLATFORM,
    TRUSTED,
    body_row,
    key_of,
    key_row,
)
from tests.support.registries import COUNTRIES, ONLINE, SIGNED, SINCE, draft_of, first_root, office_key, proof, seats

BF, ML, NE = COUNTRIES
DAY = timedelta(days=1)
AT = datetime(2026, 6, 1, tzinfo=UTC)
OFFICER = {country: office_key("officer", country) for country in COUNTRIES}
DELAYED = first_root(86_400)


def decision(version: int = 2, reason: str = "", at: datetime = AT) -> Decision:
    return Decision(version=version, at=at, reason=reason)


def body(source: str, **changes: Any) -> Body:
    return Body.model_validate(body_row(source) | {"decision": decision()} | changes)


def key(source: str, number: int = 0, **changes: Any) -> KeyRow:
    """A key enrolled in version 2, that waits its day."""
    fresh = {"enrolled": Moment(version=2, at=AT), "decision": decision(), "not_before": AT + DAY}
    return KeyRow.model_validate(key_row(source, number) | fresh | changes)


def signed(*rows: Any, by: Iterable[Country] = COUNTRIES, keys: Iterable[SigningKey] = ()) -> Signatures:
    """These rows, signed by these officers and other keys; each key's own wish is there too."""
    signers = [*(OFFICER[country] for country in by), *keys]
    parts: list[Signatures] = [{(s := row_statement(row)).digest: tuple(s.sign(k) for k in signers)} for row in rows]
    return merged(*parts)


def opened(*rows: Any, signatures: Signatures, issued: datetime = AT) -> Registry:
    """A registry of these rows alone; what is not signed in `signatures` is signed by nobody."""
    document = Registry(
        version=2,
        issued=issued,
        bodies=tuple(row for row in rows if isinstance(row, Body)),
        keys=tuple(row for row in rows if isinstance(row, KeyRow)),
        recipients=tuple(row for row in rows if isinstance(row, Recipient)),
    )
    wishes = [proof(row.body, key_of(row.body, n)) for row in document.keys for n in range(3) if _is(row, n)]
    # The officers sign the file, but approve no row by that.
    draft = draft_of(Registry(version=2, issued=AT), roots=(DELAYED[0],), signatures=merged(signatures, *wishes))
    text = document.model_dump_json()
    officers = [held for held in seats() if held.office == "officer"]
    targets = sign(make_targets(text, 2, officers, SIGNED), *OFFICER.values())
    whole = replace(draft, registry=text, targets=to_text(targets))
    return open_registry(publish(whole, ONLINE, SIGNED, None, 2).encode(), (DELAYED[1],))


def _is(row: KeyRow, number: int) -> bool:
    return row.keyid == key_of(row.body, number).keyid


def refusal(*rows: Any, signatures: Signatures) -> str:
    with pytest.raises(RefusedError) as caught:
        opened(*rows, signatures=signatures)
    return caught.value.code.name


# ---- who decides


@pytest.mark.parametrize(
    ("source", "by", "code"),
    [
        (COMMISSION_ML, (ML, BF), None),
        (COMMISSION_ML, (ML, NE), None),
        (COMMISSION_ML, (BF, NE), "refused.registry.officers"),
        (COMMISSION_ML, (ML,), "refused.registry.officers"),
        (COMMISSION_ML, (), "refused.registry.officers"),
        (BUREAU, (BF, NE), None),
        (BUREAU, (BF,), "refused.registry.officers"),
    ],
)
def test_a_row_needs_two_countries_and_its_own(source: str, by: tuple[Country, ...], code: str | None) -> None:
    """Bodies, keys and reading keys alike; regional bodies are of no country: any two will do."""
    reading = Recipient(body=source, recipient=Identity.generate().recipient, not_before=SINCE, decision=decision())
    rows = (body(source), key(source), reading)
    everybody = signed(*rows)
    for row in rows:
        others = signed(*(other for other in rows if other is not row))
        signatures = merged(others, signed(row, by=by))
        if code is None:
            found = opened(*rows, signatures=signatures)
            assert found.keys[0].decision is not None
        else:
            assert refusal(*rows, signatures=signatures) == code
    assert opened(*rows, signatures=everybody).body(source) is not None


def test_a_signature_under_other_words_counts_for_nothing() -> None:
    rows = (body(COMMISSION_ML), key(COMMISSION_ML))
    other = key(COMMISSION_ML, tlp_max="CLEAR")
    assert refusal(*rows, signatures=signed(rows[0], other)) == "refused.registry.officers"


def test_a_signature_of_another_kind_counts_for_nothing() -> None:
    """An officer who signed a body's row has not signed a key's, nor the file's signature a row's."""
    rows = (body(COMMISSION_ML), key(COMMISSION_ML))
    statement = row_statement(rows[0])
    under = {row_statement(rows[1]).digest: tuple(statement.sign(k) for k in OFFICER.values())}
    assert refusal(*rows, signatures=merged(signed(rows[0]), under)) == "refused.registry.officers"


@pytest.mark.parametrize("row", [body(COMMISSION_ML, decision=None), key(COMMISSION_ML, decision=None)])
def test_a_row_that_nobody_decided_is_refused(row: Body | KeyRow) -> None:
    rest = [body(COMMISSION_ML)] if isinstance(row, KeyRow) else []
    assert refusal(*rest, row, signatures=signed(*rest, row)) == "refused.registry"


@pytest.mark.parametrize(
    "made", [decision(version=3), decision(at=AT + DAY), decision().model_copy(update={"by": ("x",)})]
)
def test_a_decision_from_the_future_or_with_its_own_witnesses_is_refused(made: Decision) -> None:
    row = body(COMMISSION_ML, decision=made)
    assert refusal(row, signatures=signed(row)) == "refused.registry"


# ---- delegated enrolment

COURT = "/ml/tribunal-gao"


def ministry(**changes: Any) -> tuple[Body, KeyRow]:
    """A ministry that may enrol courts, taken over at the beginning."""
    old: dict[str, Any] = {"enrolled": Moment(version=1, at=SINCE), "not_before": SINCE}
    return body(COMMISSION_ML, enrols="/ml/tribunal-"), key(COMMISSION_ML, **(old | changes))


def test_a_ministry_enrols_under_its_own_prefix_alone() -> None:
    above = ministry()
    court = (body(COURT), key(COURT))
    by_it = signed(*court, by=(), keys=(key_of(COMMISSION_ML),))
    assert opened(*above, *court, signatures=merged(signed(*above), by_it)).key(court[1].keyid) is not None
    other = (body("/ml/greffe-gao"), key("/ml/greffe-gao"))
    outside = signed(*other, by=(), keys=(key_of(COMMISSION_ML),))
    assert refusal(*above, *other, signatures=merged(signed(*above), outside)) == "refused.registry.prefix"


@pytest.mark.parametrize(
    ("above", "court"),
    [
        ({}, (body(COURT, enrols="/ml/tribunal-"), key(COURT))),
        ({"rights": ("law.item:*",)}, (body(COURT), key(COURT, rights=("monitor.alert:*",)))),
        ({"state": "retired", "retired_at": SINCE}, (body(COURT), key(COURT))),
        ({}, (body(COURT), key(COURT, state="compromised", compromised_since=AT, decision=decision(reason="x")))),
    ],
    ids=["a prefix handed on", "more rights than its own", "a key of long ago", "a compromise"],
)
def test_a_ministry_gives_no_more_than_it_has(above: dict[str, Any], court: tuple[Body, KeyRow]) -> None:
    rows = ministry(**above)
    by_it = signed(*court, by=(), keys=(key_of(COMMISSION_ML),))
    assert refusal(*rows, *court, signatures=merged(signed(*rows), by_it)) == "refused.registry.prefix"


def test_a_ministry_does_not_decide_about_itself() -> None:
    """Its own rows need officers."""
    above = (body(COURT, enrols="/ml/tribunal-"), key(COURT, enrolled=Moment(version=1, at=SINCE), not_before=SINCE))
    mine = signed(*above, by=(), keys=(key_of(COURT),))
    assert refusal(*above, signatures=mine) == "refused.registry.prefix"


# ---- how a key comes in


def test_a_key_proves_that_somebody_holds_it() -> None:
    row = key(COMMISSION_ML, 5)
    rows = (body(COMMISSION_ML), row)
    assert refusal(*rows, signatures=signed(*rows)) == "refused.registry.possession"
    other = possession(COMMISSION_BF, row.keyid)
    wrong = {other.digest: (other.sign(key_of(COMMISSION_ML, 5)),)}
    assert refusal(*rows, signatures=merged(signed(*rows), wrong)) == "refused.registry.possession"
    right = proof(COMMISSION_ML, key_of(COMMISSION_ML, 5))
    assert opened(*rows, signatures=merged(signed(*rows), right)).key(row.keyid) is not None


@pytest.mark.parametrize(
    ("wait", "code"),
    [(DAY, None), (DAY - timedelta(seconds=1), "refused.registry.delay"), (-DAY, "refused.registry.delay")],
)
def test_a_new_key_waits_a_day(wait: timedelta, code: str | None) -> None:
    rows = (body(COMMISSION_ML), key(COMMISSION_ML, not_before=AT + wait))
    if code:
        assert refusal(*rows, signatures=signed(*rows)) == code
    else:
        assert opened(*rows, signatures=signed(*rows)).keys[0].not_before == AT + wait


OLD: dict[str, Any] = {"enrolled": Moment(version=1, at=SINCE), "not_before": SINCE}


def rotation(**old: Any) -> tuple[tuple[Any, ...], Signatures]:
    """A key that takes effect at once, and the one before it."""
    new = key(COMMISSION_ML, 1, not_before=AT)
    before = key(COMMISSION_ML, **(OLD | {"superseded_by": new.keyid} | old))
    return (body(COMMISSION_ML), before, new), succession_of(COMMISSION_ML, 0, new.keyid)


def succession_of(source: str, number: int, new: str) -> Signatures:
    old = key_of(source, number)
    statement = succession(source, old.keyid, new)
    return {statement.digest: (statement.sign(old),)}


@pytest.mark.parametrize("old", [{}, {"state": "retired", "retired_at": AT}], ids=["with overlap", "in its place"])
def test_a_successor_that_the_old_key_signed_need_not_wait(old: dict[str, Any]) -> None:
    rows, vouched = rotation(**old)
    assert opened(*rows, signatures=merged(signed(*rows), vouched)).keys[1].not_before == AT
    assert refusal(*rows, signatures=signed(*rows)) == "refused.registry.delay"


@pytest.mark.parametrize(
    "old",
    [
        {"superseded_by": None},
        {"state": "suspended", "decision": decision(reason="x")},
        {"state": "compromised", "compromised_since": AT - DAY, "decision": decision(reason="x")},
        {"not_after": AT - DAY},
    ],
    ids=["unnamed", "suspended", "compromised", "expired"],
)
def test_a_key_that_did_not_count_names_no_successor(old: dict[str, Any]) -> None:
    """A thief could vouch for himself otherwise."""
    rows, vouched = rotation(**old)
    assert refusal(*rows, signatures=merged(signed(*rows), vouched)) == "refused.registry.delay"


def test_a_root_past_its_date_stops_new_keys_and_nothing_else() -> None:
    after = SIGNED + LIFE + DAY
    moment, late = Moment(version=2, at=after), decision(at=after)
    row = key(COMMISSION_ML, enrolled=moment, decision=late, not_before=after + DAY)
    old = key(COMMISSION_BF, **OLD, decision=late, tlp_max="CLEAR")
    bodies = (body(COMMISSION_ML), body(COMMISSION_BF))
    assert opened(*bodies, old, signatures=signed(*bodies, old), issued=after).keys == (old_as(old),)
    with pytest.raises(RefusedError) as caught:
        opened(*bodies, row, signatures=signed(*bodies, row), issued=after)
    assert caught.value.code.name == "refused.registry.expired"


def old_as(row: KeyRow) -> KeyRow:
    """As it is opened: with those who decided it."""
    by = tuple(sorted(officer.keyid for officer in OFFICER.values()))
    return row.model_copy(update={"decision": row.decision and row.decision.model_copy(update={"by": by})})


@pytest.mark.parametrize(
    "moment", [None, Moment(version=3, at=AT), Moment(version=2, at=AT + DAY)], ids=["none", "version", "time"]
)
def test_a_key_says_when_it_came_in(moment: Moment | None) -> None:
    rows = (body(COMMISSION_ML), key(COMMISSION_ML, enrolled=moment))
    assert refusal(*rows, signatures=signed(*rows)) == "refused.registry"


def test_the_platform_signs_for_a_key_on_a_node_of_observatories() -> None:
    observatory = "/ml/observatoire-paix"
    platform = (body(PLATFORM, kind="platform"), key(PLATFORM, **OLD))
    rows = (body(observatory), key(observatory, node="ml-osc"), *platform)
    statement = enrolment(rows[1])
    assert refusal(*rows, signatures=signed(*rows)) == "refused.registry.platform"
    by_another = {statement.digest: (statement.sign(OFFICER[ML]), statement.sign(key_of(observatory)))}
    assert refusal(*rows, signatures=merged(signed(*rows), by_another)) == "refused.registry.platform"
    by_platform = {statement.digest: (statement.sign(key_of(PLATFORM)),)}
    assert opened(*rows, signatures=merged(signed(*rows), by_platform)).key(rows[1].keyid) is not None


# ---- what is said about a key


@pytest.mark.parametrize("reason", ["", "  "])
@pytest.mark.parametrize("state", [{"state": "suspended"}, {"state": "compromised", "compromised_since": AT}])
def test_what_silences_a_body_says_why(state: dict[str, Any], reason: str) -> None:
    rows = (body(COMMISSION_ML), key(COMMISSION_ML, **OLD, **state, decision=decision(reason=reason)))
    assert refusal(*rows, signatures=signed(*rows)) == "refused.registry.reason"


def compromised(days: float, **changes: Any) -> tuple[Body, KeyRow, KeyRow]:
    since = AT - timedelta(days=days)
    why: dict[str, Any] = {
        "state": "compromised",
        "compromised_since": since,
        "decision": decision(reason="téléphone volé"),
    }
    return body(COMMISSION_ML), key(COMMISSION_ML, **OLD, **(why | changes)), key(COMMISSION_ML, 1, **OLD)


@pytest.mark.parametrize(
    ("days", "by", "own", "code"),
    [
        (7, (ML, BF), False, None),
        (7.01, (ML, BF), False, "refused.registry.since"),
        (400, (ML, BF), False, "refused.registry.since"),
        (400, (ML, BF, NE), False, None),
        (400, (ML, BF), True, None),
    ],
)
def test_a_date_far_back_needs_the_body_or_all_three(
    days: float, by: tuple[Country, ...], own: bool, code: str | None
) -> None:
    """Two officers cannot mark a year of what an observatory said."""
    rows = compromised(days)
    marked = signed(rows[1], by=by, keys=(key_of(COMMISSION_ML, 1),) if own else ())
    signatures = merged(signed(rows[0], rows[2]), marked)
    if code:
        assert refusal(*rows, signatures=signatures) == code
    else:
        assert opened(*rows, signatures=signatures).keys[0].compromised_since == AT - timedelta(days=days)


def test_the_stolen_key_itself_dates_nothing_back() -> None:
    """Nor does another of the body that does not count."""
    rows = compromised(400)
    by_itself = signed(rows[1], by=(ML, BF), keys=(key_of(COMMISSION_ML),))
    assert refusal(*rows, signatures=merged(signed(rows[0], rows[2]), by_itself)) == "refused.registry.since"
    over = key(COMMISSION_ML, 1, **OLD, not_after=AT - DAY)
    by_over = signed(rows[1], by=(ML, BF), keys=(key_of(COMMISSION_ML, 1),))
    assert (
        refusal(rows[0], rows[1], over, signatures=merged(signed(rows[0], over), by_over)) == "refused.registry.since"
    )


def test_a_compromise_has_a_date() -> None:
    rows = compromised(1, compromised_since=None)
    assert refusal(*rows, signatures=signed(*rows)) == "refused.registry.since"


def test_signers_reason_and_reply_are_shown() -> None:
    """And the reply is the body's own: nobody puts words into its mouth."""
    rows = compromised(3, reply="Le téléphone était éteint.")
    statement = reply(rows[1])
    by_officers = {statement.digest: tuple(statement.sign(k) for k in OFFICER.values())}
    assert refusal(*rows, signatures=merged(signed(*rows), by_officers)) == "refused.registry.reply"
    by_body = {statement.digest: (statement.sign(key_of(COMMISSION_ML, 1)),)}
    found = opened(*rows, signatures=merged(signed(*rows), by_body)).keys[0]
    assert found.decision is not None
    assert found.decision.by == tuple(sorted(k.keyid for k in OFFICER.values()))
    assert (found.decision.reason, found.reply) == ("téléphone volé", "Le téléphone était éteint.")


def test_the_first_root_of_these_tests_waits_a_day() -> None:
    """Or the tests of the delay would prove nothing."""
    assert (DELAYED[1] not in TRUSTED, COMMISSION_NE[1:3]) == (True, "ne")
