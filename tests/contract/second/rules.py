"""The rules between fields that a JSON Schema cannot say: protocol §2, "Beyond the schemas", line by line."""

import base64
from collections.abc import Callable
from typing import Any

Data = dict[str, Any]


def broken(kind: str, profile: str, data: Data) -> bool:
    """Whether data that fit their schema break a rule of their type."""
    rule = _RULES.get(kind)
    return rule is not None and bool(rule(profile, data))


def _counted(rows: list[Data], name: str) -> bool:
    return [row[name] for row in rows] == list(range(1, len(rows) + 1))


def _once(rows: list[Data], name: str) -> bool:
    return len({row[name] for row in rows}) == len(rows)


def _after(data: Data, first: str, last: str) -> object:
    """Both are there and in the wrong order; days and instants are written so that texts compare."""
    return {first, last} <= data.keys() and data[last] < data[first]


def _meeting(_profile: str, data: Data) -> object:
    return data["end"] < data["start"] or not _counted(data.get("points", []), "rank")


def _record(profile: str, data: Data) -> object:
    consent, people = data["head"].get("consent_basis"), data.get("participants", {})
    if profile == "dialogue":
        return consent not in {"informed", "collective"} or not data["head"].get("areas")
    more_women = people.get("women", 0) > people.get("total", 0)
    return not _counted(data.get("decisions", []), "no") or (data.get("quotes") and not consent) or more_women


def _law(_profile: str, data: Data) -> object:
    return not _once(data["steps"], "country")


def _provision(_profile: str, data: Data) -> object:
    match data["conformity"]:
        case "absent":
            return "verbatim" in data
        case "non-evalue":
            return {"gap", "assessed_on"} & data.keys()
    return False


def _text(profile: str, data: Data) -> object:
    articles = data.get("articles", [])
    both_or_none = profile == "en-vigueur" and ("country" in data) == ("organisation" in data)
    return not _once(articles, "eid") or both_or_none or (profile == "amendement" and not articles)


def _request(profile: str, data: Data) -> object:
    early = profile == "avis" and data.get("outcomes") and data["status"] == "asked"
    return early or (profile == "contribution" and _after(data, "opens", "due"))


def _answer(profile: str, data: Data) -> object:
    declined = data["answer"] == "declined"
    if profile == "mise-en-relation":
        return declined != (data["contact"] == "impossible")
    without = profile == "avis" and (data["answer"] == "answered") != ("opinion" in data)
    return without or (declined and "text" not in data)


def _alert(_profile: str, data: Data) -> object:
    weak = data["source_reliability"] in "DEF" or data["credibility"] >= 4
    return not data["head"].get("areas") or (weak and data["severity"] == "Extreme")


def _sheet(profile: str, data: Data) -> object:
    late = _after(data, "valid_from", "valid_to") or _after(data, "verified_on", "verify_by")
    undated = data["status"] == "verified" and not {"verified_on", "verify_by"} <= data.keys()
    return late or undated or (profile == "mandat" and not {"body", "corps"} & data.keys())


def _ack(profile: str, data: Data) -> object:
    if profile == "suite":
        return data["level"] == "abandonne" and "note" not in data
    return profile == "participation" and (data["level"] == "other-date") != ("proposed" in data)


def _absence(profile: str, data: Data) -> object:
    if profile == "silence":
        return (data["status"] == "settled") != ("heard" in data)
    return data["last"] < data["first"]


def _sealed(_profile: str, data: Data) -> object:
    """§11: base64 of one spelling, 16 bytes longer than one of the four sizes; one capsule an origin, sorted."""
    try:
        raw = base64.b64decode(data["ciphertext"], validate=True)
    except ValueError:
        return True
    origins = [one["origin"] for one in data["capsules"]]
    spelt = base64.b64encode(raw).decode() == data["ciphertext"]
    return not spelt or len(raw) != data["size"] + 16 or origins != sorted(set(origins))


_RULES: dict[str, Callable[[str, Data], object]] = {
    "agenda.meeting": _meeting,
    "agenda.record": _record,
    "law.item": _law,
    "law.provision": _provision,
    "law.text": _text,
    "exchange.request": _request,
    "exchange.answer": _answer,
    "monitor.alert": _alert,
    "reference.sheet": _sheet,
    "ack": _ack,
    "system.absence": _absence,
    "sealed": _sealed,
}
