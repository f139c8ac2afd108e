"""Enrolling the demo before its sites start: keys, registry rows, one token a body.

Keys of the ordinary kind are made by the registry's office and live encrypted on the sites' nodes. A few more are kept
here, in the demo's own folder: one body signs elsewhere, others have lost a key to time; the mischief uses them.
Everything follows from the plan, so a restart enrols the same rows and the registry's version does not move.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tamani.core.errors import RefusedError
from tamani.core.registry import Body, Decision, KeyRow, Names, Recipient
from tamani.core.trust.statements import Approval, possession
from tamani.embedded.demo.bodies import BODIES, DemoBody, body_of
from tamani.embedded.demo.keys import OWN_KEYS, own_key
from tamani.embedded.demo.plan import Plan
from tamani.embedded.enrol import Office
from tamani.embedded.layout import Layout
from tamani.embedded.secrets import write_private
from tamani.runtime.tokens import TokenStore

BEFORE: Final = timedelta(days=400)
WHY: Final = {
    "suspended": "Démo : clé suspendue le temps d'une vérification",
    "compromised": "Démo : téléphone volé au marché",
}
OVER: Final = timedelta(days=60)  # longer ago than a retired key is still taken


def enrol_demo(layout: Layout, office: Office, plan: Plan) -> None:
    """Make what is missing of keys, rows and tokens. Call it before the sites open their keystores."""
    since = plan.started - BEFORE
    bodies = [body_row(body, since) for body in BODIES]
    files = {body.source: office.ensure_key(body.country, body.source) for body in BODIES}
    keys = [key_row(b, files[b.source].public, files[b.source].keyid, not_before=since) for b in BODIES]
    known = office.current
    proofs = {file.keyid: office.proof_of(file) for file in files.values() if known.key(file.keyid) is None}
    proofs |= own_proofs(layout)
    readers = [_reading_key(office, body, since) for body in BODIES]
    office.enrol(bodies, [*keys, *own_rows(layout, plan)], readers, demo=True, proofs=proofs)
    for body in BODIES:
        token_of(layout, body)


def body_row(body: DemoBody, since: datetime) -> Body:
    """The registry's row of a body."""
    return Body(source=body.source, kind=body.kind, names=Names(fr=body.fr, en=body.en), valid_from=since)


def _reading_key(office: Office, body: DemoBody, since: datetime) -> Recipient:
    file = office.ensure_identity(body.country, body.source)
    return Recipient(body=body.source, recipient=file.recipient, not_before=since)


def own_rows(layout: Layout, plan: Plan) -> Iterable[KeyRow]:
    """The rows of the keys that bodies keep off the nodes."""
    over = plan.started - OVER
    ends: dict[str, dict[str, Any]] = {
        "active": {},
        "suspended": {},
        "retired": {"retired_at": over},
        "compromised": {"compromised_since": over},
    }
    for own in OWN_KEYS:
        key = own_key(layout, own.name)
        decision = Decision(version=1, at=plan.started, reason=WHY.get(own.state, ""))
        more = {"state": own.state, "not_before": plan.started - BEFORE, "decision": decision} | ends[own.state]
        yield key_row(body_of(own.body), key.public, key.keyid, **more)


def own_proofs(layout: Layout) -> dict[str, Approval]:
    """Those keys' own wish to be enrolled."""
    found = [(own.body, own_key(layout, own.name)) for own in OWN_KEYS]
    return {key.keyid: possession(body, key.keyid).sign(key) for body, key in found}


def key_row(body: DemoBody, public: bytes, keyid: str, **more: Any) -> KeyRow:
    """A key with the rights and the ceiling of its body's kind."""
    return KeyRow(
        keyid=keyid,
        public=public.hex(),
        body=body.source,
        node=body.country.value,
        rights=body.rights,
        tlp_max=body.ceiling,
        **more,
    )


def token_file(layout: Layout, body: DemoBody) -> Path:
    """Where a visitor of the demo finds the token of a body (and nowhere else)."""
    return layout.site(body.country) / "tokens" / f"{body.slug}.token"


def token_of(layout: Layout, body: DemoBody) -> str:
    """The token of a body, for what two people have seen; a new one if that is gone, revoked or of an older kind."""
    store = TokenStore(layout.site(body.country) / "tokens.sqlite")
    path = token_file(layout, body)
    if path.exists():
        token = path.read_text("ascii").strip()
        if _vouches(store, token):
            return token
        path.unlink()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = store.issue(body.source, "validated", "démo")
    write_private(path, f"{token}\n".encode("ascii"))
    return token


def _vouches(store: TokenStore, token: str) -> bool:
    try:
        return store.find(token).vouches
    except RefusedError:
        return False
