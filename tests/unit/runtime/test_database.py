"""What counts as the database being away: waited for, without a word on what was to be written."""

import psycopg
import pytest
from psycopg import errors

from tamani.runtime.database import is_outage

AWAY = {
    "connection failure": errors.ConnectionFailure,
    "serialization failure": errors.SerializationFailure,
    "deadlock": errors.DeadlockDetected,
    "too many connections": errors.TooManyConnections,
    "disk full": errors.DiskFull,
    "out of memory": errors.OutOfMemory,
    "shut down by an operator": errors.AdminShutdown,
    "input or output error": errors.IoError,
    "stood idle in a transaction": errors.IdleInTransactionSessionTimeout,
    "the connection broke, without a state": psycopg.OperationalError,
    "the client lost it": psycopg.InterfaceError,
}
REFUSED = {
    "a text that is none": errors.CharacterNotInRepertoire,
    "a row that is there": errors.UniqueViolation,
    "too long": errors.StringDataRightTruncation,
    "a read-only transaction": errors.ReadOnlySqlTransaction,
    "a table that is missing": errors.UndefinedTable,
    "no right": errors.InsufficientPrivilege,
}


@pytest.mark.parametrize("what", AWAY)
def test_what_passes_is_waited_for(what: str) -> None:
    """A full disk is no fault of the notice that met it."""
    assert is_outage(AWAY[what]())


@pytest.mark.parametrize("what", REFUSED)
def test_what_was_refused_is_not(what: str) -> None:
    """It would be refused for ever."""
    assert not is_outage(REFUSED[what]())


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError()])
def test_the_way_to_it_counts_too(error: OSError) -> None:
    """A socket that does not open."""
    assert is_outage(error)


def test_our_own_faults_are_none() -> None:
    """They are to be seen."""
    assert not is_outage(KeyError("head"))
