"""The tables of the accounts' file. Times are whole seconds since 1970 (UTC); secrets are hashed or sealed."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, text

metadata = MetaData()

officer = Table(
    "officer",
    metadata,
    Column("id", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("function", String, nullable=False),
    Column("login", String, nullable=False),
    Column("state", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("password", String),
    # The secret of the second factor, sealed; `pending` until a first code has shown that the telephone has it.
    Column("totp", LargeBinary),
    Column("totp_pending", LargeBinary),
    Column("totp_step", Integer),
    Column("demo", Boolean(create_constraint=False), nullable=False),
    Column("created", Integer, nullable=False),
    Index("officer_login", "login", unique=True, sqlite_where=text("state <> 'closed'")),
    Index("officer_source", "source"),
)

# One-time links: an invitation, or the same again after a reset.
link = Table(
    "link",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("officer", String, ForeignKey("officer.id"), nullable=False, unique=True),
    Column("expires", Integer, nullable=False),
)

recovery = Table(
    "recovery",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("officer", String, ForeignKey("officer.id"), nullable=False, index=True),
)

session = Table(
    "session",
    metadata,
    Column("sid", LargeBinary, primary_key=True),
    Column("officer", String, ForeignKey("officer.id"), nullable=False, index=True),
    Column("stage", String, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("idle", Integer, nullable=False),
    Column("expires", Integer, nullable=False, index=True),
    # Where its officer had left off when it was first looked from; empty if they had never looked.
    Column("before", String),
    Column("before_at", Integer),
)

# Wrong guesses, by the hash of what was guessed at: a login, whether it exists or not, or the site as a whole.
attempt = Table(
    "attempt",
    metadata,
    Column("what", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("until", Integer, nullable=False),
)

# Who did what to whose account. No addresses: where an observer signs in from is nobody's business.
audit = Table(
    "audit",
    metadata,
    Column("no", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("actor", String, nullable=False),
    Column("act", String, nullable=False),
    Column("officer", String, ForeignKey("officer.id"), nullable=False, index=True),
    Column("detail", String, nullable=False),
)

# The salt under which the site's passphrase opens what is sealed here.
vault = Table(
    "vault",
    metadata,
    Column("one", Integer, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)

# Up to which place of the site an officer has looked, and when.
visit = Table(
    "visit",
    metadata,
    Column("officer", String, ForeignKey("officer.id"), primary_key=True),
    Column("place", String, nullable=False),
    Column("at", Integer, nullable=False),
)

# What a body asks of its own officers beyond what the catalogue asks of all.
body_rule = Table(
    "body_rule",
    metadata,
    Column("source", String, primary_key=True),
    Column("always_two", Boolean(create_constraint=False), nullable=False),
)

# Forms that were put aside. Which form, and what was typed, is in the box; `posted` ones wait for a second person.
draft = Table(
    "draft",
    metadata,
    Column("source", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("officer", String, ForeignKey("officer.id"), nullable=False, index=True),
    Column("shared", Boolean(create_constraint=False), nullable=False),
    Column("posted", Boolean(create_constraint=False), nullable=False),
    Column("version", Integer, nullable=False),
    Column("saved", Integer, nullable=False),
    Column("expires", Integer, nullable=False, index=True),
    Column("box", LargeBinary, nullable=False),
)
