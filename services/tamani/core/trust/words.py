"""A fingerprint that two people can compare by voice in French: fourteen words in seven groups of two, then the hex.

Each word stands for one of the first fourteen bytes of the SHA-256 (112 bits; sixteen a group). The list is our own:
no two words begin with the same four letters, and no two sound alike by the rule that its test states.
"""

from functools import cache
from importlib.resources import files

BYTES = 14


@cache
def word_list() -> tuple[str, ...]:
    """The 256 words, in the order of the byte that each stands for."""
    return tuple(files("tamani.core.trust").joinpath("mots.txt").read_text("utf-8").split())


def spoken(fingerprint: str) -> str:
    """The fourteen words of a fingerprint (hex): `abeille tambour · …`."""
    words = [word_list()[byte] for byte in bytes.fromhex(fingerprint)[:BYTES]]
    return " · ".join(f"{first} {second}" for first, second in zip(words[::2], words[1::2], strict=True))


def grouped(fingerprint: str) -> str:
    """The hex in groups of eight, to be read on paper."""
    return " ".join(fingerprint[start : start + 8] for start in range(0, len(fingerprint), 8))
