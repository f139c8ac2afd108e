"""TUF metadata read and verified by our rules: strict JSON, Ed25519 by libsodium alone, one key one signature.

python-tuf parses the formats and writes the bytes that are signed (OLPC canonical JSON). Its own key class would verify
with `cryptography`, which takes low-order keys; so the signatures are verified here.
"""

import binascii
import hashlib
from collections.abc import Mapping
from typing import TypeVar

from nacl import bindings
from nacl.exceptions import BadSignatureError
from pydantic import ValidationError

from tamani.core.errors import RefusedError
from tamani.core.signing import is_weak_key, keyid_of
from tamani.core.trust.bundle import strict
from tamani.core.trust.standing import Holder
from tamani.core.trust.tuf import Key, Metadata, Role, Root, Snapshot, Targets, Timestamp

HOLDER = "x-tamani-holder"
S = TypeVar("S", Root, Timestamp, Snapshot, Targets)


def read_metadata(text: str, kind: type[S]) -> Metadata[S]:
    """A metadata file of this kind; its signatures are not looked at yet.

    Raises:
        RefusedError: `refused.registry`.
    """
    try:
        found: Metadata[S] = Metadata.from_dict(strict(text.encode()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError("refused.registry", f"{kind.type}: {error}"[:200]) from error
    if not isinstance(found.signed, kind):
        raise RefusedError("refused.registry", f"not {kind.type}")
    return found


def fingerprint(metadata: Metadata[S]) -> str:
    """What people compare: SHA-256 (hex) of the bytes that are signed."""
    return hashlib.sha256(metadata.signed_bytes).hexdigest()


def holders_of(root: Root) -> dict[str, Holder]:
    """Whose the keys of a root are.

    Raises:
        RefusedError: `refused.registry`, `refused.key.weak`.
    """
    return {keyid: _holder(keyid, key) for keyid, key in root.keys.items()}


def _holder(keyid: str, key: Key) -> Holder:
    said = key.unrecognized_fields.get(HOLDER)
    public = key.keyval.get("public", "")
    try:
        holder = Holder.model_validate({"keyid": keyid, "public": public, **said} if isinstance(said, dict) else said)
        raw = bytes.fromhex(holder.public)
    except (ValidationError, ValueError, TypeError) as error:
        raise RefusedError("refused.registry", f"holder of {keyid[:16]}") from error
    if (key.keytype, key.scheme) != ("ed25519", "ed25519") or keyid_of(raw) != keyid:
        raise RefusedError("refused.registry", f"key {keyid[:16]}")
    if is_weak_key(raw):
        raise RefusedError("refused.key.weak", keyid[:16])
    return holder


def signers(metadata: Metadata[S], role: Role, holders: Mapping[str, Holder]) -> frozenset[str]:
    """The keys of a role whose signatures hold."""
    payload = metadata.signed_bytes
    return frozenset(
        keyid
        for keyid in role.keyids
        if keyid in holders
        and keyid in metadata.signatures
        and _holds(metadata.signatures[keyid].signature, payload, bytes.fromhex(holders[keyid].public))
    )


def require(metadata: Metadata[S], role: Role, holders: Mapping[str, Holder], *, countries: int = 0) -> frozenset[str]:
    """The signers of a file, if they are as many as the role asks for, of at least so many different countries.

    Raises:
        RefusedError: `refused.registry.signature`.
    """
    found = signers(metadata, role, holders)
    of = {holders[keyid].country for keyid in found}
    if len(found) < role.threshold or len(of) < countries:
        detail = f"{metadata.signed.type} {metadata.signed.version}: {len(found)}/{max(role.threshold, countries)}"
        raise RefusedError("refused.registry.signature", detail)
    return found


def _holds(signature: str, payload: bytes, public: bytes) -> bool:
    try:
        raw = bytes.fromhex(signature)
        # The binding reads past a short signature into the payload: its length is checked here.
        if len(raw) != bindings.crypto_sign_BYTES:
            return False
        bindings.crypto_sign_open(raw + payload, public)
    except (BadSignatureError, ValueError, TypeError, binascii.Error):
        return False
    return True


def to_text(metadata: Metadata[S]) -> str:
    """The file."""
    return metadata.to_bytes().decode()
