"""The JSON of a notice for programs: what the archive and the desk know, around the signed event, byte for byte."""

import json
from datetime import datetime
from typing import Any

from tamani.core.catalogue.sealed import TYPE as SEALED
from tamani.core.event import format_time
from tamani.core.policy import Reader
from tamani.core.thread import ThreadState
from tamani.desk.references import Links
from tamani.desk.rows import Notice

WAITS_FR, WAITS_EN = "Un avis scellé vous attend.", "A sealed notice awaits you."


def record_json(notice: Notice, reader: Reader, **more: Any) -> bytes:
    """The notice as an object; its member `event` is the payload as it was signed, not written anew."""
    row = notice.row
    number = row.number(reader)
    known = {
        "feed_index": number,
        "recordedtime": instant(row.recordedtime),
        "marks": list(row.marks),
        "digest": notice.digest,
        "keyid": notice.envelope.keyid,
        "links": {
            "self": f"/v1/records/{number}",
            "envelope": f"/v1/records/{number}/envelope",
            "page": page_path(row.source, row.id),
        },
    }
    return _dump(known | more)[:-1] + b',"event":' + notice.envelope.payload + b"}"


def change_json(notice: Notice, reader: Reader) -> bytes:
    """The notice as a feed tells it: of a sealed one, only that it waits."""
    if notice.row.type != SEALED.name:
        return record_json(notice, reader)
    number = notice.row.number(reader)
    links = {"self": f"/v1/records/{number}", "page": page_path(notice.row.source, notice.row.id)}
    return _dump({"feed_index": number, "sealed": True, "fr": WAITS_FR, "en": WAITS_EN, "links": links})


def mark_json(notice: Notice, number: int, mark: str, reader: Reader) -> bytes:
    """A mark set on an earlier notice."""
    row = notice.row
    said = {"feed_index": number, "mark": mark, "record": row.number(reader)}
    return _dump(said | {"source": row.source, "id": row.id, "subject": row.thread})


def erased_json(number: int, source: str, id_: str, recorded: datetime, basis: str) -> bytes:
    """That a notice was erased: since when, and on which ground; the order itself is at `/v1/erasures/{id}`."""
    return _dump({"feed_index": number, "source": source, "id": id_, "recorded": format_time(recorded), "basis": basis})


def records_json(notices: list[Notice], reader: Reader, **more: Any) -> bytes:
    """A page of notices."""
    rows = b",".join(record_json(notice, reader) for notice in notices)
    return _dump(more)[:-1] + b',"records":[' + rows + b"]}"


def thread_json(state: ThreadState, numbers: dict[int, int]) -> dict[str, Any]:
    """The state of a thread, as this reader counts (`numbers`: from feed index to their number)."""
    return {
        "state": state.state,
        "status": state.status,
        "contested": state.contested,
        "current": numbers[state.current.index] if state.current else None,
        "history": [numbers[index] for index in state.history],
        "corrections": [numbers[index] for index in state.corrections],
        "acks": [{"body": body, "level": level, "record": numbers[index]} for body, level, index in state.acks],
        "answers": [{"body": b, "answer": word, "record": numbers[i]} for b, word, i in state.answers],
        "endorsements": [{"body": b, "support": word, "record": numbers[i]} for b, word, i in state.endorsements],
        "translations": [{"body": b, "lang": lang, "record": numbers[i]} for b, lang, i in state.translations],
        "no_effect": [
            {"record": numbers[index], "reason": reason} for index, reason in sorted(state.no_effect.items())
        ],
    }


def links_json(links: Links, reader: Reader) -> dict[str, Any]:
    """What a notice names (`record` where the reader may read it), and what names it."""
    to = [
        {"rel": ref.rel, "source": ref.source, "id": ref.id, "record": found.row.number(reader) if found else None}
        for ref, found in links.names
    ]
    back = [
        {"rel": rel, "source": one.row.source, "id": one.row.id, "record": one.row.number(reader)}
        for rel, one in links.named_by
    ]
    return {"names": to, "named_by": back}


def page_path(source: str, id_: str) -> str:
    """The address of a notice's page: by body and id, the same at every site and for every reader."""
    return f"/avis{source}/{id_}"


def instant(when: datetime) -> str:
    """RFC 3339 in UTC, with what the archive knew of fractions."""
    return when.isoformat().replace("+00:00", "Z")


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
