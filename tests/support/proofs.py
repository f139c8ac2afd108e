"""Proofs of invented notices for tests: a small log with a registry's leaf and a notice, and bundles made of it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tamani.core.bundle import ProofBundle, plain_spelling
from tamani.core.envelope import decode_envelope
from tamani.core.log.leaf import EVENT, REGISTRY, Leaf, env_of
from tamani.core.proven import Trust
from tamani.core.proving import open_own, registry_env
from tamani.core.receipt import Receipt, sign_receipt
from tamani.core.signing import SigningKey
from tamani.core.trust.suspensions import Listed
from tests.support.notices import SOURCES, TRUSTED, Speaker, registry
from tests.support.registries import value_of
from tests.support.small_log import AT, SmallLog, policy_text

RECORDED = "2026-03-02T09:00:05Z"
# What a signature or the log fixes to the last byte; the registry may lose a spare signature.
SIGNED = tuple(name for name in ProofBundle.__slots__ if name != "registry")
# One bit at each place, another at the next: letters change, and their case, and what they are.
BITS = (1, 32, 4, 64, 2, 16, 8)


@dataclass
class Provable:
    """A log whose registry names its policy. The first leaf is the registry's, a notice follows, then `more`."""

    log: SmallLog = field(default_factory=SmallLog)
    sources: Sequence[str] = SOURCES
    changes: dict[str, Any] = field(default_factory=dict)
    value: bytes = b""
    recorded: str = RECORDED
    listed: Sequence[Listed] = ()
    kind: str = EVENT

    def __post_init__(self) -> None:
        self.policy = policy_text(self.log.key)
        named = {"log_policy": hashlib.sha256(self.policy.encode()).hexdigest()} | self.changes
        self.registry = value_of(registry(tuple(self.sources), **named), listed=self.listed)
        opened = open_own(self.registry)
        self.value = self.value or Speaker().seals("monitor.alert", tlp="CLEAR")
        self.registry_leaf = Leaf(registry_env(opened), opened.version, self.recorded, REGISTRY)
        self.leaf = Leaf(env_of(decode_envelope(self.value)), opened.version, self.recorded, self.kind)
        self.log.append(0, self.registry_leaf, self.leaf)
        self.log.append(5)

    @property
    def trust(self) -> Trust:
        """A verifier who knows the public root alone."""
        return Trust(roots=TRUSTED)

    def bundle(self, *countries: str, time: int = AT, **changes: str) -> ProofBundle:
        """The proof under a checkpoint that these countries' witnesses cosigned (both others, if not said)."""
        note = self.log.note(None, *(countries or ("bf", "ml")), time=time)
        made = ProofBundle(
            envelope=plain_spelling(self.value),
            entry=bytes(self.leaf).decode(),
            proof=self._proof(1, note),
            policy=self.policy,
            registry=self.registry.decode(),
            registry_entry=bytes(self.registry_leaf).decode(),
            registry_proof=self._proof(0, note),
        )
        return replace(made, **changes)

    def receipt(self, key: SigningKey | None = None, **changes: Any) -> str:
        """The archive's receipt for the notice, signed with the log's key; anything it says can be another thing."""
        said = {"verdict": "archived", "code": "archived", "at": self.recorded, "epoch": 1, "log_index": 0}
        said |= {"value_sha256": hashlib.sha256(plain_spelling(self.value).encode()).hexdigest(), "leaf_index": 1}
        value = Receipt.model_validate(said | changes).encode()
        return sign_receipt(value, key or self.log.key.key).decode()

    def _proof(self, index: int, note: bytes) -> str:
        return bytes(replace(self.log.proof(index, note), extra=None)).decode()


def flips(bundle: ProofBundle, first: int = 0) -> Iterator[tuple[str, int, ProofBundle]]:
    """The file with one bit of one character changed and the checksum made anew: each character of what is `SIGNED`.

    Which of the `BITS` goes round from place to place, beginning with the `first`.
    """
    for name in SIGNED:
        text = getattr(bundle, name)
        for at, letter in enumerate(text):
            flipped = chr(ord(letter) ^ BITS[(first + at) % len(BITS)])
            yield name, at, replace(bundle, **{name: text[:at] + flipped + text[at + 1 :]})
