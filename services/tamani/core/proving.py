"""From the file that proves a notice to a verdict: a numbered recipe. Pure and total: it never raises on any input.

What is believed comes from the verifier's side: a policy file, the fingerprint of the registry's root, or both. With
the fingerprint alone, the policy in the file counts because the registry that the officers signed names its SHA-256;
with the policy alone, the registry in the file counts because the witnesses saw the archive judge by it.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from tamani.core.bundle import ProofBundle, plain_spelling
from tamani.core.envelope import decode_envelope
from tamani.core.errors import RefusedError
from tamani.core.event import parse_time
from tamani.core.judge import rejudge
from tamani.core.log.checkpoint import open_checkpoint
from tamani.core.log.leaf import EQUIVOCATION, EVENT, REGISTRY, Leaf, env_of
from tamani.core.log.merkle import leaf_hash, verify_inclusion
from tamani.core.log.note import Note
from tamani.core.log.policy import Policy, Seen, parse_policy
from tamani.core.log.proof import Proof
from tamani.core.proven import Outcome, Proven, Step, Trust
from tamani.core.receipt import PROMISES, decode_receipt, is_signed
from tamani.core.registry import Registry
from tamani.core.strict_json import BadJson
from tamani.core.trust.bundle import decode_bundle
from tamani.core.trust.metadata import fingerprint, read_metadata
from tamani.core.trust.opening import open_registry
from tamani.core.trust.policies import held_at
from tamani.core.trust.tuf import Root
from tamani.core.verdict import Refuse

# What a file proves: a notice, or a second content that a body signed under the id of one, kept as evidence.
PROVEN = (EVENT, EQUIVOCATION)
# How far the clocks of the archive and of a witness may differ.
SKEW = timedelta(minutes=5)


def prove(content: bytes, trust: Trust) -> Proven:
    """What the file proves to this verifier."""
    recipe = _Recipe(content, trust)
    stopped = False
    for step, check in recipe.steps().items():
        outcome = Outcome(step, None) if stopped else _tried(step, check)
        recipe.proven.outcomes.append(outcome)
        stopped = not outcome.holds
    return recipe.proven


def _tried(step: Step, check: Callable[[], None]) -> Outcome:
    try:
        check()
    except RefusedError as error:
        return Outcome(step, False, error.code.name, error.detail)
    except BadJson as error:
        return Outcome(step, False, error.code, error.detail)
    return Outcome(step, True)


def witnessed_at(seen: Seen, policy: Policy) -> datetime | None:
    """When the last of the witnesses that make up the quorum signed; nothing while they are not enough."""
    time = policy.enough_at(seen.witnesses)
    return None if time is None else datetime.fromtimestamp(time, UTC)


class _Recipe:
    """The steps, each resting on what the ones before it found."""

    bundle: ProofBundle
    leaf: Leaf
    proof: Proof
    policy: Policy
    seen: Seen
    registries: list[Registry]
    held_then: bool

    def __init__(self, content: bytes, trust: Trust) -> None:
        self._content = content
        self._trust = trust
        self.proven = Proven()

    def steps(self) -> Mapping[Step, Callable[[], None]]:
        return {
            Step.SHAPE: self._shape,
            Step.ENVELOPE: self._envelope,
            Step.ENTRY: self._entry,
            Step.POLICY: self._policy,
            Step.INCLUSION: self._inclusion,
            Step.LOG: self._log,
            Step.WITNESSES: self._witnesses,
            Step.REGISTRY: self._registry,
            Step.KEY: self._key,
        }

    def _shape(self) -> None:
        self.bundle = ProofBundle.parse(self._content)

    def _envelope(self) -> None:
        value = self.bundle.envelope.encode()
        self.proven.envelope = decode_envelope(value)
        if plain_spelling(value) != self.bundle.envelope:
            raise RefusedError("refused.proof", "envelope")

    def _entry(self) -> None:
        assert self.proven.envelope is not None  # noqa: S101 - the step before
        self.leaf = self.proven.leaf = Leaf.parse(self.bundle.entry.encode())
        if self.leaf.kind not in PROVEN or self.leaf.env != env_of(self.proven.envelope):
            raise RefusedError("refused.proof.entry", self.leaf.kind)

    def _policy(self) -> None:
        """(3) The verifier's own; else that of the file, if a registry under the verifier's root names it.

        Where that registry names the verifier's own as a later one, the one in the file is that of its time.
        """
        inside, own = self.bundle.policy, self._trust.policy
        self.registries = self._believed()
        listed = {policy.text for registry in self.registries for policy in registry.log_policies}
        named = self.registries[-1:] and self.registries[-1].log_policy == hashlib.sha256(inside.encode()).hexdigest()
        self.held_then = bool(named) or own == inside.encode()
        if not self.held_then and inside not in listed:
            raise RefusedError("refused.proof.policy")
        follows = own is not None and {inside, own.decode(errors="replace")} <= listed
        self.policy = parse_policy(inside.encode() if own is None or follows else own)
        self._check_lines(parse_policy(inside.encode()))

    def _believed(self) -> list[Registry]:
        """Registries under the verifier's roots: today's, if it was brought, and that of the file."""
        roots, today = self._trust.roots, self._trust.registry
        if not roots:
            return []
        opened = [] if today is None else [open_registry(today, roots)]
        before = tuple(root for registry in opened if registry.standing for root in registry.standing.roots)
        self.proven.registry = open_registry(self.bundle.registry.encode(), (*roots, *before))
        return [*opened, self.proven.registry]

    def _check_lines(self, policy: Policy) -> None:
        """Whoever makes the file leaves out the lines of strangers, so that no byte of it goes unread."""
        for text in (self.bundle.proof, self.bundle.registry_proof):
            proof = Proof.parse(text.encode())
            note = Note.parse(proof.checkpoint)
            if proof.extra is not None or not all(map(policy.knows, note.signatures)):
                raise RefusedError("refused.proof", "signature of a stranger")

    def _inclusion(self) -> None:
        self.proof = Proof.parse(self.bundle.proof.encode())
        self.proven.index = self.proof.index
        _check_inclusion(self.proof, self.bundle.entry.encode())

    def _log(self) -> None:
        """(5) Its signature under the checkpoint; and under the receipt, if there is one, which must say the same."""
        self.seen = self.proven.seen = self.policy.see(self.proof.checkpoint)
        if not self.bundle.receipt:
            return
        value = self.bundle.receipt.encode()
        if not is_signed(value, [log.key.public for log in self.policy.logs]):
            raise RefusedError("refused.proof.receipt", "signature")
        said = decode_receipt(value)
        promised = said.value_sha256, said.leaf_index, said.verdict in PROMISES
        if promised != (hashlib.sha256(self.bundle.envelope.encode()).hexdigest(), self.proof.index, True):
            raise RefusedError("refused.proof.receipt", f"{said.verdict} {said.leaf_index}")
        self.proven.promised = said.at

    def _witnesses(self) -> None:
        self.proven.witnessed = witnessed_at(self.seen, self.policy)
        if self.proven.witnessed is None:
            raise RefusedError("refused.proof.quorum", ", ".join(sorted(self.seen.witnesses)))
        witnessed = self.proven.witnessed
        if not self.held_then and not any(held_at(one, self.bundle.policy, witnessed) for one in self.registries):
            raise RefusedError("refused.proof.policy", f"{witnessed:%Y-%m-%d}")

    def _registry(self) -> None:
        """(7) It is in the log too: the archive judged by this very registry, and the witnesses saw that it did."""
        value = self.bundle.registry.encode()
        registry = self.proven.registry = self.proven.registry or open_own(value)
        entry = Leaf.parse(self.bundle.registry_entry.encode())
        if (entry.kind, entry.reg, entry.env) != (REGISTRY, registry.version, registry_env(registry)):
            raise RefusedError("refused.proof.registry", "entry")
        if registry.version != self.leaf.reg:
            raise RefusedError("refused.proof.registry", f"{registry.version} != {self.leaf.reg}")
        proof = Proof.parse(self.bundle.registry_proof.encode())
        _check_inclusion(proof, self.bundle.registry_entry.encode())
        if not self.policy.see(proof.checkpoint).attested:
            raise RefusedError("refused.proof.quorum")

    def _key(self) -> None:
        """(8) As the archive judged it, at its time, which is not after the witnesses saw the entry."""
        assert self.proven.registry is not None and self.proven.witnessed is not None  # noqa: S101, PT018
        recorded = parse_time(self.leaf.rt)
        verdict = rejudge(self.bundle.envelope.encode(), self.proven.registry, recorded)
        if isinstance(verdict, Refuse):
            raise RefusedError(verdict.name, verdict.detail)
        self.proven.event = verdict.event
        if recorded > self.proven.witnessed + SKEW:
            raise RefusedError("refused.proof.time", self.leaf.rt)


def open_own(value: bytes) -> Registry:
    """A registry that is sound under the line of roots that it brings along: who they are is another question.

    Raises:
        RefusedError: as `open_registry`.
    """
    first = read_metadata(decode_bundle(value).roots[0], Root)
    return open_registry(value, (fingerprint(first),))


def registry_env(registry: Registry) -> bytes:
    """What the leaf of a version of the registry names: all that the version fixes, whenever it was last published.

    Raises:
        RefusedError: `refused.registry`: it was not opened from a signed value.
    """
    if registry.standing is None:
        raise RefusedError("refused.registry", "unsigned")
    return bytes.fromhex(registry.standing.digest)


def _check_inclusion(proof: Proof, entry: bytes) -> None:
    """The path leads from the entry to the root that the checkpoint states."""
    tree, _ = open_checkpoint(proof.checkpoint)
    if not verify_inclusion(proof.index, tree.size, leaf_hash(entry), proof.path, tree.root):
        raise RefusedError("refused.log.inclusion", f"{proof.index}/{tree.size}")
