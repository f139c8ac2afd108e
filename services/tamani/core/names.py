"""Names that every part shares: origins, lanes, topics and the key that keeps a thread in order."""

import hashlib
import re
from enum import StrEnum


class Country(StrEnum):
    """An origin: one of the three countries, or `rg` for the regional bodies."""

    BF = "bf"
    ML = "ml"
    NE = "ne"
    RG = "rg"


class Lane(StrEnum):
    """How a thread travels: an alert and everything said about it is urgent, all else is normal."""

    NORMAL = "normal"
    URGENT = "urgent"


QUARANTINE = "quarantine"
REGISTRY = "registry"
URGENT_PREFIX = "alert/"
SOURCE = re.compile(r"/(bf|ml|ne|rg)/[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def lane_of(subject: str) -> Lane:
    """The lane of a thread, from its subject alone, so that no part can disagree about it."""
    return Lane.URGENT if subject.startswith(URGENT_PREFIX) else Lane.NORMAL


def inbound(country: Country, lane: Lane = Lane.NORMAL) -> str:
    """The topic a node writes to."""
    return f"inbound.{country}" if lane is Lane.NORMAL else f"inbound.{country}.urgent"


def regional(lane: Lane = Lane.NORMAL) -> str:
    """The verified stream of the region."""
    return "regional.events" if lane is Lane.NORMAL else "regional.urgent"


def feed(country: Country) -> str:
    """What some body of this origin may read."""
    return f"feed.{country}"


def receipts(country: Country) -> str:
    """Every answer to what was sent from this origin."""
    return f"receipts.{country}"


def capsules(country: Country) -> str:
    """The keys of sealed notices for the readers of this origin, each wrapped to them alone."""
    return f"capsules.{country}"


def inbound_of(topic: str) -> tuple[Country, Lane]:
    """Origin and lane of an inbound topic.

    Raises:
        ValueError: the name is not that of an inbound topic.
    """
    parts = topic.split(".")
    if parts[0] != "inbound" or len(parts) not in {2, 3} or parts[2:] not in ([], ["urgent"]):
        raise ValueError(topic)
    return Country(parts[1]), Lane.URGENT if len(parts) == 3 else Lane.NORMAL


def country_of(source: str) -> Country:
    """The origin named by a source `/<cc>/<body>`.

    Raises:
        ValueError: not a source.
    """
    if not SOURCE.fullmatch(source):
        raise ValueError(source)
    return Country(source[1:3])


def partition_key(source: str, subject: str) -> bytes:
    """The Kafka key: 16 bytes that keep one source's thread on one partition, hence in order."""
    return hashlib.sha256(source.encode() + b"\0" + subject.encode()).digest()[:16]
