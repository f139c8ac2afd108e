"""How often what was erased is said again to a region that has not heard."""

from tamani.node.heartbeat import News

ORDER, OTHER = ("desk", "ab" * 32), ("node", "ab" * 32)


def test_it_is_said_at_once_then_at_twice_the_wait_each_time() -> None:
    """Ten seconds, twenty, forty: a beat that the region held or refused is made up for soon."""
    news, spoken = News(10.0), []
    for now in range(200):
        if news.due({ORDER}, float(now)):
            spoken.append(now)
            news.said({ORDER}, float(now))
    assert spoken == [0, 10, 30, 70, 150]


def test_another_that_comes_is_said_at_once_and_what_was_heard_is_forgotten() -> None:
    """Each has its own wait; one that comes back begins anew."""
    news = News(10.0)
    assert news.due({ORDER}, 0.0)
    news.said({ORDER}, 0.0)
    assert not news.due({ORDER}, 1.0)
    assert news.due({ORDER, OTHER}, 1.0)
    news.said({ORDER, OTHER}, 1.0)
    assert not news.due({OTHER}, 2.0)
    assert news.due({ORDER, OTHER}, 3.0)


def test_nothing_to_say() -> None:
    """No erasure, no news."""
    assert not News(10.0).due(set(), 5.0)
