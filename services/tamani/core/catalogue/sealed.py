"""`sealed`: a notice of which the bus sees the ciphertext alone. Type, title, place, language: all of it is inside.

The region knows who says it, who may read it, when, and which of four sizes it is of (docs/design/sealing.md).
"""

import base64
import binascii
import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tamani.core.catalogue.base import Data, Label, Many, MessageType
from tamani.core.event import Event
from tamani.core.lifecycle import Lifecycle
from tamani.core.names import country_of

# Bytes of plaintext. The largest, in base64, leaves an event of 64 KiB room for its attributes.
SIZES = (1024, 4096, 16_384, 40_960)
TAG = 16
LABELS = frozenset({"AMBER", "AMBER+STRICT", "RED"})
# What every sealed notice says of itself, so that these attributes tell nothing.
PROFILE, LANG = "v1", "und"
SUBJECT = re.compile(r"sealed/[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class CapsuleRef(Data):
    """Which file, by its SHA-256, brings the key to the readers of one origin; any other is junk."""

    origin: Literal["bf", "ml", "ne", "rg"] = Field(title="Pays", description="Origin")
    sha256: Hex32 = Field(title="Empreinte", description="Digest")


class Sealed(Data):
    """Ciphertext (XChaCha20-Poly1305, tag included) and nonce in base64; `commitment` ties them to one key."""

    size: int = Field(title="Taille (octets)", description="Size (bytes)", json_schema_extra={"enum": list(SIZES)})
    nonce: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{32}$")] = Field(title="Nonce", description="Nonce")
    commitment: Hex32 = Field(title="Engagement de la clé", description="Key commitment")
    capsules: Many[CapsuleRef] = Field(title="Capsules", description="Capsules", min_length=1, max_length=4)
    ciphertext: Annotated[str, Field(max_length=56_000)] = Field(title="Contenu scellé", description="Sealed content")

    @model_validator(mode="after")
    def _is_whole(self) -> "Sealed":
        try:
            raw = binascii.a2b_base64(self.ciphertext, strict_mode=True)
        except ValueError as error:
            raise ValueError("contenu scellé : base64 / sealed content: base64") from error
        if self.size not in SIZES or len(raw) != self.size + TAG or base64.b64encode(raw).decode() != self.ciphertext:
            raise ValueError("contenu scellé : taille / sealed content: size")
        origins = [capsule.origin for capsule in self.capsules]
        if origins != sorted(set(origins)):
            raise ValueError("capsules : triées, uniques / capsules: sorted, unique")
        return self


def check_outside(event: Event) -> tuple[str, str] | None:
    """Nothing if the attributes tell no more than they must, and each origin of a reader has its capsule."""
    if event.tlp not in LABELS:
        return "refused.sealed", f"TLP:{event.tlp}"
    if event.lang != LANG or event.expirytime is not None or not SUBJECT.fullmatch(event.subject):
        return "refused.sealed", "lang, expirytime, subject"
    origins = sorted({str(country_of(body)) for body in (event.source, *event.readers)})
    if [capsule["origin"] for capsule in event.data["capsules"]] != origins:
        return "refused.sealed", f"capsules: {' '.join(origins)}"
    return None


def in_sealed_thread(subject: str) -> bool:
    """Whether what is said under this subject speaks of something sealed."""
    return SUBJECT.fullmatch(subject) is not None


TYPE = MessageType(
    name="sealed",
    model=Sealed,
    label=Label("Avis scellé", "Sealed notice"),
    profiles={PROFILE: Label("Scellé", "Sealed")},
    family="sealed",
    opaque=True,
    minor=0,
    outside=check_outside,
    lifecycle=Lifecycle(free="its states are those of the notice within, which its readers alone see"),
)
