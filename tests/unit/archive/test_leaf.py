"""The leaf of a ledger row: RFC 6962's hash over what names neither body nor id."""

import hashlib
import json

from tamani.archive.leaf import leaf_entry, leaf_hash
from tamani.core.envelope import decode_envelope, pae
from tests.support.notices import Speaker
from tests.support.region import NOW


def test_the_leaf_commits_to_statement_signature_registry_and_time() -> None:
    """`env` is SHA-256 of the pre-authentication encoding and the signature."""
    envelope = decode_envelope(Speaker().seals())
    entry = json.loads(leaf_entry(envelope, 12, NOW))
    env = hashlib.sha256(pae(envelope.payload) + envelope.sig).hexdigest()

    assert entry == {"v": 1, "kind": "event", "env": env, "reg": 12, "rt": "2026-03-02T10:00:00Z"}


def test_a_leaf_is_hashed_apart_from_a_node() -> None:
    """RFC 6962 §2.1: a zero byte before a leaf. The hash of the empty leaf is a published vector."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
