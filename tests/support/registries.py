"""A whole registry office for tests: roots and officers of three countries with fixed keys, and bundles signed by them.

A value made in one process is verified in another. Every row is signed by the officers named (all three, unless a test
says otherwise); each version decides all its rows anew, so that a test may change any of them.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from tamani.core.names import Country
from tamani.core.registry import Decision, Moment, Registry
from tamani.core.signing import SigningKey
from tamani.core.trust import suspensions
from tamani.core.trust.bundle import Bundle
from tamani.core.trust.chain import STATES, Charter
from tamani.core.trust.metadata import fingerprint, to_text
from tamani.core.trust.standing import Holder, Office
from tamani.core.trust.statements import Approval, merged, possession
from tamani.core.trust.writing import (
    Draft,
    approve,
    make_draft,
    make_root,
    make_suspensions,
    publish,
    rows_of,
    sign,
    sign_draft,
)
from tests.support.keys import key_of

COUNTRIES = tuple(sorted(STATES))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# When files are signed: so far off that no page of any test has a reminder to show.
SIGNED = datetime(2099, 1, 1, tzinfo=UTC)
SINCE = datetime(2025, 1, 1, tzinfo=UTC)


def office_key(office: Office, country: Country = Country.RG, number: int = 0) -> SigningKey:
    """The fixed key of an office of the registry's own."""
    return key_of(f"{office} of {country}", number)


def holder(office: Office, country: Country = Country.RG, number: int = 0) -> Holder:
    """Who holds it."""
    key = office_key(office, country, number)
    return Holder(keyid=key.keyid, public=key.public.hex(), country=country, office=office)


def seats(*more: Holder) -> list[Holder]:
    """A root and an officer for each country, and a publisher."""
    offices: tuple[Office, ...] = ("root", "officer")
    return [*(holder(office, country) for office in offices for country in COUNTRIES), holder("online"), *more]


OFFICERS = tuple(office_key("officer", country) for country in COUNTRIES)
ONLINE = office_key("online")
CHARTER = Charter(genesis=1, delay_seconds=0)


@cache
def first_root(delay_seconds: int = 0) -> tuple[str, str]:
    """The first root and its fingerprint."""
    charter = CHARTER.model_copy(update={"delay_seconds": delay_seconds})
    root = make_root(seats(), charter, 1, SIGNED)
    sign(root, *(office_key("root", country) for country in COUNTRIES))
    return to_text(root), fingerprint(root)


TRUSTED = (first_root()[1],)


def decided(document: Registry, at: datetime = NOW) -> Registry:
    """The document with each row enrolled long ago and decided by this version, if it does not say otherwise."""
    moment, decision = Moment(version=1, at=SINCE), Decision(version=document.version, at=at, reason="essai")
    bodies = tuple(b if b.decision else b.model_copy(update={"decision": decision}) for b in document.bodies)
    keys = []
    for row in document.keys:
        changes: dict[str, Any] = {} if row.enrolled else {"enrolled": moment}
        keys.append(row.model_copy(update=changes | ({} if row.decision else {"decision": decision})))
    reading = tuple(r if r.decision else r.model_copy(update={"decision": decision}) for r in document.recipients)
    rows = {"bodies": bodies, "recipients": reading, "keys": tuple(keys), "issued": max(document.issued, at)}
    return Registry(**{name: getattr(document, name) for name in Registry.model_fields} | rows)


def draft_of(
    document: Registry,
    *,
    officers: Iterable[SigningKey] = OFFICERS,
    signatures: Mapping[str, tuple[Approval, ...]] | None = None,
    roots: tuple[str, ...] = (),
    held: Iterable[Holder] | None = None,
    before: Bundle | None = None,
    now: datetime = SIGNED,
) -> Draft:
    """A draft of exactly this document, signed by these officers."""
    in_office = [h for h in (held or seats()) if h.office in {"officer", "deputy"}]
    roots = roots or (first_root()[0],)
    draft = make_draft(roots, document, signatures or {}, in_office, now, before=before)
    for key in officers:
        draft = sign_draft(draft, key, officer=True, rows=rows_of(document))
    return draft


def bundle_of(document: Registry, *, version: int | None = None, listed: Iterable[Any] = (), **more: Any) -> Bundle:
    """The bundle of exactly this document."""
    draft = draft_of(document, **more)
    if listed := tuple(listed):
        text = suspensions.encode(listed)
        file = sign(make_suspensions(text, 2, SIGNED), OFFICERS[0])
        draft = Draft(draft.roots, draft.targets, to_text(file), draft.registry, text, draft.signatures)
    return publish(draft, ONLINE, more.get("now", SIGNED), more.get("before"), version or document.version)


def value_of(document: Registry, **more: Any) -> bytes:
    """What lies on the topic for this registry."""
    return bundle_of(decided(document), **more).encode()


def proof(source: str, key: SigningKey) -> dict[str, tuple[Approval, ...]]:
    """A key's own wish to be enrolled."""
    statement = possession(source, key.keyid)
    return {statement.digest: (statement.sign(key),)}


__all__ = ["approve", "bundle_of", "decided", "draft_of", "holder", "merged", "office_key", "proof", "value_of"]
