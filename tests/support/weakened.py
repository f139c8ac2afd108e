"""What the product would do without a defence, where leaving one call out does not show it. For `mutants` alone."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tamani.archive import ledger
from tamani.archive.notice import Notice
from tamani.core import envelope, event, judge, sealing, signing, strict_json
from tamani.core.envelope import Envelope
from tamani.core.event import Event, decode_event
from tamani.core.log.leaf import EQUIVOCATION
from tamani.core.names import Country, Lane
from tamani.core.registry import KeyRow, Registry
from tamani.core.strict_json import BadJson
from tamani.core.verdict import Forward, Verdict

Patch = pytest.MonkeyPatch


class _Forgetful(set[Any]):
    """A set that never knows what is in it."""

    def __contains__(self, _: object) -> bool:
        return False


class _Blank(dict[Any, Any]):
    """A mapping that never knows what is in it."""

    def get(self, _: object, default: Any = None) -> Any:
        return default


def _knowing(patch: Patch, **parts: Callable[[], Any]) -> None:
    known = ledger.Known.__init__

    def forgetting(self: ledger.Known, *values: Any, **named: Any) -> None:
        known(self, *values, **named)
        for name, make in parts.items():
            setattr(self, name, make())

    patch.setattr(ledger.Known, "__init__", forgetting)


def numbers_forgotten(patch: Patch) -> None:
    """Whether a number was used is not remembered."""
    _knowing(patch, sequences=_Forgetful)


def ids_forgotten(patch: Patch) -> None:
    """Whether a notice came is not remembered: Kafka's own places would be the only names."""
    _knowing(patch, seen=_Blank)


def first_come(patch: Patch) -> None:
    """Whoever sends an id first has it, before anybody looks at a signature."""
    draw, taken = ledger.draw, set[tuple[str, str]]()

    def hasty(rows: ledger.Rows, known: ledger.Known, notice: Notice, place: ledger.Place) -> None:
        said = json.loads(base64.b64decode(json.loads(notice.record.value)["payload"]))
        name = said["source"], said["id"]
        if name not in taken:
            taken.add(name)
            draw(rows, known, notice, place)

    patch.setattr(ledger, "draw", hasty)


def contested_without(part: str) -> Callable[[Patch], None]:
    """One of the things that a second content leads to does not happen."""

    def apply(patch: Patch) -> None:
        contest = ledger._contest

        def partly(rows: ledger.Rows, *given: Any) -> None:
            contest(rows, *given)
            match part:
                case "mark":
                    rows.feed[:] = [row for row in rows.feed if row[4] != ledger.CONTESTED]
                case "leaf":
                    rows.leaves[:] = [row for row in rows.leaves if row[1] != EQUIVOCATION]
                case _:
                    getattr(rows, part).clear()

        patch.setattr(ledger, "_contest", partly)

    return apply


def unsigned_taken(patch: Patch) -> None:
    """What comes without an envelope is taken at its word."""
    whole = judge.verify_again

    def fallback(value: bytes, registry: Registry) -> Verdict:
        try:
            said = decode_event(value)
        except BadJson:
            return whole(value, registry)
        row = next(row for row in registry.keys if row.body == said.source)
        return Forward(said, Envelope(value, row.keyid, b""), row, b"", registry.version)

    patch.setattr(judge, "verify_again", fallback)


def any_owner(patch: Patch) -> None:
    """Any enrolled key speaks for any body."""
    whole = judge._judge_payload

    def anybody(sealed: Envelope, row: KeyRow, registry: Registry) -> Verdict:
        return whole(sealed, row.model_copy(update={"body": decode_event(sealed.payload).source}), registry)

    patch.setattr(judge, "_judge_payload", anybody)


def any_origin(patch: Patch) -> None:
    """Whatever country's topic it comes by."""
    whole = judge.judge

    def anywhere(value: bytes, _: Country, lane: Lane, registry: Registry) -> Verdict:
        return whole(value, _said(value).country, lane, registry)

    patch.setattr(judge, "judge", anywhere)


def any_lane(patch: Patch) -> None:
    """Whichever lane it comes by."""
    whole = judge.judge

    def anyhow(value: bytes, origin: Country, _: Lane, registry: Registry) -> Verdict:
        return whole(value, origin, _said(value).lane, registry)

    patch.setattr(judge, "judge", anyhow)


def _said(value: bytes) -> Event:
    return decode_event(envelope.decode_envelope(value).payload)


def untyped(patch: Patch) -> None:
    """The type of what is signed is not part of what is signed."""
    patch.setattr(signing, "pae", lambda payload, _: payload)


def plain_json(patch: Patch) -> None:
    """Python's own decoder: of two members of one name the last counts."""
    patch.setattr(strict_json, "_DECODER", json.JSONDecoder())


def loose_base64(patch: Patch) -> None:
    """Python's own decoder: spare bits and line ends are passed over."""
    patch.setattr(envelope, "_unbase64", base64.b64decode)


def any_size(patch: Patch) -> None:
    """Neither the value nor the event in it has a limit."""
    whole = envelope.decode_envelope
    patch.setattr(judge, "decode_envelope", lambda value: whole(value, max_value=len(value)))
    patch.setattr(event, "MAX_EVENT", 2**40)


def any_author(patch: Patch) -> None:
    """What stands inside a sealed notice may have been said by another."""
    members = sealing._members

    def adopting(plain: bytes, outer: Event) -> Event:
        said = members(plain[4 : 4 + int.from_bytes(plain[:4])])
        return replace(outer, **(said | {"source": outer.source, "id": outer.id}))

    patch.setattr(sealing, "unpack", adopting)
