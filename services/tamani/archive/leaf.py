"""The leaf of a ledger row (RFC 6962 §2.1): no source and no id, so that anybody may hold it.

`env` commits to the signed statement and its signature, not to the text: without the signature nobody can guess it.
"""

import hashlib
from datetime import datetime

from tamani.archive.wire import instant
from tamani.core.envelope import Envelope, pae

EVENT = "event"


def leaf_entry(envelope: Envelope, registry_version: int, recorded: datetime, kind: str = EVENT) -> bytes:
    """The bytes that the tree hashes."""
    env = hashlib.sha256(pae(envelope.payload, envelope.payload_type) + envelope.sig).hexdigest()
    rt = instant(recorded)
    return f'{{"v":1,"kind":"{kind}","env":"{env}","reg":{registry_version},"rt":"{rt}"}}'.encode()


def leaf_hash(entry: bytes) -> bytes:
    """The leaf's hash in the tree."""
    return hashlib.sha256(b"\x00" + entry).digest()
