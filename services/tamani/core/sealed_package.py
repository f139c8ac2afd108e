"""A notice that its body sealed on a machine of its own, as it is handed to a node: the envelope with its capsules."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from tamani.core.capsule import MAX_CAPSULE, is_for_recipients
from tamani.core.envelope import MAX_VALUE
from tamani.core.errors import RefusedError
from tamani.core.event import Event
from tamani.core.names import Country
from tamani.core.strict_json import BadJson, loads

MEDIA_TYPE = "application/vnd.tamani.sealed+json"
# In base64, for four origins, and room for the names.
MAX_PACKAGE = 4 * (MAX_VALUE + len(Country) * MAX_CAPSULE) // 3 + 4096


@dataclass(frozen=True, slots=True)
class Package:
    """The envelope's exact bytes, and a capsule for each origin of a reader."""

    envelope: bytes
    capsules: Mapping[Country, bytes]

    def encode(self) -> bytes:
        """As JSON: `envelope` and `capsules` (origin → file), each in base64."""
        files = {country.value: base64.b64encode(value).decode() for country, value in self.capsules.items()}
        return json.dumps({"envelope": base64.b64encode(self.envelope).decode(), "capsules": files}).encode()

    @classmethod
    def parse(cls, content: bytes) -> "Package":
        """From that JSON.

        Raises:
            RefusedError: `refused.sealed.elsewhere`, it is not of this form.
        """
        try:
            found = loads(content)
            if set(found) != {"envelope", "capsules"}:
                raise RefusedError("refused.sealed.elsewhere", "members")
            capsules = {Country(name): _unbase64(text) for name, text in found["capsules"].items()}
            return cls(_unbase64(found["envelope"]), capsules)
        except (BadJson, TypeError, ValueError, AttributeError) as error:
            raise RefusedError("refused.sealed.elsewhere", type(error).__name__) from error


def check_capsules(event: Event, capsules: Mapping[Country, bytes], readers: Mapping[Country, list[str]]) -> None:
    """These are the files that the notice names, all of them, each for as many recipients as its origin has.

    Whose keys they are wrapped to no outsider can see; a reader who cannot open theirs says so at their desk.

    Raises:
        RefusedError: `refused.sealed.capsule`.
    """
    named = {Country(one["origin"]): one["sha256"] for one in event.data["capsules"]}
    if named != {country: hashlib.sha256(value).hexdigest() for country, value in capsules.items()}:
        raise RefusedError("refused.sealed.capsule", "not those that the notice names")
    for country, value in capsules.items():
        if not is_for_recipients(value, len(readers.get(country, ()))):
            raise RefusedError("refused.sealed.capsule", f"{country}: not an age file for its readers")


def _unbase64(text: str) -> bytes:
    return binascii.a2b_base64(text, strict_mode=True)
