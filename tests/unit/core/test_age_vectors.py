"""Age's own test vectors (`vectors/SOURCES.md`): what opens must open, what must not does not, and nothing panics.

A capsule is the author's file: a hostile one must not end the process that opens it.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest
from pyrage import DecryptError, x25519

from tamani.core.capsule import unwrap
from tamani.core.errors import RefusedError
from tamani.core.recipients import Identity
from tests.support.notices import COMMISSION_ML, id_of
from tests.support.reading_keys import identity_of

CASES: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "age.json").read_text("ascii"))
# For a passphrase, or for keys of a kind that we do not use.
OTHERS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "vectors" / "age_refused.json").read_text("ascii")
)
# pyrage 1.4 reads these stanzas though the specification says not to; the file's own authentication still holds.
LENIENT = {"stanza_missing_body", "stanza_missing_final_line"}


def test_there_are_enough_of_each() -> None:
    expected = {case["expect"] for case in CASES.values()}
    assert expected == {"success", "no match", "HMAC failure", "header failure", "payload failure"}
    assert len(CASES) >= 45


@pytest.mark.parametrize("name", CASES)
def test_age_opens_what_it_must_and_nothing_else(name: str) -> None:
    case = CASES[name]
    identities = [x25519.Identity.from_str(secret) for secret in case["identity"]]
    try:
        plain = pyrage.decrypt(base64.b64decode(case["file"]), identities)
    except DecryptError:
        assert case["expect"] != "success"
    else:
        assert (case["expect"] == "success") != (name in LENIENT)
        assert name in LENIENT or hashlib.sha256(plain).hexdigest() == case["payload"]


@pytest.mark.parametrize("name", CASES)
def test_no_file_gets_past_us_as_a_capsule(name: str) -> None:
    """None of them was made for a notice of ours: each is refused with a code, whatever is wrong with it."""
    case = CASES[name]
    identities = [Identity.from_secret(secret) for secret in case["identity"]]
    with pytest.raises(RefusedError) as told:
        unwrap(base64.b64decode(case["file"]), COMMISSION_ML, id_of(1), identities)
    assert told.value.code.name in {"refused.sealed.capsule", "refused.sealed.reader"}


@pytest.mark.parametrize("name", OTHERS)
def test_a_passphrase_or_a_hybrid_key_is_refused(name: str) -> None:
    """Also where age would open it; a passphrase before any work is done for it."""
    capsule = base64.b64decode(OTHERS[name]["file"])
    with pytest.raises(RefusedError) as told:
        unwrap(capsule, COMMISSION_ML, id_of(1), [identity_of(COMMISSION_ML)])
    by_passphrase = b"\n-> scrypt" in capsule.partition(b"\n---")[0]
    assert told.value.code.name == ("refused.sealed.capsule" if by_passphrase else "refused.sealed.reader")


def test_there_are_others_that_age_would_open() -> None:
    assert [name for name, case in OTHERS.items() if case["expect"] == "success"] == [
        "hybrid",
        "hybrid_and_x25519",
        "hybrid_grease",
        "scrypt",
    ]
    assert len(OTHERS) == 28
