"""A real SMTP server on this machine (aiosmtpd): with TLS from the first byte, with STARTTLS, or with neither."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "mot de passe du courriel"
USER = "tamani"


@dataclass
class Box:
    """What the server has taken, and what it answers. `replies` are given to the next recipients, in turn."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    readers: list[list[str]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.replies and not (reply := self.replies.pop(0)).startswith("2"):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = cast("bytes", envelope.content)
        self.mails.append(message_from_bytes(content, policy=default))
        self.readers.append(list(envelope.rcpt_tos))
        self.encrypted.append(server.transport is not None and bool(server.transport.get_extra_info("ssl_object")))
        self.taken.set()
        return "250 OK"


def _accept(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@asynccontextmanager
async def smtp_server(security: str = "none", certificate: Path | None = None, port: int = 0) -> AsyncIterator[Box]:
    """A server, and what it takes; it asks for the password wherever the connection is encrypted."""
    box, context = Box(), None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    starttls = context if security == "starttls" else None

    def made() -> SMTP:
        return SMTP(
            box,
            hostname="localhost",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=_accept if context else None,
            auth_required=context is not None,
            auth_require_tls=security == "starttls",
        )

    implicit = context if security == "tls" else None
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", port, ssl=implicit)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


def self_signed(folder: Path, name: str = "localhost") -> Path:
    """A certificate for this machine, with its key, in one file: it is its own authority."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    unprotected = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unprotected)
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
