"""A draft on its way: what it says, who has signed, what is still wanting. Pure; the rules are those of opening."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial

from tamani.core.errors import RefusedError
from tamani.core.registry import Body, KeyRow, Registry, Row
from tamani.core.signing import SigningKey
from tamani.core.trust.chain import CHARTER, OFFICERS_NEEDED, Charter, open_chain
from tamani.core.trust.metadata import fingerprint, holders_of, read_metadata, require, signers, to_text
from tamani.core.trust.opening import read_document
from tamani.core.trust.policies import check_policies
from tamani.core.trust.rules import OSC, PLATFORM, Case, check_row
from tamani.core.trust.standing import Holder
from tamani.core.trust.statements import Statement, enrolment, merged, reply, row_statement, succession
from tamani.core.trust.tuf import Metadata, Root, Targets
from tamani.core.trust.writing import Draft, sign, sign_draft


@dataclass(frozen=True)
class Proposal:
    """A draft and the registry that it is to follow, if there is one."""

    draft: Draft
    before: Registry | None = None

    @cached_property
    def document(self) -> Registry:
        """What it would say."""
        return read_document(self.draft.registry)

    @cached_property
    def roots(self) -> tuple[Metadata[Root], ...]:
        """Its roots; the newest may lack signatures."""
        return tuple(read_metadata(text, Root) for text in self.draft.roots)

    @property
    def root(self) -> Metadata[Root]:
        """The newest root."""
        return self.roots[-1]

    @property
    def trust(self) -> str:
        """The fingerprint of the first root."""
        return fingerprint(self.roots[0])

    @cached_property
    def holders(self) -> dict[str, Holder]:
        """Who holds an office in the newest root."""
        return holders_of(self.root.signed)

    @cached_property
    def past(self) -> dict[str, Holder]:
        """Everybody who ever did."""
        return {keyid: held for root in self.roots for keyid, held in holders_of(root.signed).items()}

    @cached_property
    def case(self) -> Case:
        """What the rules judge."""
        charter = Charter.model_validate(self.root.signed.unrecognized_fields.get(CHARTER))
        delay = timedelta(seconds=charter.delay_seconds)
        expires = self.root.signed.expires
        return Case(self.document, self.draft.signatures, self.past, charter.genesis, delay, expires)

    @property
    def decided(self) -> list[Row]:
        """The rows of this version."""
        version = self.document.version
        return [row for row in self.document.rows if row.decision and row.decision.version == version]

    def signed_by(self) -> list[Holder]:
        """Whose signature is under the new root or the officers' file."""
        targets = read_metadata(self.draft.targets, Targets)
        roles = self.root.signed.roles
        found = signers(targets, roles["targets"], self.holders) | signers(self.root, roles["root"], self.holders)
        return [held for keyid, held in self.holders.items() if keyid in found]

    def lacks(self) -> list[RefusedError]:
        """Why it could not be published now; nothing if it can."""
        found: list[RefusedError] = []
        for check in (self._check_roots, self._check_targets):
            found += _refusal(check)
        found += _refusal(partial(check_policies, self.document, self.past))
        for row in self.document.rows:
            found += _refusal(partial(check_row, self.case, row))
        return found

    def _check_roots(self) -> None:
        open_chain(self.draft.roots, (self.trust,))

    def _check_targets(self) -> None:
        targets = read_metadata(self.draft.targets, Targets)
        require(targets, self.root.signed.roles["targets"], self.holders, countries=OFFICERS_NEEDED)

    def signed(self, key: SigningKey) -> "Proposal":
        """With all that this key has a part in.

        Raises:
            RefusedError: `refused.registry.proposal`, it has none.
        """
        held = self.past.get(key.keyid)
        if held is not None and held.office == "root" and self._root_waits():
            root = to_text(sign(read_metadata(self.draft.roots[-1], Root), key))
            return replace_draft(self, replace(self.draft, roots=(*self.draft.roots[:-1], root)))
        current = self.holders.get(key.keyid)
        if current is not None and current.office in {"officer", "deputy"}:
            return replace_draft(self, sign_draft(self.draft, key, officer=True, rows=self.decided))
        statements = list(self._for_body(key))
        if not statements:
            raise RefusedError("refused.registry.proposal", key.keyid[:16])
        given = {statement.digest: (statement.sign(key),) for statement in statements}
        return replace_draft(self, replace(self.draft, signatures=merged(self.draft.signatures, given)))

    def _root_waits(self) -> bool:
        known = self.before.standing.roots if self.before and self.before.standing else ()
        return fingerprint(self.root) not in known

    def _for_body(self, key: SigningKey) -> Iterable[Statement]:
        """What a body's key signs: for courts below it, on nodes of observatories, for its successor, for itself."""
        mine = self.document.key(key.keyid)
        body = self.document.body(mine.body) if mine else None
        if mine is None or body is None:
            return
        for row in self.decided:
            of = row.source if isinstance(row, Body) else row.body
            if of == body.source and isinstance(row, KeyRow) and row.compromised_since and row.keyid != key.keyid:
                yield row_statement(row)
            if body.enrols and of.startswith(body.enrols):
                yield row_statement(row)
            if isinstance(row, KeyRow) and row.node.endswith(OSC) and body.kind == PLATFORM:
                yield enrolment(row)
            if isinstance(row, KeyRow) and row.body == body.source and row.reply:
                yield reply(row)
        if mine.superseded_by:
            yield succession(body.source, mine.keyid, mine.superseded_by)


def replace_draft(proposal: Proposal, draft: Draft) -> Proposal:
    """The same proposal with another draft: nothing that was derived from the first is kept."""
    return Proposal(draft, proposal.before)


def _refusal(check: Callable[[], None]) -> list[RefusedError]:
    try:
        check()
    except RefusedError as error:
        return [error]
    return []
