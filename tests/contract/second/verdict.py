"""What an event gets, as far as its bytes tell: steps 4, 6 and 7 of the recipe (protocol §4), by the schemas first."""

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from tests.contract.second.rules import broken

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "schemas"
Event = dict[str, Any]
# §2: the code of an attribute of another form; of all others `refused.event`.
_FORMS = {
    "id": "refused.event.id",
    "type": "refused.type.unknown",
    "profile": "refused.profile",
    "subject": "refused.event.subject",
    "time": "refused.event.time",
    "expirytime": "refused.event.time",
    "tlp": "refused.tlp",
    "audience": "refused.policy.audience",
}
_CALENDAR = {
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$": "date",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$": "date-time",
}
_SEALED_SUBJECT = re.compile(r"sealed/[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def verdict(event: Event) -> str | None:
    """The code of the refusal; nothing if a judge would let it pass whose registry gives its body every right."""
    return _attributes(event) or _kind(event) or _data(event) or _label(event)


def _attributes(event: Event) -> str | None:
    wrong = [error.instance_path for error in _schema("event.v1.schema.json").iter_errors(event)]
    if [] in wrong or any(not isinstance(value, str) for name, value in event.items() if name != "data"):
        return "refused.event"
    if wrong:
        return next((_FORMS[path[0]] for path in wrong if path[0] in _FORMS), "refused.event")
    readers = event.get("audience", "").split(" ") if "audience" in event else []
    if len(event["subject"].encode()) > 256:
        return "refused.event.subject"
    if not all(_exists(event[name][:10]) for name in ("time", "expirytime") if name in event):
        return "refused.event.time"
    if readers != sorted(set(readers)):
        return "refused.policy.audience"
    return None if event["dataschema"].split(":")[2] == _name(event) else "refused.event"


def _kind(event: Event) -> str | None:
    name, profiles = _name(event), _profiles()
    if name not in profiles:
        return "refused.type.unknown"
    if not event["type"].endswith(".v1"):
        return "refused.type.version"
    if event["profile"] not in profiles[name]:
        return "refused.profile"
    if name == "public.notice" and event["tlp"] != "CLEAR":
        return "refused.tlp.type"
    family = _families().get(name)
    return None if not family or event["subject"].startswith(family) else "refused.event.subject"


def _data(event: Event) -> str | None:
    name, profile, data = _name(event), event["profile"], event["data"]
    if not _data_schema(name, profile, int(event["dataschema"].split(":")[3])).is_valid(data):
        return "refused.data"
    if broken(name, profile, data):
        return "refused.data"
    return "refused.sealed" if name == "sealed" and not _tells_nothing(event) else None


def _tells_nothing(event: Event) -> bool:
    """§11: the attributes of a sealed notice, and a capsule for each origin of a reader, its own included."""
    origins = {source.split("/")[1] for source in (event["source"], *event.get("audience", "").split())}
    plain = event["lang"] == "und" and "expirytime" not in event and _SEALED_SUBJECT.fullmatch(event["subject"])
    labelled = event["tlp"] in {"AMBER", "AMBER+STRICT", "RED"}
    return bool(plain) and labelled and [one["origin"] for one in event["data"]["capsules"]] == sorted(origins)


def _label(event: Event) -> str | None:
    head = event["data"].get("head", {})
    strict = event["tlp"] in {"AMBER+STRICT", "RED"} or head.get("caveats") or event["profile"] == "mise-en-relation"
    if strict and _name(event) != "sealed":
        return "refused.tlp.unsealed"
    named = event["tlp"] in {"CLEAR", "GREEN"} or "audience" in event
    return None if named else "refused.policy.audience"


def _name(event: Event) -> str:
    return str(event["type"]).removeprefix("tamani.").rpartition(".")[0]


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


@cache
def _profiles() -> dict[str, set[str]]:
    """Type → profiles, from the list of lifecycles."""
    found: dict[str, set[str]] = {}
    for name in json.loads((SCHEMAS / "lifecycles.json").read_text("utf-8")):
        found.setdefault(name.partition(":")[0], set()).add(name.partition(":")[2])
    return found


@cache
def _families() -> dict[str, str]:
    """Type → how its subjects begin, from the table of §2."""
    text = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    return dict(re.findall(r"^\| `([a-z.]+)` \| `([a-z]+/)` \|", text, re.MULTILINE))


@cache
def _data_schema(name: str, profile: str, minor: int) -> Draft202012Validator:
    """By `schemas/README.md`; of a later minor version, fields that one does not know are no fault."""
    own = f"types/{name}.v1.{profile}.schema.json"
    file = own if (SCHEMAS / own).exists() else f"types/{name}.v1.schema.json"
    known = json.loads((SCHEMAS / file).read_text("utf-8"))["$id"].split(":")[3]
    return _schema(file, later=minor > int(known))


@cache
def _schema(file: str, *, later: bool = False) -> Draft202012Validator:
    def told(part: Event) -> Event:
        if later:
            part.pop("additionalProperties", None)
        pattern = part.get("pattern")
        return part | {"format": _CALENDAR[pattern]} if isinstance(pattern, str) and pattern in _CALENDAR else part

    text = (SCHEMAS / file).read_text("utf-8")
    return Draft202012Validator(json.loads(text, object_hook=told), validate_formats=True)
