"""A witness that is killed between any two effects: what it answered was on the disk, the rest it does again."""

from collections import Counter
from pathlib import Path

import pytest

from tamani.core.log.merkle import root_hash
from tamani.witness.copy import Copy
from tamani.witness.cosigner import Cosigned, Elsewhere
from tests.support.small_log import SmallLog
from tests.support.telling import Tell
from tests.support.witness_worker import INSTANTS, SIZE
from tests.support.witnessing import Witness, witnessing
from tests.support.zygote import zygote

KILLS_AN_INSTANT = 10
BEFORE = 200


def last_size(witness: Witness) -> int:
    """What it cosigned last; the copy reaches at least as far, and has that root."""
    with witness.service.database.reading() as db:
        copy, last = Copy(db), witness.last
        assert copy.size >= last.size
        assert root_hash(last.size, copy.hashes(last.size)) == last.root
    return last.size


@pytest.mark.timeout(120)
def test_what_was_not_committed_was_not_cosigned_and_what_was_is_not_forgotten(
    tmp_path: Path, log: SmallLog, url: str, tell: Tell
) -> None:
    """Ten SIGKILLs at each instant, each in another life; then it goes on, and no fork was ever possible."""
    hits = Counter[str]()
    with zygote("tests.support.witness_worker", url) as worker:
        for name in INSTANTS:
            with witnessing(tmp_path / name, log, url) as witness:
                assert isinstance(witness.ask(log.request(0, BEFORE)), Cosigned)
                for _ in range(KILLS_AN_INSTANT):
                    worker.killed(name, tmp_path / name)
                    assert last_size(witness) == (SIZE if name == "committed" else BEFORE)
                    hits[name] += 1
                assert isinstance(witness.follow(log), Cosigned)
                assert last_size(witness) == SIZE
                assert witness.ask(log.request(BEFORE)) == Elsewhere(SIZE), "who lost its answer is told where it is"
                assert isinstance(witness.ask(log.request(SIZE)), Cosigned), "and gets its line again"
    tell("\n".join(("kills of a witness:", *(f"  {hits[name]:3} × {at.words}" for name, at in INSTANTS.items()))))
    assert hits == dict.fromkeys(INSTANTS, KILLS_AN_INSTANT)
