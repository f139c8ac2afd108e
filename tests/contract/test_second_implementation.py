"""`schemas/` and `docs/protocol.md` tell enough: who writes from them alone judges every example as we do."""

import ast
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tamani.core.judge import judge
from tamani.core.names import country_of, lane_of
from tamani.core.verdict import Forward, Refuse
from tests.contract import second
from tests.contract.second.envelope import keys_in, opened, signed
from tests.contract.second.verdict import verdict
from tests.support.examples import FOLDER
from tests.support.keys import key_of, seed_of
from tests.support.notices import COMMISSION_NE, registry, registry_value, seal_json

VALID = sorted(path.name for path in FOLDER.glob("*.json"))
SEALED = sorted(f"sealed/{path.name}" for path in (FOLDER / "sealed").glob("*.json"))
INVALID = sorted(f"invalid/{path.name}" for path in (FOLDER / "invalid").glob("*.json"))


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def test_it_takes_nothing_from_ours() -> None:
    """It imports public libraries and itself."""
    for path in Path(second.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith(("tamani", "tests.support")) for name in found), path


@pytest.mark.parametrize("name", VALID)
def test_it_takes_each_valid_example(name: str) -> None:
    assert verdict(read(name)) is None


@pytest.mark.parametrize("name", SEALED)
def test_it_takes_each_sealed_example(name: str) -> None:
    """And refuses what is within, were it said in the open."""
    example = read(name)
    assert verdict(example["event"]) is None
    within = {key: value for key, value in example["within"].items() if key != "v"}
    family = within["type"].split(".")[1]
    assert verdict(example["event"] | within | {"subject": f"{family}/exemple"}) == "refused.tlp.unsealed"


@pytest.mark.parametrize("name", INVALID)
def test_it_gives_each_invalid_example_its_code(name: str) -> None:
    assert [(case["why"], verdict(case["event"])) for case in read(name)] == [
        (case["why"], case["code"]) for case in read(name)
    ]


def test_a_later_minor_version_is_taken_with_its_new_fields() -> None:
    """By both; of the version that one knows, a new field is a fault."""
    good = read("agenda.meeting.v1.conjointe.json")
    good["data"]["head"]["novelty"] = good["data"]["novelty"] = 1
    for schema, code in (("urn:tamani:agenda.meeting:99", None), ("urn:tamani:agenda.meeting:1", "refused.data")):
        event = good | {"dataschema": schema}
        ours = judge(
            seal_json(event, key_of(event["source"])), country_of(event["source"]), lane_of("agenda/x"), registry()
        )
        assert verdict(event) == code
        assert (None if isinstance(ours, Forward) else ours.name) == code


def test_each_reads_what_the_other_has_signed() -> None:
    """Byte for byte, under the same keys."""
    event = read("agenda.item.v1.audition.json")
    ours, theirs = seal_json(event, key_of(event["source"])), signed(event, seed_of(event["source"]))
    keys = keys_in(registry_value())
    for value in (ours, theirs):
        assert opened(value, keys) == event
        taken = judge(value, country_of(event["source"]), lane_of(event["subject"]), registry())
        assert isinstance(taken, Forward)
    assert opened(theirs, {}) is None


@pytest.mark.parametrize("wrong", ["a byte more", "the signature of another event", "the key of another body"])
def test_neither_reads_what_is_not_signed_so(wrong: str) -> None:
    """One byte, one signature, one owner."""
    event = read("agenda.item.v1.audition.json")
    good = json.loads(signed(event, seed_of(event["source"])))
    match wrong:
        case "a byte more":
            payload = base64.b64decode(good["payload"]) + b" "
            bad = good | {"payload": base64.b64encode(payload).decode()}
        case "the signature of another event":
            other = json.loads(signed(event | {"subject": "agenda/autre"}, seed_of(event["source"])))
            bad = good | {"signatures": other["signatures"]}
        case _:
            bad = json.loads(signed(event, seed_of(COMMISSION_NE)))
    value = json.dumps(bad).encode()
    assert opened(value, keys_in(registry_value())) is None
    assert isinstance(judge(value, country_of(event["source"]), lane_of(event["subject"]), registry()), Refuse)
