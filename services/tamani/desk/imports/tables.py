"""Files that were read and wait to be published: the desk's own tables, beside the mirror's, and kept a week.

What a row says is wiped as soon as the node has taken it.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from tamani.desk.tables import INSTANT, metadata

import_file = Table(
    "import_file",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("body", Text, nullable=False),
    Column("officer", Text, nullable=False, comment="who may see it, and publish it"),
    Column("type", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("tlp", Text, nullable=False),
    Column("audience", ARRAY(Text), nullable=False),
    Column("lang", Text, nullable=False),
    Column("name", Text, nullable=False, comment="of the file, as its person calls it"),
    Column("headings", ARRAY(Text), nullable=False),
    Column("strange", ARRAY(Text), nullable=False, comment="columns that were not taken"),
    Column("created", INSTANT, nullable=False),
    Column("confirmed", INSTANT),
    Column("stopped", Text, comment="the code for which publishing stopped short"),
    Index("import_file_officer", "officer", "created"),
)

import_row = Table(
    "import_row",
    metadata,
    Column("file", ForeignKey("import_file.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False, comment="in the file, from 1"),
    Column("id", UUID(as_uuid=False), nullable=False, comment="of its notice, chosen when the file was read"),
    Column("verdict", Text, nullable=False, comment="new, change, same, wrong, empty"),
    Column("title", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="the thread that it changes"),
    Column("by", Text, nullable=False, comment="whose notice says the same already"),
    Column("digest", Text, comment="of what it says: the same row of another file is known by it"),
    Column("data", JSONB(none_as_null=True), comment="none once the node has taken it"),
    Column("texts", ARRAY(Text), comment="as they were read, of a row that is wrong"),
    Column("wrong", JSONB, nullable=False),
    Column("state", Text, nullable=False, comment="waiting, taken, refused; none: not to be published"),
    Column("code", Text),
    Column("detail", Text),
    PrimaryKeyConstraint("file", "number"),
    Index("import_row_digest", "digest"),
)
