"""What a witness finds by looking: at the log, and at the other witnesses, who must show what they cosigned."""

from pathlib import Path

import pytest

from tamani.core.log.conflict import Conflict
from tamani.witness import alarms
from tests.support.small_log import AT, SmallLog, serving
from tests.support.witnessing import Witness, witnessing


def wrong(witness: Witness, name: str = "log") -> str | None:
    """What the last look found."""
    return witness.service.watch.looks[name].wrong


def test_a_log_that_shows_what_was_cosigned_is_in_order(witness: Witness, log: SmallLog) -> None:
    """Smaller than ours, the same, larger."""
    witness.ask(log.request(0, 200))
    for size in (190, 200, 300):
        log.publish(size=size)
        witness.service.watch.look()
        assert (wrong(witness), witness.service.watch.looks["log"].size) == (None, size)
    assert witness.alarms() == []


@pytest.mark.parametrize("size", [180, 200, 220])
def test_a_fork_that_is_shown_is_proven(witness: Witness, log: SmallLog, size: int) -> None:
    """Nobody submitted it: it is found where it is shown, whatever its size."""
    witness.ask(log.request(0, 200))
    log.shows = fork = log.fork(150).append(size - 150, mark="gap")
    fork.publish()
    witness.service.watch.look()
    (alarm,) = witness.alarms()
    assert (alarm.code, wrong(witness)) == (alarms.CONFLICT, alarms.CONFLICT)
    assert Conflict.parse(alarm.conflict or b"").verify(log.policy()).names == (log.key.name,)


def test_a_fork_that_stands_there_is_one_alarm(witness: Witness, log: SmallLog) -> None:
    """However often it is looked at, and however far we have come meanwhile; another one is another alarm."""
    witness.ask(log.request(0, 200))
    fork = log.fork(150).append(40, mark="gap")
    log.answers["checkpoint"] = fork.note()
    for size in (200, 250, 300):
        witness.ask(log.request(witness.last.size, size))
        witness.service.watch.look()
    assert len(witness.alarms()) == 1
    log.answers["checkpoint"] = fork.note(180)
    witness.service.watch.look()
    assert len(witness.alarms()) == 2


def test_the_witness_that_helped_is_named(tmp_path: Path, log: SmallLog, url: str) -> None:
    """The host shows the truth; its own witness, which cosigned both, has to show the fork."""
    fork = log.fork(150).append(200, mark="gap")
    fork.publish("ne")
    with serving(fork) as prefix, witnessing(tmp_path, log, url, urls={"ne": prefix.removesuffix("/log")}) as witness:
        witness.ask(log.request(0).replace(log.note(), log.note(None, "ne")))
        log.publish("bf", "ml", "ne")
        witness.service.watch.look()
    (alarm,) = witness.alarms()
    assert (wrong(witness), wrong(witness, "ne")) == (None, alarms.CONFLICT)
    assert Conflict.parse(alarm.conflict or b"").verify(log.policy()).larger.witnesses == {"ne": AT}


def test_a_log_that_went_back_is_an_alarm_until_it_goes_on(witness: Witness, log: SmallLog) -> None:
    """Less than what was cosigned a whole interval ago; at the very first look it may just be slow."""
    witness.follow(log)
    log.publish(size=250)
    witness.service.watch.look()
    assert witness.alarms() == []
    witness.service.watch.look()
    assert [alarm.code for alarm in witness.alarms()] == [alarms.ROLLBACK]
    assert "tamani archive rebuild" in witness.alarms()[0].sentence("en")
    witness.follow(log.append())
    assert witness.alarms() == []


def test_a_checkpoint_that_nothing_supports_is_an_alarm(witness: Witness, log: SmallLog) -> None:
    """Signed, larger than ours, but the tiles tell of another root, or are not there."""
    witness.ask(log.request(0, 200))
    fork = log.fork(100).append(200, mark="gap")
    log.answers["checkpoint"] = fork.note(260)
    witness.service.watch.look()
    assert (wrong(witness), [alarm.code for alarm in witness.alarms()]) == (alarms.UNSHOWN, [alarms.UNSHOWN])
    log.answers["checkpoint"] = fork.note(100_000) if fork.size > 100_000 else fork.note(300)
    log.answers["tile/0/001.p/44"] = None
    witness.service.watch.look()
    assert wrong(witness) == alarms.UNSHOWN


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "failed.witness.missing"), (b"nonsense", "refused.log.note"), (b"x" * 70_000, "failed.witness.missing")],
)
def test_what_is_no_checkpoint_is_noted_and_looked_at_again(
    witness: Witness, log: SmallLog, content: bytes | None, code: str
) -> None:
    """No alarm: it proves nothing. The next look finds it mended."""
    log.answers["checkpoint"] = content
    witness.service.watch.look()
    witness.service.watch.look()
    assert (wrong(witness), witness.alarms()) == (code, [])
    log.answers.clear()
    witness.service.watch.look()
    assert wrong(witness) is None


def test_who_is_away_is_noted(tmp_path: Path, log: SmallLog, url: str) -> None:
    """Another witness that does not answer stops nothing."""
    with serving(SmallLog()) as gone:
        pass
    with witnessing(tmp_path, log, url, urls={"ml": gone.removesuffix("/log")}) as witness:
        witness.service.watch.look()
    assert (wrong(witness), wrong(witness, "ml")) == (None, "failed.witness.source")
