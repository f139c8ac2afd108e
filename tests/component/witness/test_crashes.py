"""A witness that dies between any two steps: what it answered was on the disk, the rest it does again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tamani.core.log.merkle import root_hash
from tamani.witness import alarms, cosigner
from tamani.witness.copy import Copy
from tamani.witness.cosigner import Cosigned, Cosigner, Elsewhere
from tests.support.small_log import SmallLog
from tests.support.witnessing import Witness, witnessing


class Crash(BaseException):
    """The end of the process, as far as this code can tell."""


def _dies(*_: object, **__: object) -> Any:
    raise Crash


def _dies_after(work: Callable[..., Any]) -> Callable[..., Any]:
    def done(*values: Any, **named: Any) -> Any:
        work(*values, **named)
        raise Crash

    return done


STEPS: dict[str, tuple[object, str, Callable[[Callable[..., Any]], Callable[..., Any]]]] = {
    "nothing fetched": (Cosigner, "_fetch", lambda _: _dies),
    "a bundle written, not committed": (Copy, "append", _dies_after),
    "all fetched, not proven": (Cosigner, "_prove", lambda _: _dies),
    "proven, not signed": (Cosigner, "_sign", lambda _: _dies),
    "signed and written, not committed": (cosigner, "write_last", _dies_after),
    "alarms settled, not committed": (alarms, "settle", _dies_after),
}


def last_size(witness: Witness) -> int:
    """What it cosigned last; the copy reaches at least as far, and has that root."""
    with witness.service.database.reading() as db:
        copy, last = Copy(db), witness.last
        assert copy.size >= last.size
        assert root_hash(last.size, copy.hashes(last.size)) == last.root
    return last.size


@pytest.mark.parametrize("step", STEPS)
def test_what_was_not_answered_was_not_cosigned(
    tmp_path: Path, log: SmallLog, url: str, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Ten deaths at this step, each in another life; then it goes on, and no fork was ever possible."""
    with witnessing(tmp_path, log, url) as witness:
        assert isinstance(witness.ask(log.request(0, 200)), Cosigned)
    target, name, change = STEPS[step]
    for _ in range(10):
        with witnessing(tmp_path, log, url) as witness, monkeypatch.context() as patch:
            patch.setattr(target, name, change(getattr(target, name)))
            with pytest.raises(Crash):
                witness.follow(log)
            assert last_size(witness) == 200
    with witnessing(tmp_path, log, url) as witness:
        assert isinstance(witness.follow(log), Cosigned)
        assert last_size(witness) == 300


def test_an_answer_that_was_lost_is_given_again(witness: Witness, log: SmallLog) -> None:
    """Committed, and the process died before the answer: the log is told the size, asks again, and gets its line."""
    witness.ask(log.request(0, 200))
    witness.follow(log)
    assert witness.ask(log.request(200)) == Elsewhere(300)
    assert isinstance(witness.ask(log.request(300)), Cosigned)
