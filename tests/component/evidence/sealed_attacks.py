"""The attacks on what is sealed: said again as another's, opened under a second key. All pure."""

import base64
from dataclasses import replace

from nacl import bindings

from tamani.core import sealing
from tamani.core.capsule import unwrap
from tamani.core.errors import RefusedError
from tamani.core.event import Event
from tamani.core.names import Country
from tests.component.evidence.table import Attack, Caught
from tests.support.notices import OBSERVATORY_BF, OBSERVATORY_NE
from tests.support.reading_keys import identity_of
from tests.support.sealed import inner_event, sealed_event, with_data
from tests.support.two_keys import for_two_keys

READER = "every reader"
ONE, OTHER = b"1" * 32, b"2" * 32


def _opened(outer: Event, key: bytes) -> Caught | None:
    """What a reader makes of a sealed notice; nothing if it is shown as its signer's."""
    try:
        assert sealing.open_body(outer, key).source == outer.source
    except RefusedError as error:
        return Caught(READER, error.code.name)
    return None


def _stolen() -> tuple[Event, bytes]:
    """A sealed notice of Mali's, and its key, as its reader in Niger has it."""
    notice = sealed_event()
    capsule = notice.capsules[Country.NE]
    return notice.event, unwrap(capsule, notice.event.source, notice.event.id, [identity_of(OBSERVATORY_NE)])


def said_again(_: None) -> Caught | None:
    """A reader signs the very ciphertext in their own name, for readers of their own."""
    event, key = _stolen()
    return _opened(replace(event, source=OBSERVATORY_NE, audience=OBSERVATORY_BF), key)


def sealed_again(_: None) -> Caught | None:
    """A reader who has the key seals the same text anew, in their own name."""
    event, key = _stolen()
    mine = replace(event, source=OBSERVATORY_NE, audience=OBSERVATORY_BF)
    plain, nonce = _plain(event, key), base64.b64decode(event.data["nonce"])
    cipher = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, sealing.bound_to(mine), nonce, key)
    return _opened(with_data(mine, ciphertext=base64.b64encode(cipher).decode()), key)


def _plain(event: Event, key: bytes) -> bytes:
    cipher, nonce = (base64.b64decode(event.data[name]) for name in ("ciphertext", "nonce"))
    return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(cipher, sealing.bound_to(event), nonce, key)


def two_keys(_: None) -> Caught | None:
    """The author gives one reader another key than the next: the cipher opens under both, to two texts.

    It has succeeded when the second text is opened: that it is not sound is the author's bad luck, not our defence.
    """
    outer = sealed_event().event
    nonce = base64.b64decode(outer.data["nonce"])
    cipher = for_two_keys(sealing.pack(inner_event()), sealing.bound_to(outer), nonce, ONE, OTHER)
    named = {"ciphertext": base64.b64encode(cipher).decode(), "commitment": sealing.commitment(ONE).hex()}
    split = with_data(outer, **named)
    assert _plain(split, ONE) != _plain(split, OTHER)
    caught = _opened(split, OTHER)
    return None if caught == Caught(READER, "refused.sealed.content") else caught


SEALED_ATTACKS: tuple[Attack[None], ...] = (
    Attack(
        "a ciphertext is said again by another",
        "a reader",
        "the attributes it is bound to",
        Caught(READER, "refused.sealed.body"),
        said_again,
        (("bound", "author"),),
    ),
    Attack(
        "… and sealed anew",
        "a reader",
        "its author, inside",
        Caught(READER, "refused.sealed.author"),
        sealed_again,
        (("author",),),
    ),
    Attack(
        "two keys for one ciphertext",
        "its author",
        "the signed commitment",
        Caught(READER, "refused.sealed.commitment"),
        two_keys,
        (("commitment",),),
    ),
)
