"""Whether what an officer made here is still theirs: an address ends with the account, and with the enrolment."""

from tamani.core.errors import RefusedError
from tamani.desk.service import Desk


def body_stands(desk: Desk, source: str) -> bool:
    """Whether the body is enrolled now."""
    body = desk.registry.current.body(source)
    return body is not None and body.stands(desk.clock())


def still_theirs(desk: Desk, officer_id: str, source: str) -> bool:
    """Whether the officer still has an account for that body, and the body is still enrolled."""
    try:
        officer = desk.accounts.officers.get(officer_id)
    except RefusedError:
        return False
    return officer.state == "active" and officer.source == source and body_stands(desk, source)
