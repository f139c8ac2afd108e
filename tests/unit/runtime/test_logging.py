"""What a library repeats is said once in a while; what we say is always said."""

import logging

from tamani.runtime.logging import SELDOM, Seldom


def _record(name: str, text: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, __file__, 1, text, values, None)


def test_a_library_says_the_same_thing_once_in_half_a_minute_and_then_how_often_it_was() -> None:
    """Other values are the same thing, another text is not."""
    now = [0.0]
    seldom = Seldom(lambda: now[0])
    passed = [seldom.filter(_record("aiokafka.conn", "no connection to %s", node)) for node in range(5)]
    assert passed == [True, False, False, False, False]
    assert seldom.filter(_record("aiokafka.conn", "another thing"))
    now[0] += SELDOM
    later = _record("aiokafka.conn", "no connection to %s", 7)
    assert seldom.filter(later)
    assert later.getMessage() == "no connection to 7 [4 like it before]"


def test_what_we_say_is_never_left_out() -> None:
    """Our own lines are few, and each counts."""
    seldom = Seldom()
    assert all(seldom.filter(_record("tamani.node.main", "the same")) for _ in range(3))
