"""The desk's tables: the mirror (exact bytes, the truth) and what is derived from it (everything else, rebuildable).

Two numbers count a row. `feed_index` is the country's own, without holes. `public_index` counts only what everybody may
read: somebody who is not signed in meets that number alone, so that no gap tells how much is said elsewhere.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR, UUID

metadata = MetaData()
INSTANT = DateTime(timezone=True)

mirror = Table(
    "mirror",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("recordedtime", INSTANT),
    Column("digest", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("marks", ARRAY(Text), nullable=False),
    Column("envelope", LargeBinary, comment="the exact DSSE bytes; of a mark what it carries"),
    Column("source", Text, comment="of a mark: the notice it was set on"),
    Column("id", Text),
    Column("mark", Text),
    Index("mirror_mark", "source", "id", postgresql_where=text("kind = 'mark'")),
)

record = Table(
    "record",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("public_index", BigInteger),
    Column("source", Text, nullable=False),
    Column("id", UUID(as_uuid=False), nullable=False),
    Column("origin", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("thread", Text, nullable=False, comment="the subject, whoever speaks"),
    Column("system", Boolean, nullable=False, comment="an act on a notice (ack, correction, withdrawal)"),
    Column("tlp", Text, nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("lang", Text, nullable=False),
    Column("severity", Text),
    Column("areas", ARRAY(Text), nullable=False),
    Column("themes", ARRAY(Text), nullable=False, server_default="{}"),
    Column("time", INSTANT, nullable=False),
    Column("expirytime", INSTANT),
    Column("recordedtime", INSTANT, nullable=False),
    Column("title", Text, nullable=False),
    Column("marks", ARRAY(Text), nullable=False),
    Index("record_public", "public_index", unique=True, postgresql_where=text("public_index IS NOT NULL")),
    Index("record_thread", "thread", "feed_index"),
    Index("record_said", "source", "id"),
    Index("record_type", "type", "feed_index"),
    Index("record_marked", "source", "feed_index", postgresql_where=text("marks <> '{}'")),
)

# What facets count by: each combination of values that some notice has had, once.
combination = Table(
    "combination",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("type", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("severity", Text, nullable=False, comment="empty where the notice has none"),
    Column("origin", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("lang", Text, nullable=False),
    UniqueConstraint("type", "profile", "severity", "origin", "source", "lang", name="combination_once"),
)

# The same for regions and themes, of which a notice may name several: combined they would be as many as notices.
area_set = Table(
    "area_set",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("areas", ARRAY(Text), nullable=False, unique=True),
)
theme_set = Table(
    "theme_set",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("themes", ARRAY(Text), nullable=False, unique=True),
)

# The last version of a thread for some reader: narrow, since lists and counts go through all of it.
head = Table(
    "head",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("public_index", BigInteger),
    Column("recordedtime", INSTANT, nullable=False),
    Column("combination", Integer, nullable=False),
    Column("area_set", Integer, nullable=False),
    Column("theme_set", Integer, nullable=False, server_default="0"),
    Column("public", Boolean, nullable=False, comment="for everybody: the last that is CLEAR"),
    Column("common", Boolean, nullable=False, comment="for every body: the last that is CLEAR or GREEN"),
    Column("own", ARRAY(Text), comment="for these bodies: a later one that names them"),
    Column("passed", ARRAY(Text), comment="of a common one: the bodies that have a later one of their own"),
    Column("source", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Index("head_public", "public_index", unique=True, postgresql_where=text("public")),
    Index("head_thread", "source", "thread"),
)

turn = Table(
    "turn",
    metadata,
    Column("family", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, server_default="1", comment="grows with every change of its threads"),
)

search = Table(
    "search",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("lexemes", TSVECTOR, nullable=False),
    Index("search_lexemes", "lexemes", postgresql_using="gin"),
)

mark = Table(
    "mark",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("public_index", BigInteger),
    Column("target", BigInteger, nullable=False, comment="feed_index of the notice"),
    Column("mark", Text, nullable=False),
    Column("recordedtime", INSTANT, nullable=False),
    Index("mark_target", "target"),
    Index("mark_public", "public_index", unique=True, postgresql_where=text("public_index IS NOT NULL")),
)

unreadable = Table(
    "unreadable",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("recordedtime", INSTANT),
)

position = Table(
    "position",
    metadata,
    Column("one", SmallInteger, primary_key=True, server_default="1"),
    Column("cluster", Text, nullable=False, server_default=""),
    Column("next_offset", BigInteger, nullable=False, server_default="0"),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("head", BigInteger, nullable=False, server_default="0", comment="feed_index of the last entry taken in"),
    Column("digest", Text, nullable=False, server_default="", comment="of that entry"),
    Column("public_head", BigInteger, nullable=False, server_default="0"),
    Column("edition", Integer, nullable=False, server_default="0", comment="how often readers were sent back"),
    Column("read_until", INSTANT, comment="when the mirror last knew that it lacked nothing"),
)

cut = Table(
    "cut",
    metadata,
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("feed_index", BigInteger, nullable=False, comment="from here on this edition tells the past anew"),
    Column("public_index", BigInteger, nullable=False),
)

# The keys of sealed notices, as they came: found by the SHA-256 that a notice's signature names, so junk is never read.
# `digest` is the event that it came for, by its own word; an erased one leaves its name, so that it is not kept again.
capsule = Table(
    "capsule",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("value", LargeBinary, comment="an age file; none once it was erased"),
    Column("received", INSTANT, nullable=False, server_default=text("now()")),
)

capsule_position = Table(
    "capsule_position",
    metadata,
    Column("cluster", Text, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)

# What two officers had erased. The bytes are gone from all other tables; this one is never emptied, so that they do not
# come back when the past is told anew. `feed_index` is the notice's place, where it has one in the feed as it now is.
erasure = Table(
    "erasure",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("order_env", Text, nullable=False, comment="the order's name in the log (hex)"),
    Column("document", LargeBinary, nullable=False, comment="the order, as signed"),
    Column("source", Text, nullable=False),
    Column("id", UUID(as_uuid=False), nullable=False),
    Column("tlp", Text, nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("recordedtime", INSTANT, nullable=False, comment="when the region erased it"),
    Column("feed_index", BigInteger),
    Column("public_index", BigInteger, comment="the number that it had, if it was shown here to everybody"),
    Column("scrubbed", INSTANT, comment="when the files of the tables had been written anew without it"),
    Column("told_at", BigInteger, comment="feed_index of the entry by which readers are told"),
    Column("told_public", BigInteger, comment="the number under which everybody is told, if everybody could read it"),
    Index("erasure_said", "source", "id"),
    Index("erasure_order", "order_env"),
)

erasure_confirmation = Table(
    "erasure_confirmation",
    metadata,
    Column("order_env", Text, primary_key=True),
    Column("part", Text, primary_key=True, comment="desk/<country> or node/<name>"),
    Column("keyid", Text, nullable=False),
    Column("recordedtime", INSTANT, nullable=False),
)

reference = Table(
    "reference",
    metadata,
    Column("feed_index", BigInteger, nullable=False),
    Column("rel", Text, nullable=False),
    Column("source", Text, nullable=False, comment="of the notice that is named"),
    Column("id", UUID(as_uuid=False), nullable=False),
    Index("reference_to", "source", "id"),
    Index("reference_at", "feed_index"),
)

demand = Table(
    "demand",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("no", SmallInteger, primary_key=True, autoincrement=False, server_default="0"),
    Column("source", Text, nullable=False, comment="who asks"),
    Column("thread", Text, nullable=False),
    Column("asked", ARRAY(Text), nullable=False, comment="the bodies that are to answer"),
    Column("due", Date, comment="the last day to answer"),
    Column("until", INSTANT, comment="from then on nobody asks any more"),
    Column("what", Text, nullable=False, server_default="", comment="of minutes: the action"),
    Index("demand_asked", "asked", postgresql_using="gin"),
    Index("demand_source", "source", "due"),
    Index("demand_thread", "source", "thread"),
)

settlement = Table(
    "settlement",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False, comment="who answers"),
    Column("owner", Text, nullable=False, comment="whose thread is answered"),
    Column("thread", Text, nullable=False),
    Column("what", Text, nullable=False, server_default="", comment="the action of which it speaks"),
    Column("ends", Boolean, nullable=False, server_default="true", comment="or takes back that it was ended"),
    Index("settlement_of", "owner", "thread", "source"),
)

agenda = Table(
    "agenda",
    metadata,
    Column("feed_index", BigInteger, primary_key=True, autoincrement=False),
    Column("arrival", BigInteger, Identity(), nullable=False, comment="grows with every row, whatever is told anew"),
    Column("starts", INSTANT, comment="of a version of a meeting; none for a withdrawal"),
    Column("ends", INSTANT),
    Index("agenda_arrival", "arrival", unique=True),
    Index("agenda_span", "starts", "ends"),
)

calendar_address = Table(
    "calendar_address",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the secret part of the address"),
    Column("body", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", INSTANT, nullable=False),
    Column("last_read", Date),
    Column("revoked", INSTANT),
    Column("officer", Text, comment="id of the account whose own it is"),
    Column("asked", Text, nullable=False, server_default="", comment="the filters, as the query of an address"),
    Index("calendar_address_body", "body"),
    Index(
        "calendar_address_label", "body", text("lower(label)"), unique=True, postgresql_where=text("revoked IS NULL")
    ),
)

saved_search = Table(
    "saved_search",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("officer", Text, nullable=False, comment="id of the account that saved it"),
    Column("body", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("asked", Text, nullable=False, comment="the filters, as the query of an address"),
    Column("created", INSTANT, nullable=False),
    Column("digest", LargeBinary, unique=True, comment="SHA-256 of the secret part of its address, if it has one"),
    Column("opened", INSTANT, comment="since when it has that address"),
    Column("last_read", Date),
    Index("saved_search_officer", "officer", "body"),
)

mail_subscription = Table(
    "mail_subscription",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("address", Text, nullable=False, comment="personal data: here and nowhere else"),
    Column("body", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("asked", Text, nullable=False, comment="the filters, as the query of an address"),
    Column("created", INSTANT, nullable=False),
    Column("confirm", LargeBinary, comment="SHA-256 of the one-time secret; none once it has been used"),
    Column("confirmed", INSTANT),
    Column("stop", Text, nullable=False, unique=True, comment="ends this subscription, and opens nothing"),
    Column("reminders", Boolean, nullable=False, server_default="false"),
    Index("mail_subscription_body", "body"),
)

mail_outbox = Table(
    "mail_outbox",
    metadata,
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("subscription", ForeignKey("mail_subscription.number", ondelete="CASCADE"), nullable=False),
    Column("source", Text, nullable=False, comment="whose thread it is"),
    Column("thread", Text, nullable=False),
    Column("id", UUID(as_uuid=False), nullable=False, comment="of the notice that this letter tells"),
    Column("state", Text, nullable=False, comment="waiting, sent, failed or passed (over by a later one)"),
    Column("created", INSTANT, nullable=False),
    Column("due", INSTANT, nullable=False, comment="not before; while it is being sent, when to try again"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("reply", Integer, comment="the server's last reply code"),
    Column("ended", INSTANT),
    Column("reminder", Text, comment="the day and which of its reminders; none: a convocation"),
    Index("mail_outbox_once", "subscription", "source", "id", unique=True, postgresql_where=text("reminder IS NULL")),
    Index(
        "mail_outbox_reminded",
        "subscription",
        "source",
        "thread",
        "reminder",
        unique=True,
        postgresql_where=text("reminder IS NOT NULL"),
    ),
    Index("mail_outbox_due", "due", postgresql_where=text("state = 'waiting'")),
)

mail_cursor = Table(
    "mail_cursor",
    metadata,
    Column("one", SmallInteger, primary_key=True, server_default="1"),
    Column("arrival", BigInteger, nullable=False, server_default="0", comment="of `agenda`: up to here all is told"),
)
