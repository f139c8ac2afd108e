"""What an entry of the log commits to, and its one spelling."""

import hashlib
import json

import pytest

from tamani.core.envelope import decode_envelope, pae
from tamani.core.errors import RefusedError
from tamani.core.log.leaf import Leaf, env_of
from tamani.core.log.merkle import leaf_hash
from tests.support.notices import Speaker


def test_the_leaf_commits_to_statement_signature_registry_and_time() -> None:
    """`env` is SHA-256 of the pre-authentication encoding and the signature; no source and no id."""
    envelope = decode_envelope(Speaker().seals())
    entry = bytes(Leaf(env_of(envelope), 12, "2026-03-02T10:00:00Z"))
    env = hashlib.sha256(pae(envelope.payload) + envelope.sig).hexdigest()

    assert json.loads(entry) == {"v": 1, "kind": "event", "env": env, "reg": 12, "rt": "2026-03-02T10:00:00Z"}
    assert bytes(Leaf.parse(entry)) == entry


def test_a_leaf_is_hashed_apart_from_a_node() -> None:
    """RFC 6962 §2.1: a zero byte before a leaf. The hash of the empty leaf is a published vector."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"v":1', b'{"v":2'),
        (b'"v":1,', b'"v":1, '),
        (b'"reg":3', b'"reg":-3'),
        (b'"reg":3', b'"reg":"3"'),
        (b'"kind":"event"', b'"kind":"Event"'),
        (b'"kind":"event"', b'"kind":7'),
        (b"2026-03-02T10:00:00Z", b"2026-03-02T10:00:00.5Z"),
        (b'"env":"ab', b'"env":"AB'),
        (b'"env":"ab', b'"env":"'),
        (b"}", b',"id":1}'),
        (b"}", b""),
    ],
)
def test_what_is_spelled_otherwise_is_no_entry(old: bytes, new: bytes) -> None:
    """A second spelling of one entry would be a second leaf."""
    entry = bytes(Leaf(b"\xab" * 32, 3, "2026-03-02T10:00:00Z"))
    assert old in entry

    with pytest.raises(RefusedError) as caught:
        Leaf.parse(entry.replace(old, new))

    assert caught.value.code.name == "refused.log.entry"
