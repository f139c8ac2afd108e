"""Kafka's jars are those of the lock, byte for byte, or nothing runs."""

import hashlib
from pathlib import Path

import pytest

from tamani.core.errors import DefectError, OutageError
from tamani.embedded.fetch import bring, bring_all, copy_from, missing
from tamani.embedded.jars import Jar, checked_class_path, parse_lock, shipped_lock

GOOD = b"a jar"
JAR = Jar("org.example", "thing", "1.0", hashlib.sha256(GOOD).hexdigest())


def test_the_shipped_lock_names_kafka_and_a_logger() -> None:
    """46 jars, each once, of one Kafka version."""
    lock = shipped_lock()
    assert len(lock) == len({jar.filename for jar in lock}) == 46
    assert {jar.version for jar in lock if jar.group == "org.apache.kafka"} == {"4.3.0"}
    assert {jar.artifact for jar in lock} >= {"kafka_2.13", "kafka-clients", "slf4j-simple"}


@pytest.mark.parametrize("line", ["a:b:1 md5:00", "a:b:1 sha256:abc"], ids=["algorithm", "length"])
def test_a_lock_without_a_full_sha256_is_refused(line: str) -> None:
    """A weaker digest would be no check."""
    with pytest.raises(DefectError) as refused:
        parse_lock(line)
    assert refused.value.code.name == "failed.checksum"


def test_an_altered_jar_never_reaches_a_class_path(tmp_path: Path) -> None:
    """One changed byte is enough."""
    (tmp_path / JAR.filename).write_bytes(GOOD)
    assert checked_class_path(tmp_path, [JAR]) == str(tmp_path / JAR.filename)
    (tmp_path / JAR.filename).write_bytes(b"A jar")
    with pytest.raises(DefectError) as refused:
        checked_class_path(tmp_path, [JAR])
    assert refused.value.code.name == "failed.checksum"


def test_a_missing_jar_says_how_to_get_it(tmp_path: Path) -> None:
    """Its own code, not a stack trace of Java."""
    with pytest.raises(DefectError) as refused:
        checked_class_path(tmp_path, [JAR])
    assert refused.value.code.name == "failed.jars"
    assert "deploy/up" in refused.value.code.fr
    assert "deploy/up" in refused.value.code.en


def test_a_download_that_does_not_match_is_thrown_away(tmp_path: Path) -> None:
    """It gets no name in the folder, so nothing can run it later."""

    def get(jar: Jar, aside: Path) -> Path:
        path = aside / jar.filename
        path.write_bytes(b"something else")
        return path

    with pytest.raises(DefectError) as refused:
        bring(JAR, tmp_path, get)
    assert refused.value.code.name == "failed.checksum"
    assert list(tmp_path.iterdir()) == []


def test_no_network_has_its_own_code(tmp_path: Path) -> None:
    """Told apart from an altered file."""

    def get(jar: Jar, aside: Path) -> Path:
        raise ConnectionError("Name or service not known")

    with pytest.raises(OutageError) as refused:
        bring(JAR, tmp_path, get)
    assert refused.value.code.name == "failed.network"


def test_a_folder_that_lacks_a_jar_is_told(tmp_path: Path) -> None:
    """`--from` an incomplete folder installs nothing of what it lacks."""
    with pytest.raises(DefectError) as refused:
        bring_all(tmp_path / "into", copy_from(tmp_path), lambda done, total: None)
    assert refused.value.code.name == "failed.jars"


def test_only_what_is_missing_is_brought(tmp_path: Path) -> None:
    """A second run has nothing to do; an altered file counts as missing."""
    source, into = tmp_path / "source", tmp_path / "into"
    (source / "jars").mkdir(parents=True)
    into.mkdir()
    (source / "jars" / JAR.filename).write_bytes(GOOD)
    (into / JAR.filename).write_bytes(b"altered")
    assert missing([JAR], into) == [JAR]
    bring(JAR, into, copy_from(source))
    assert missing([JAR], into) == []
