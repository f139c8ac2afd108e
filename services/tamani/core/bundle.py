"""One file that proves one notice: the signed statement, its entry in the log, and all that is needed to check both.

Only a container with a single spelling (JSON, two spaces, one line feed at the end) and a checksum against damage:
nothing in it is believed before `core.proving` has gone through its recipe.
"""

import hashlib
import json
from dataclasses import asdict, dataclass

from tamani.core.envelope import decode_envelope, encode_envelope
from tamani.core.errors import RefusedError
from tamani.core.strict_json import BadJson, loads

MAX_BUNDLE = 8 * 1024 * 1024
MEDIA_TYPE = "application/vnd.tamani.proof+json"
ENDING = ".preuve.json"


@dataclass(frozen=True, slots=True)
class ProofBundle:
    """All members are texts.

    `envelope`: the DSSE envelope; `entry`: the leaf that names it; `proof`: where it stands (C2SP tlog-proof) under a
    cosigned checkpoint; `policy`: whose cosignatures count (C2SP tlog-policy); `registry`: the registry, as it lay on
    its topic, in the version that the entry names; `registry_entry`, `registry_proof`: the leaf of that version;
    `receipt`: the archive's signed promise of that entry, as it lay on its topic, or "", which the file leaves out. In
    the file `sha256` follows, over all that stands before its own line.
    """

    envelope: str
    entry: str
    proof: str
    policy: str
    registry: str
    registry_entry: str
    registry_proof: str
    receipt: str = ""

    def encode(self) -> bytes:
        """The file."""
        members = {name: text for name, text in asdict(self).items() if text or name != "receipt"}
        text = json.dumps({"v": 1, **members}, ensure_ascii=False, indent=2).removesuffix("\n}").encode()
        return text + b',\n  "sha256": "%s"\n}\n' % hashlib.sha256(text).hexdigest().encode()

    @classmethod
    def parse(cls, content: bytes) -> "ProofBundle":
        """From a file's bytes.

        Raises:
            RefusedError: `refused.proof`: too long, not this form, or not the one spelling of it.
        """
        if len(content) > MAX_BUNDLE:
            raise RefusedError("refused.proof", f"{len(content)} > {MAX_BUNDLE}")
        try:
            found = loads(content)
        except BadJson as error:
            raise RefusedError("refused.proof", error.code) from error
        needed = {"v", "sha256", *cls.__slots__} - {"receipt"}
        if isinstance(found, dict) and set(found) - {"receipt"} == needed and found.pop("v") == 1:
            del found["sha256"]  # the one spelling has the right one
            if all(isinstance(text, str) for text in found.values()) and (made := cls(**found)).encode() == content:
                return made
        raise RefusedError("refused.proof", "form")


def plain_spelling(value: bytes) -> str:
    """The envelope in the one spelling that a proof has: its statement and signature are the same, byte for byte.

    Raises:
        BadJson: it is no envelope.
    """
    return encode_envelope(decode_envelope(value)).decode()
