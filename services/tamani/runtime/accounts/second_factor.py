"""The second factor: time-based codes of six digits (RFC 6238) from a telephone, and codes on paper for its loss."""

import base64
import hashlib
import hmac
import secrets

import pyotp

SECONDS = 30
# A clock may be half a minute off: the code before and the one after are taken, too (RFC 6238 §5.2).
AROUND = (0, -1, 1)
ISSUER = "Tamani"
CODES = 10
GROUP = 4


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 §4 asks for."""
    return pyotp.random_base32(32)


def address_of(secret: str, login: str) -> str:
    """The `otpauth:` address that a telephone reads from the square."""
    return pyotp.TOTP(secret, name=login, issuer=ISSUER).provisioning_uri()


def step_of(secret: str, code: str, at: int) -> int | None:
    """The time step whose code this is, if it is of now or one step around; compared in constant time."""
    given = "".join(code.split())
    found = None
    for shift in AROUND:
        step = at // SECONDS + shift
        if hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step).encode(), given.encode()):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes of 80 random bits each, in groups that can be copied by hand; shown once."""
    return [grouped(base64.b32encode(secrets.token_bytes(10)).decode()) for _ in range(CODES)]


def recovery_digest(code: str) -> bytes:
    """What is kept of a recovery code; however it was copied."""
    return hashlib.sha256("".join(sign for sign in code.upper() if sign.isalnum()).encode()).digest()


def grouped(text: str) -> str:
    """In groups of four, for eyes and hands."""
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))
