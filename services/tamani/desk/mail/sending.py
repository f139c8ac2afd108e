"""One mail through one SMTP server (RFC 5321), and what came of it as a value: sent, refused for good, or try again."""

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

TIMEOUT_SECONDS = 30.0
PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has taken it over."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The server will never take this mail for this address."""

    reply: int


@dataclass(frozen=True, slots=True)
class Later:
    """The server asks to come again with this mail (it is busy, the box is full, it does not know us yet)."""

    reply: int


@dataclass(frozen=True, slots=True)
class Away:
    """No mail can be sent at all now: no connection, no trust, or our own account is refused."""

    why: str


Outcome = Sent | Rejected | Later | Away


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach the SMTP server. `security` is `starttls`, `tls` or `none`."""

    host: str
    port: int
    security: str
    sender: str
    ca_file: Path | None = None
    username: str | None = None
    password: str | None = None

    async def send(self, message: EmailMessage, to: str) -> Outcome:
        """Hand a mail over to be delivered to one address."""
        try:
            await aiosmtplib.send(
                message,
                sender=self.sender,
                recipients=[to],
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.security == "tls",
                start_tls=self.security == "starttls",
                tls_context=self._trust(),
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            return _refused(error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Away(type(error).__name__)
        return Sent()

    def _trust(self) -> ssl.SSLContext | None:
        if self.security == "none":
            return None
        return ssl.create_default_context(cafile=str(self.ca_file) if self.ca_file else None)


def _refused(reply: int) -> Rejected | Later:
    return Rejected(reply) if reply >= PERMANENT else Later(reply)
