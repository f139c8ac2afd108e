"""The ceremony of a registry in one folder: begin, propose, sign, suspend, publish. The command line only speaks.

Officers in three countries pass the folder on (by mail, on a key); each step writes one file whole, and none holds a
secret. What is published was opened first as a site would open it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from tamani.core.errors import RefusedError
from tamani.core.registry import Body, Decision, KeyRow, Node, Recipient, Registry, Row
from tamani.core.signing import SigningKey
from tamani.core.trust import suspensions
from tamani.core.trust.bundle import Bundle
from tamani.core.trust.chain import CHARTER, OFFICES, Charter
from tamani.core.trust.metadata import fingerprint, holders_of, read_metadata, to_text
from tamani.core.trust.opening import read_signatures
from tamani.core.trust.proposal import Proposal
from tamani.core.trust.revising import begun, revised
from tamani.core.trust.standing import Holder
from tamani.core.trust.statements import Signatures, merged
from tamani.core.trust.tuf import Root, Targets
from tamani.core.trust.writing import (
    Draft,
    first_draft,
    make_draft,
    make_root,
    make_suspensions,
    publish,
    refresh,
    sign,
)
from tamani.runtime.registry_folder import RegistryFolder, write_whole

R = TypeVar("R", Body, KeyRow, Recipient)


@dataclass(frozen=True, slots=True)
class Change:
    """What is proposed: rows (their `decision` holds the reason), nodes, holders of office, signatures given along, the
    text of a policy of the log.
    """

    bodies: tuple[Body, ...] = ()
    keys: tuple[KeyRow, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    nodes: tuple[Node, ...] = ()
    holders: tuple[Holder, ...] = ()
    signatures: Signatures = field(default_factory=dict)
    log_policy: str | None = None


class Ceremony:
    """One registry's folder at work."""

    def __init__(self, folder: RegistryFolder) -> None:
        self.folder = folder

    def begin(self, holders: Iterable[Holder], document: Registry, now: datetime, delay_seconds: int) -> Proposal:
        """A first root and document, to be signed.

        Raises:
            RefusedError: `refused.registry.proposal`, there is a registry here.
        """
        if self.folder.value is not None:
            raise RefusedError("refused.registry.proposal", str(self.folder.path))
        self.folder.put_draft(first_draft(holders, begun(document, now), now, delay_seconds))
        return self.proposal()

    def proposal(self) -> Proposal:
        """What waits.

        Raises:
            RefusedError: `refused.registry.proposal`, nothing does.
        """
        draft = self.folder.draft
        if draft is None:
            raise RefusedError("refused.registry.proposal", str(self.folder.folder))
        return Proposal(draft, self.folder.opened())

    def published(self) -> tuple[Registry, Bundle]:
        """The registry in force.

        Raises:
            RefusedError: `refused.registry.proposal`, there is none yet.
        """
        found, bundle = self.folder.opened(), self.folder.bundle
        if found is None or bundle is None:
            raise RefusedError("refused.registry.proposal", str(self.folder.folder))
        return found, bundle

    def propose(self, change: Change, now: datetime) -> Proposal:
        """Add a change to what waits; officers sign anew, since the document is another.

        Raises:
            RefusedError: `refused.registry.proposal`, it changes nothing; or the document would not be sound.
        """
        found, bundle = self.published()
        document, waiting = found.as_signed or found, self.folder.draft
        earlier = Proposal(waiting).decided if waiting else []
        roots = self._roots(waiting.roots if waiting else bundle.roots, bundle, change.holders, now)
        after = revised(
            document,
            [*_of(Body, earlier), *change.bodies],
            [*_of(KeyRow, earlier), *change.keys],
            now,
            recipients=[*_of(Recipient, earlier), *change.recipients],
            nodes=[*(Proposal(waiting).document.nodes if waiting else ()), *change.nodes],
            demo=document.demo,
            anyway=len(roots) > len(bundle.roots),
            log_policy=change.log_policy or (_newest_policy(Proposal(waiting).document) if waiting else None),
        )
        if after is None:
            raise RefusedError("refused.registry.proposal", "–")
        given = merged(read_signatures(bundle.signatures), waiting.signatures if waiting else {}, change.signatures)
        officers = [held for held in _holders(roots[-1]) if held.office in OFFICES["targets"]]
        self.folder.put_draft(make_draft(roots, after, given, officers, now, before=bundle))
        return self.proposal()

    def _roots(self, roots: tuple[str, ...], bundle: Bundle, new: tuple[Holder, ...], now: datetime) -> tuple[str, ...]:
        """The line of roots, with a next one (or the one that waits, made again) in which these hold their office."""
        if not new:
            return roots
        seats = {(held.office, held.country): held for held in (*_holders(roots[-1]), *new)}
        last = read_metadata(bundle.roots[-1], Root)
        charter = Charter.model_validate(last.signed.unrecognized_fields.get(CHARTER))
        charter = charter.model_copy(update={"previous": fingerprint(last)})
        return (*bundle.roots, to_text(make_root(seats.values(), charter, len(bundle.roots) + 1, now)))

    def sign(self, key: SigningKey) -> Proposal:
        """Sign what this key has a part in.

        Raises:
            RefusedError: `refused.registry.proposal`.
        """
        signed = self.proposal().signed(key)
        self.folder.put_draft(signed.draft)
        return signed

    def suspend(self, keyid: str, reason: str, officer: SigningKey, now: datetime) -> None:
        """One officer's suspension of a key, a body's or an officer's; it counts as soon as it is published.

        A suspended officer's key orders no erasure any more; under rows of the registry it counts as before.

        Raises:
            RefusedError: `refused.registry.proposal` (no such key, not an officer), `refused.registry.reason`.
        """
        found, bundle = self.published()
        held = found.standing.holder(officer.keyid) if found.standing else None
        named = found.key(keyid) or (found.standing.holder(keyid) if found.standing else None)
        if named is None or held is None or held.office not in suspensions.MAY:
            raise RefusedError("refused.registry.proposal", keyid[:16])
        if not reason.strip():
            raise RefusedError("refused.registry.reason", keyid[:16])
        file, text = self._suspending() or (bundle.suspensions, bundle.suspended)
        listed = (*suspensions.decode(text), suspensions.suspend(keyid, now, reason, officer))
        version = read_metadata(bundle.suspensions, Targets).signed.version + 1
        fresh = suspensions.encode(listed)
        file = to_text(sign(make_suspensions(fresh, version, now), officer))
        write_whole(self._waiting, json.dumps({"suspensions": file, "suspended": fresh}).encode())

    @property
    def _waiting(self) -> Path:
        return self.folder.folder / "suspending.json"

    def _suspending(self) -> tuple[str, str] | None:
        if not self._waiting.exists():
            return None
        fields = json.loads(self._waiting.read_bytes())
        return fields["suspensions"], fields["suspended"]

    def publish(self, online: SigningKey, now: datetime) -> Registry:
        """Publish what is complete: the suspension that waits, the draft; with nothing new, say so afresh.

        Raises:
            RefusedError: what the draft lacks, if it is all that waits; or why a site would refuse it.
        """
        bundle, suspending, draft = self.folder.bundle, self._suspending(), self.folder.draft
        lacks = Proposal(draft, self.folder.opened()).lacks() if draft else []
        if lacks and suspending is None:
            raise lacks[0]
        ready = draft if draft is not None and not lacks else None
        base = ready or (_as_draft(bundle) if bundle else None)
        if base is None:
            raise RefusedError("refused.registry.proposal", str(self.folder.folder))
        if suspending is None and ready is None and bundle is not None:
            return self.folder.put(refresh(bundle, online, now))
        if bundle is not None and base.suspended != bundle.suspended:
            base = replace(base, suspensions=bundle.suspensions, suspended=bundle.suspended)
        if suspending is not None:
            base = replace(base, suspensions=suspending[0], suspended=suspending[1])
        last = self.folder.opened()
        version = last.version + 1 if last else read_metadata(base.targets, Targets).signed.version
        found = self.folder.put(publish(base, online, now, bundle, version))
        self._waiting.unlink(missing_ok=True)
        if ready is not None:
            self.folder.drop_draft()
        return found


def because(row: R, reason: str, now: datetime) -> R:
    """The row with the reason of the decision about it; when and in which version is set as it is proposed."""
    return row.model_copy(update={"decision": Decision(version=1, at=now, reason=reason)})


def _of(kind: type[R], rows: Iterable[Row]) -> list[R]:
    return [row for row in rows if isinstance(row, kind)]


def _newest_policy(document: Registry) -> str | None:
    return document.log_policies[-1].text if document.log_policies else None


def _holders(root: str) -> list[Holder]:
    return list(holders_of(read_metadata(root, Root).signed).values())


def _as_draft(bundle: Bundle) -> Draft:
    """What is in force, to be published again with another file of suspensions."""
    return Draft(
        bundle.roots,
        bundle.targets,
        bundle.suspensions,
        bundle.registry,
        bundle.suspended,
        read_signatures(bundle.signatures),
    )
