"""The rules above TUF: who must have signed a row before it counts. Pure; each has its own code.

Every row is checked by itself, from the signatures beside the document: no history is needed, so an auditor years later
and a site that was away for a month judge alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from tamani.core.errors import RefusedError
from tamani.core.names import Country, country_of
from tamani.core.policy import key_state
from tamani.core.registry import Body, Decision, KeyRow, Registry, Row
from tamani.core.trust.chain import STATES
from tamani.core.trust.policies import check_policies
from tamani.core.trust.standing import Holder
from tamani.core.trust.statements import Signatures, enrolment, possession, reply, row_statement, succession

# A date further back than this marks much of what a body has said: not for two officers alone to decide.
FAR_BACK = timedelta(days=7)
OSC = "-osc"
PLATFORM = "platform"


@dataclass(frozen=True)
class Case:
    """A document with what its rows are judged by. `past`: whoever held an office in any root of the line."""

    document: Registry
    signatures: Signatures
    past: Mapping[str, Holder]
    genesis: int
    delay: timedelta
    root_expires: datetime

    @cached_property
    def publics(self) -> dict[str, bytes]:
        """Every key that may stand under a row, by keyid."""
        officers = {held.keyid: bytes.fromhex(held.public) for held in self.past.values() if held.office != "online"}
        return {row.keyid: row.public_bytes for row in self.document.keys} | officers

    def approvers(self, row: Row) -> frozenset[str]:
        """Whose signatures under a row hold."""
        return row_statement(row).signers(self.signatures, self.publics)

    def countries(self, approvers: frozenset[str]) -> frozenset[Country]:
        """The countries of the officers among them; a deputy speaks for the officer."""
        offices = {"officer", "deputy"}
        held = (self.past.get(keyid) for keyid in approvers)
        return frozenset(holder.country for holder in held if holder and holder.office in offices)


def check_rules(case: Case) -> None:
    """Every row of the document, and the log's policies that it names.

    Raises:
        RefusedError: `refused.registry.…`, `refused.key.reused`, `refused.log.policy`, `refused.log.key`.
    """
    check_policies(case.document, case.past)
    for row in case.document.rows:
        check_row(case, row)


def check_row(case: Case, row: Row) -> None:
    """One row: who decided it, and for a key how it came in and what is said of it.

    Raises:
        RefusedError: as `check_rules`.
    """
    if not isinstance(row, KeyRow):
        check_decision(case, row, row.source if isinstance(row, Body) else row.body)
        return
    check_one_role(case, row)
    decision = check_decision(case, row, row.body)
    check_reason(row, decision)
    check_since(case, row, decision)
    check_enrolment(case, row, decision)
    check_reply(case, row)


def check_decision(case: Case, row: Row, source: str) -> Decision:
    """Two officers of different countries, one of them of the body's own; or the ministry above it.

    Raises:
        RefusedError: `refused.registry.officers`, `refused.registry.prefix`, `refused.registry`.
    """
    decision = row.decision
    if decision is None or decision.by:
        raise RefusedError("refused.registry", f"decision of {source}")
    if decision.version > case.document.version or decision.at > case.document.issued:
        raise RefusedError("refused.registry", f"decision of {source} after its document")
    approvers = case.approvers(row)
    countries = case.countries(approvers)
    own = country_of(source)
    if len(countries) >= 2 and (own is Country.RG or own in countries):
        return decision
    ministries = [found for keyid in approvers if (found := _ministry(case, keyid)) is not None]
    if not ministries:
        raise RefusedError("refused.registry.officers", f"{source}: {_listed(countries)}")
    if not any(_may_enrol(case, ministry, key, row, decision) for ministry, key in ministries):
        raise RefusedError("refused.registry.prefix", source)
    return decision


def _ministry(case: Case, keyid: str) -> tuple[Body, KeyRow] | None:
    key = case.document.key(keyid)
    body = case.document.body(key.body) if key else None
    return (body, key) if key and body and body.enrols else None


def _may_enrol(case: Case, ministry: Body, key: KeyRow, row: Row, decision: Decision) -> bool:
    """Under its own prefix, with a key that counted then, and never more than it has itself."""
    source = row.source if isinstance(row, Body) else row.body
    if not source.startswith(ministry.enrols or source + "/") or source == ministry.source:
        return False
    if key_state(key, decision.at) is not None:
        return False
    if not isinstance(row, KeyRow):
        return not isinstance(row, Body) or row.enrols is None
    mine = [other for other in case.document.keys if other.body == ministry.source]
    rights = {right for other in mine for right in other.rights}
    within = all(right in rights or right.partition(":")[0] + ":*" in rights for right in row.rights)
    return within and row.compromised_since is None


def check_reason(row: KeyRow, decision: Decision) -> None:
    """What takes a body's voice away says why.

    Raises:
        RefusedError: `refused.registry.reason`.
    """
    if row.state in {"suspended", "compromised"} and not decision.reason.strip():
        raise RefusedError("refused.registry.reason", row.body)


def check_since(case: Case, row: KeyRow, decision: Decision) -> None:
    """*Compromised since* long ago needs the body itself, by another of its keys, or all three countries.

    Raises:
        RefusedError: `refused.registry.since`.
    """
    since = row.compromised_since
    if row.state == "compromised" and since is None:
        raise RefusedError("refused.registry.since", f"{row.body}: since when?")
    if since is None or since >= decision.at - FAR_BACK:
        return
    approvers = case.approvers(row)
    others = [key for key in case.document.keys if key.body == row.body and key.keyid != row.keyid]
    if any(key.keyid in approvers and key_state(key, decision.at) is None for key in others):
        return
    if case.countries(approvers) != STATES:
        raise RefusedError("refused.registry.since", f"{row.body}: {since:%Y-%m-%d}")


def check_enrolment(case: Case, row: KeyRow, decision: Decision) -> None:
    """How a key came in: by its holder's wish, on a node that may have it, after a wait, under roots in force.

    Raises:
        RefusedError: `refused.registry.possession`, `.platform`, `.delay`, `.expired`, or `refused.registry`.
    """
    enrolled = row.enrolled
    if enrolled is None or enrolled.version > decision.version or enrolled.at > decision.at:
        raise RefusedError("refused.registry", f"enrolment of {row.body}")
    if row.node.endswith(OSC):
        _check_platform(case, row)
    if enrolled.version <= case.genesis:
        return
    if row.keyid not in possession(row.body, row.keyid).signers(case.signatures, {row.keyid: row.public_bytes}):
        raise RefusedError("refused.registry.possession", row.body)
    if enrolled.at > case.root_expires:
        raise RefusedError("refused.registry.expired", row.body)
    if row.not_before < enrolled.at + case.delay and must_wait(case, row):
        raise RefusedError("refused.registry.delay", f"{row.body}: {row.not_before:%Y-%m-%dT%H:%M}")


def must_wait(case: Case, row: KeyRow) -> bool:
    """Whether a key waits: it came after the beginning, and no key before it has named it.

    A line without a delay (all its keys on one machine) asks nothing of dates.
    """
    enrolled = row.enrolled
    if enrolled is None or enrolled.version <= case.genesis or not case.delay:
        return False
    return not _vouched(case, row, enrolled.at)


def _check_platform(case: Case, row: KeyRow) -> None:
    found = enrolment(row).signers(case.signatures, case.publics)
    rows = (case.document.key(keyid) for keyid in found)
    bodies = (case.document.body(key.body) for key in rows if key)
    if not any(body.kind == PLATFORM for body in bodies if body):
        raise RefusedError("refused.registry.platform", f"{row.body}: {row.node}")


def _vouched(case: Case, row: KeyRow, at: datetime) -> bool:
    """Whether an earlier key of the body, which counted then, has signed that this one follows it."""
    for old in case.document.keys:
        if old.superseded_by == row.keyid and old.body == row.body and key_state(_before(old, at), at) is None:
            statement = succession(row.body, old.keyid, row.keyid)
            if old.keyid in statement.signers(case.signatures, case.publics):
                return True
    return False


def _before(old: KeyRow, at: datetime) -> KeyRow:
    """The old key as it stood at its successor's enrolment: it may have been retired by the same document, or since."""
    retired = old.retired_at is not None and old.retired_at >= at
    return old.model_copy(update={"state": "active", "retired_at": None}) if retired else old


def check_reply(case: Case, row: KeyRow) -> None:
    """Nobody puts words into a body's mouth.

    Raises:
        RefusedError: `refused.registry.reply`.
    """
    if not row.reply:
        return
    mine = {key.keyid: key.public_bytes for key in case.document.keys if key.body == row.body}
    if not reply(row).signers(case.signatures, mine):
        raise RefusedError("refused.registry.reply", row.body)


def check_one_role(case: Case, row: KeyRow) -> None:
    """A body's key is nobody's key of office.

    Raises:
        RefusedError: `refused.key.reused`.
    """
    if row.keyid in case.past:
        raise RefusedError("refused.key.reused", f"{row.body}: {case.past[row.keyid].office}")


def _listed(countries: frozenset[Country]) -> str:
    return ", ".join(sorted(country.value for country in countries)) or "0"
