"""Against the last good copy: nothing goes back, nothing vanishes, no version has two contents (TUF §5.4 to §5.6)."""

from tamani.core.errors import RefusedError
from tamani.core.registry import KeyRow, Registry, Row
from tamani.core.trust.standing import Standing
from tamani.core.trust.statements import row_statement


def check_succession(last: Registry, found: Registry) -> None:
    """Whether a registry that was opened may follow the one held.

    Raises:
        RefusedError: `refused.registry.rollback`, `refused.registry.root`, `refused.registry.suspension`.
    """
    before, after = last.standing, found.standing
    if before is None or after is None:
        return
    _check_files(last.version, before, found.version, after)
    _check_rows(last, found)
    _check_policies(last, found)
    _check_suspensions(before, found)


def _check_files(version: int, before: Standing, new_version: int, after: Standing) -> None:
    if before.roots != after.roots[: len(before.roots)] and after.roots != before.roots[: len(after.roots)]:
        raise RefusedError("refused.registry.root", "another line of roots")
    numbers = (
        ("registry", version, new_version),
        ("root", len(before.roots), len(after.roots)),
        ("targets", before.document, after.document),
        ("suspensions", before.suspensions, after.suspensions),
        ("timestamp", before.timestamp, after.timestamp),
    )
    for name, old, new in numbers:
        if new < old:
            raise RefusedError("refused.registry.rollback", f"{name} {new} < {old}")
    if version == new_version and before.digest != after.digest:
        raise RefusedError("refused.registry.rollback", f"two registries {version}")


def _check_rows(last: Registry, found: Registry) -> None:
    """Row by row, as they were signed (a suspension lies over a row and changes none of its words)."""
    before, after = last.as_signed or last, found.as_signed or found
    old, new = ({(type(row), row.name): row for row in document.rows} for document in (before, after))
    for name, row in old.items():
        _check_row(row, new.get(name), name[1])
    for name, row in new.items():
        if name not in old and _version(row) <= before.version:
            raise RefusedError("refused.registry.rollback", "a new row says that it is old")


def _check_row(old: Row, new: Row | None, name: str) -> None:
    if new is None:
        raise RefusedError("refused.registry.rollback", f"{name} is gone")
    if _version(new) < _version(old):
        raise RefusedError("refused.registry.rollback", f"{name}: an older decision")
    if _version(new) == _version(old) and row_statement(new) != row_statement(old):
        raise RefusedError("refused.registry.rollback", f"{name}: changed without a decision")
    if isinstance(old, KeyRow) and isinstance(new, KeyRow) and (new.body, new.enrolled) != (old.body, old.enrolled):
        raise RefusedError("refused.registry.rollback", f"{name}: enrolled anew")


def _version(row: Row) -> int:
    return row.decision.version if row.decision else 0


def _check_policies(last: Registry, found: Registry) -> None:
    """What was named stays named; what comes after was not in force before the document that did not name it."""
    kept = len(last.log_policies)
    if found.log_policies[:kept] != last.log_policies:
        raise RefusedError("refused.registry.rollback", "log_policies")
    if last.log_policies and any(policy.since < last.issued for policy in found.log_policies[kept:]):
        raise RefusedError("refused.registry.rollback", "log_policies: dated back")


def _check_suspensions(before: Standing, found: Registry) -> None:
    lifted = {name for row in found.keys for name in row.lifts}
    kept = {entry.name for entry in (found.standing.suspended if found.standing else ())}
    for entry in before.suspended:
        if entry.name not in kept | lifted:
            raise RefusedError("refused.registry.suspension", f"{entry.keyid[:16]}: ended by nobody")
