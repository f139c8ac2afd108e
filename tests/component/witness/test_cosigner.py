"""What a witness cosigns, and each thing that it does not (C2SP tlog-witness), on a real log over HTTP."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tamani.core.errors import DefectError, OutageError, RefusedError
from tamani.core.log.conflict import Conflict
from tamani.core.log.note import Note, Signature
from tamani.core.log.tiles import bundle
from tamani.witness import alarms
from tamani.witness.cosigner import Cosigned, Elsewhere
from tests.support.small_log import AT, WITNESSES, SmallLog, log_key, serving
from tests.support.witnessing import Witness, witnessing


def cosignature_of(answer: Cosigned | Elsewhere, log: SmallLog, size: int) -> int:
    """The time that the answer's line says, if it is the witness's own over this checkpoint."""
    assert isinstance(answer, Cosigned)
    line = Signature.parse(answer.line.decode().removesuffix("\n"))
    return Note(log.checkpoint(size).text, (line,)).signed_by([WITNESSES["bf"].verifier])[WITNESSES["bf"].verifier]


def test_a_log_that_grows_is_cosigned_at_every_step(witness: Witness, log: SmallLog) -> None:
    """From nothing, within a bundle, over its end, and again at the same size."""
    for size in (0, 1, 255, 256, 257, 300, 300):
        assert cosignature_of(witness.ask(log.request(witness.last.size, size)), log, size) == AT
        assert (witness.last.size, witness.last.root) == (size, log.checkpoint(size).root)
    assert witness.alarms(ended=True) == []


def test_its_time_never_goes_back(witness: Witness, log: SmallLog) -> None:
    """Whatever its clock does; and it takes its own clock's time, not anybody's word."""
    witness.clock.at = AT + 100
    assert cosignature_of(witness.follow(log), log, 300) == AT + 100
    witness.clock.at = AT
    assert cosignature_of(witness.follow(log), log, 300) == AT + 100
    witness.clock.at = AT + 101
    assert cosignature_of(witness.follow(log), log, 300) == AT + 101


def test_another_start_than_its_own_is_told_the_size(witness: Witness, log: SmallLog) -> None:
    """Behind and ahead: 409 with where we are."""
    witness.ask(log.request(0, 200))
    assert witness.ask(log.request(0, 300)) == Elsewhere(200)
    assert witness.ask(log.request(250, 300)) == Elsewhere(200)
    assert witness.ask(log.request(100, 100)) == Elsewhere(200)
    assert witness.alarms() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"",
        lambda body: body.replace(b"old 0", b"old 00"),
        lambda body: body.replace(b"old 0", b"old 301"),
        lambda body: body.replace(b"old 0", b"old -1"),
        lambda body: body.replace(b"old 0\n", b"old 0\n!\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\nAAAA\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\n" + (b"A" * 43 + b"=\n") * 64),
        lambda body: body.replace(b"\n\n", b"\n"),
        lambda body: body[:-1],
        lambda body: body.replace(b"old", "øld".encode()),
        lambda body: body + b"x" * 100_000,
    ],
)
def test_what_is_no_request_is_refused(witness: Witness, log: SmallLog, change: Callable[[bytes], bytes]) -> None:
    """Sizes, proof, separators, end of line, length."""

    with pytest.raises(RefusedError, match=r"refused\.witness\.request"):
        witness.ask(change(log.request(0)))
    assert witness.last.size == 0


def test_a_log_that_it_does_not_know_is_not_cosigned(witness: Witness, log: SmallLog) -> None:
    """Another origin: 404. Our log's name under another key, or a signature that does not hold: 403."""
    stranger = SmallLog(log_key("tamani.test/other")).append(3)
    with pytest.raises(RefusedError, match=r"refused\.witness\.origin"):
        witness.ask(stranger.request(0))
    unsigned = stranger.signed(log.checkpoint())
    with pytest.raises(RefusedError, match=r"refused\.log\.origin"):
        witness.ask(b"old 0\n\n" + unsigned)
    with pytest.raises(RefusedError, match=r"refused\.log\.origin"):
        witness.ask(log.request(0).replace(b"\n300\n", b"\n301\n"))
    assert witness.last.size == 0


def test_a_proof_that_does_not_hold_is_refused_and_proves_nothing(witness: Witness, log: SmallLog) -> None:
    """Anybody may bring a good checkpoint with a bad proof: no alarm, and the log goes on."""
    witness.ask(log.request(0, 200))
    body = log.request(200).replace(b"\n", b"\n" + b"A" * 43 + b"=\n", 1)
    for _ in range(2):
        with pytest.raises(RefusedError, match=r"refused\.witness\.consistency"):
            witness.ask(body)
    assert witness.alarms() == []
    assert isinstance(witness.follow(log), Cosigned)


@pytest.mark.parametrize(("first", "begin"), [(200, 150), (256, 250), (128, 100)])
def test_a_rewritten_past_is_refused_and_proven(witness: Witness, log: SmallLog, first: int, begin: int) -> None:
    """The log signs a larger tree that does not begin with ours; at a power of two its tiles are asked for the path."""
    witness.ask(log.request(0, first))
    log.shows = fork = log.fork(begin).append(200, mark="gap")
    with pytest.raises(RefusedError, match=r"refused\.witness\.consistency"):
        witness.ask(fork.request(first))
    (alarm,) = witness.alarms()
    assert alarm.code == alarms.CONFLICT
    liars = Conflict.parse(alarm.conflict or b"").verify(log.policy())
    assert liars.names == (log.key.name,)
    assert witness.last.size == first


