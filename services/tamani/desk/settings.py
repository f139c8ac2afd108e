"""What a desk must be told: whose feed it mirrors, where its own PostgreSQL is, whom it asks for the past."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from tamani.core.names import Country
from tamani.runtime.accounts.sessions import Ends
from tamani.runtime.database import with_password
from tamani.runtime.settings import ServiceSettings

# A relay here sends on by its own rules; to any other machine mail goes encrypted or not at all.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class DeskSettings(ServiceSettings):
    """Settings of a desk (`TAMANI_DESK_…`)."""

    model_config = SettingsConfigDict(env_prefix="TAMANI_DESK_", frozen=True, extra="ignore")

    country: Country = Field(Country.RG, description="Whose feed this desk mirrors: bf, ml, ne or rg")
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8400, description="Port to listen on")
    database: str = Field(
        "host=127.0.0.1 port=15432 dbname=desk_rg user=desk_rg",
        description="This desk's own PostgreSQL (a libpq connection string), without the password",
    )
    database_password_file: Path | None = Field(None, description="File that holds the database password")
    archive_url: str | None = Field(
        "http://127.0.0.1:8410", description="The region's archive, for what the feed no longer holds"
    )
    archive_token_file: Path | None = Field(None, description="File that holds this desk's token at the archive")
    public_url: str | None = Field(
        None,
        description="Address that readers use (https://tamani.example.ne); https makes cookies Secure",
    )
    demo: bool = Field(False, description="Show the DEMO banner on every page")
    passphrase_file: Path | None = Field(
        None, description="File that holds the passphrase of the site's keys: reading keys, officers' second factors"
    )
    session_hours: int = Field(8, description="How long an officer stays signed in at most", ge=1, le=72)
    session_idle_minutes: int = Field(30, description="How long without a request", ge=5, le=480)
    log_policy: Path | None = Field(
        None, description="File (C2SP tlog-policy) that names the log and its witnesses; without it nothing is attested"
    )
    metrics_open: bool = Field(False, description="Serve /metrics to other machines too, not only to this one")
    mail_host: str | None = Field(None, description="SMTP server for convocations by mail; without one no mail is sent")
    mail_port: int = Field(587, description="Its port")
    mail_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls, tls, or none (only to a relay on this machine)"
    )
    mail_ca_file: Path | None = Field(None, description="CA certificate of the SMTP server, if not a public one")
    mail_username: str | None = Field(None, description="User name at the SMTP server")
    mail_password_file: Path | None = Field(None, description="File that holds the password at the SMTP server")
    mail_sender: str | None = Field(None, description="Sender of the mail (agenda@tamani.example.ne)")
    mail_quiet_from: int = Field(21, description="Hour from which mail waits for the morning", ge=0, le=23)
    mail_quiet_until: int = Field(7, description="Hour until which it waits", ge=0, le=23)

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.mail_host is not None:
            if not self.mail_sender or "@" not in self.mail_sender:
                raise ValueError("mail_sender: an address is needed with mail_host")
            if not self.public_url:
                raise ValueError("public_url: needed with mail_host, for the links in a mail")
            if self.mail_security == "none" and self.mail_host not in LOOPBACK:
                raise ValueError("mail_security: none only to a relay on this machine")
        return self

    @property
    def conninfo(self) -> str:
        """How to connect to the database, with its password."""
        return with_password(self.database, self.database_password_file)

    @property
    def https(self) -> bool:
        """Whether readers come by https alone."""
        return (self.public_url or "").startswith("https://")

    @property
    def cookie(self) -> str:
        """The session's cookie. Browsers take a `__Host-` name from this very host over https alone (RFC 6265bis)."""
        return "__Host-tamani_session" if self.https else "tamani_session"

    @property
    def session_ends(self) -> Ends:
        """When sessions end."""
        return Ends(idle=self.session_idle_minutes * 60, absolute=self.session_hours * 3600)

    @property
    def tokens_path(self) -> Path:
        """The site's tokens, shared with its node."""
        return self.data_dir / "tokens.sqlite"

    @property
    def reading_keys_path(self) -> Path:
        """The encrypted reading keys of the bodies that read here."""
        return self.data_dir / "reading"

    @property
    def registry_path(self) -> Path:
        """The last good registry."""
        return self.data_dir / "registry.json"

    @property
    def mail_password(self) -> str | None:
        """The password at the SMTP server, read from its file."""
        return self.mail_password_file.read_text("utf-8").strip() if self.mail_password_file else None
