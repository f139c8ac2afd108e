"""What others publish of events: CloudEvents' own conformance cases in structured JSON, and the labels of TLP 2.0.

Our events are CloudEvents with more demands (`core.event`), so a case is put on a sound event of ours: only what is
wrong about the case is then wrong.
"""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from tamani.core.event import TLP, decode_event
from tamani.core.registry import Tlp
from tamani.core.strict_json import BadJson, loads
from tests.support.notices import as_json, event

FOLDER = Path(__file__).parent / "vectors"
CASES: dict[str, Any] = json.loads((FOLDER / "cloudevents.json").read_text())
LABELS = json.loads((FOLDER / "tlp.json").read_text())["values"]
# What each case of theirs has that is not wrong.
SOUND = {"specversion": "1.0", "id": "invalid", "type": "io.cloudevents.test", "source": "https://cloudevents.io"}
# What FIRST no longer knows, and two that were never its own.
NOT_OURS = {"white", "ex:chr", "unclear"}


def refused(body: dict[str, Any]) -> str:
    """The code that an event is refused with."""
    with pytest.raises(BadJson) as caught:
        decode_event(json.dumps(body).encode())
    return caught.value.code


def test_a_structured_event_is_read_as_published() -> None:
    """Attributes and data of the one structured case, by our decoder; as an event of ours it lacks what ours have."""
    said = CASES["structured"]
    read = loads(json.dumps(said).encode())
    assert read == said
    assert refused(read) == "refused.event"

    ours = as_json(event())
    kept = {name: said[name] for name in ("specversion", "time", "datacontenttype")}
    found = decode_event(json.dumps(ours | kept).encode())
    assert (found.time, found.data) == (said["time"], ours["data"])


@pytest.mark.parametrize("name", CASES["invalid"])
def test_what_is_no_cloudevent_is_refused(name: str) -> None:
    """Whatever is wrong about the case, on an event that is sound otherwise."""
    case, sound = CASES["invalid"][name], as_json(event())
    body = sound | {attribute: value for attribute, value in case.items() if SOUND.get(attribute) != value}
    for lacking in SOUND.keys() - case.keys():
        del body[lacking]
    assert body != sound, "the case is wrong about nothing"
    assert refused(body).startswith("refused.")


def test_our_labels_are_those_of_tlp_2() -> None:
    """All five and no other, wherever a label is read; none is renamed on its way in."""
    assert {label.upper() for label in LABELS if label not in NOT_OURS} == set(TLP) == set(get_args(Tlp))
    for label in (*NOT_OURS, *(label.lower() for label in TLP)):
        for spelt in {label, label.upper()} - set(TLP):
            assert refused(as_json(event()) | {"tlp": spelt}) == "refused.tlp"
