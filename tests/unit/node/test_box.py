"""What waits lies in a box: only the body's own key opens it, and only in its own row."""

import pytest

from tamani.core.errors import DefectError
from tamani.node.box import close_box, open_box
from tests.support.keys import key_of
from tests.support.notices import COMMISSION_ML, COMMISSION_NE, id_of

OWNER = f"{COMMISSION_ML} {id_of(1)}"
WORDS = "un contenu à relire".encode()


def test_its_own_key_opens_it() -> None:
    key = key_of(COMMISSION_ML)
    box = close_box(key, OWNER, WORDS)
    assert open_box(key, OWNER, box) == WORDS
    assert WORDS not in box
    assert close_box(key, OWNER, WORDS) != box, "the same words lie there differently each time"


@pytest.mark.parametrize("case", ["another key", "another row", "altered"])
def test_nothing_else_does(case: str) -> None:
    key, box = key_of(COMMISSION_ML), close_box(key_of(COMMISSION_ML), OWNER, WORDS)
    tried = {
        "another key": (key_of(COMMISSION_NE), OWNER, box),
        "another row": (key, f"{COMMISSION_ML} {id_of(2)}", box),
        "altered": (key, OWNER, box[:-1] + bytes([box[-1] ^ 1])),
    }[case]
    with pytest.raises(DefectError) as told:
        open_box(*tried)
    assert told.value.code.name == "failed.keystore"