@pytest.mark.parametrize("size", [300, 299, 256, 151])
def test_a_split_view_is_told_the_size_and_proven(witness: Witness, log: SmallLog, size: int) -> None:
    """The same size or a smaller one with another root, whatever the request says: one file proves it, once."""
    witness.follow(log)
    fork = log.fork(150).append(size - 150, mark="gap")
    for old in (0, size, 150):
        assert witness.ask(fork.request(old)) == Elsewhere(300)
    (alarm,) = witness.alarms()
    assert (alarm.code, alarm.since, alarm.until) == (alarms.CONFLICT, AT, None)
    assert Conflict.parse(alarm.conflict or b"").verify(log.policy()).names == (log.key.name,)
    assert isinstance(witness.follow(log.append()), Cosigned)
    assert [found.code for found in witness.alarms()] == [alarms.CONFLICT]


def test_the_same_past_at_an_older_size_is_no_alarm(witness: Witness, log: SmallLog) -> None:
    """An old checkpoint, brought again by anybody."""
    witness.follow(log)
    assert witness.ask(log.request(100, 200)) == Elsewhere(300)
    assert witness.alarms() == []


def test_nothing_is_cosigned_before_it_is_copied(witness: Witness, log: SmallLog) -> None:
    """The log does not show an entry: 503, an alarm in words, and it ends when the entry is there."""
    log.answers |= {"tile/entries/001.p/44": None, "tile/entries/001": None}
    with pytest.raises(DefectError, match=r"failed\.witness\.missing"):
        witness.follow(log)
    assert [alarm.code for alarm in witness.alarms()] == [alarms.MISSING]
    assert "appelez" in witness.alarms()[0].sentence("fr")
    assert witness.last.size == 0
    log.answers.clear()
    log.asked.clear()
    assert isinstance(witness.follow(log), Cosigned)
    assert "tile/entries/000" not in log.asked  # what was fetched was kept
    assert witness.alarms() == []
    assert [alarm.until for alarm in witness.alarms(ended=True)] == [AT]


def test_entries_other_than_those_signed_are_not_cosigned(witness: Witness, log: SmallLog) -> None:
    """One altered entry: nothing is kept of it, the alarm says so, and the true one mends it."""
    witness.ask(log.request(0, 256))
    altered = [*log.entries[256:]]
    altered[3] = altered[3].replace(b"event", b"evens")
    log.answers["tile/entries/001.p/44"] = bundle(altered)
    with pytest.raises(DefectError, match=r"failed\.witness\.altered"):
        witness.follow(log)
    assert [alarm.code for alarm in witness.alarms()] == [alarms.ALTERED]
    log.answers.clear()
    assert isinstance(witness.follow(log), Cosigned)
    assert witness.alarms() == []


@pytest.mark.parametrize("content", [b"\0", bundle([b"x" * 1025] * 44), bundle([b"x"] * 43), b"x" * 400_000])
def test_a_bundle_that_is_none_is_missing(witness: Witness, log: SmallLog, content: bytes) -> None:
    """Cut within an entry, an entry too long, too few, too much: our memory is bounded."""
    log.answers |= {"tile/entries/001.p/44": content, "tile/entries/001": None}
    with pytest.raises(DefectError, match=r"failed\.witness\.missing"):
        witness.follow(log)


def test_a_full_bundle_serves_where_the_partial_one_is_gone(witness: Witness, log: SmallLog) -> None:
    """A log may drop a partial file once the full one is there."""
    body = log.request(0)
    log.append(300)
    log.answers["tile/entries/001.p/44"] = None
    assert isinstance(witness.ask(body), Cosigned)
    assert witness.last.size == 300


def test_a_log_that_is_away_is_an_outage_and_no_alarm(tmp_path: Path, log: SmallLog) -> None:
    """Nobody answers at its address."""
    with serving(SmallLog()) as url:
        pass
    with witnessing(tmp_path, log, url) as witness, pytest.raises(OutageError, match=r"failed\.witness\.source"):
        witness.follow(log)
    assert witness.alarms() == []


def test_a_long_copy_is_told_to_come_again_and_goes_on(tmp_path: Path, log: SmallLog, url: str) -> None:
    """Without patience it copies one bundle a request, and arrives."""
    log.append(400)
    with witnessing(tmp_path, log, url, patience=1e-9) as witness:
        for _ in range(2):
            with pytest.raises(OutageError, match=r"failed\.witness\.catchup"):
                witness.follow(log)
        assert isinstance(witness.follow(log), Cosigned)


def test_two_forks_at_once_are_never_both_cosigned(witness: Witness, log: SmallLog, url: str) -> None:
    """Twenty requests at the same moment for two futures of one log: one future is cosigned."""
    witness.ask(log.request(0, 150))
    fork = log.fork(150).append(150, mark="gap")
    bodies = [one.request(150) for _ in range(10) for one in (log, fork)]
    answers: list[object] = []
    gate = threading.Barrier(len(bodies))

    def ask(body: bytes) -> None:
        gate.wait()
        try:
            answers.append(witness.ask(body))
        except (RefusedError, DefectError) as error:
            answers.append(error.code.name)

    threads = [threading.Thread(target=ask, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The fork's entries are not what the log serves: it is never copied, hence never cosigned.
    assert sum(isinstance(answer, Cosigned) for answer in answers) == 1
    assert len(answers) == len(bodies)
    assert witness.last.root == log.checkpoint().root


def test_it_goes_on_from_where_it_was_after_a_restart(tmp_path: Path, log: SmallLog, url: str) -> None:
    """The file is its memory: another life refuses what the first would have."""
    with witnessing(tmp_path, log, url) as witness:
        witness.ask(log.request(0, 200))
    with witnessing(tmp_path, log, url) as witness:
        assert witness.ask(log.request(0, 150)) == Elsewhere(200)
        assert isinstance(witness.follow(log), Cosigned)
