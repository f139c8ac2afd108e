"""Tokens of desks at the archive: made once, shown once, kept as SHA-256; each opens one country's feed."""

import secrets
from typing import Any

import psycopg
from psycopg import AsyncConnection

from tamani.core.errors import RefusedError
from tamani.core.names import Country
from tamani.runtime.tokens import token_digest


def issue_desk_token(conninfo: str, country: Country, label: str = "") -> str:
    """A new token for a desk of this country.

    Raises:
        psycopg.OperationalError: the database is away.
    """
    token = "tmn_" + secrets.token_urlsafe(32)
    admit_desk_token(conninfo, country, token, label)
    return token


def admit_desk_token(conninfo: str, country: Country, token: str, label: str = "") -> None:
    """Let a token that was made elsewhere open a country's feed; one that is known, or was revoked, stays as it is.

    Raises:
        psycopg.OperationalError: the database is away.
    """
    row = (token_digest(token), country.value, label)
    with psycopg.connect(conninfo) as connection:
        connection.execute("INSERT INTO desk_token (digest, cc, label) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", row)


async def country_of_token(connection: AsyncConnection[Any], token: str | None) -> Country:
    """Whose feed this token opens.

    Raises:
        RefusedError: `refused.auth.token`.
    """
    query = "SELECT cc FROM desk_token WHERE digest = %s AND revoked IS NULL"
    row = await (await connection.execute(query, [token_digest(token or "")])).fetchone()
    if row is None:
        raise RefusedError("refused.auth.token")
    return Country(row[0])
