"""The tables that a batch is copied into: columns in the order in which `ledger.py` gives their values."""

from tamani.archive.binary_copy import Table, feed_row, leaf_row

LEDGER = Table(
    "ledger",
    {
        "log_index": "int8",
        "source_no": "int4",
        "id": "uuid",
        "type": "text",
        "profile": "text",
        "subject": "text",
        "lane": "text",
        "said": "timestamptz",
        "tlp": "text",
        "audience": "text",
        "lang": "text",
        "expires": "timestamptz",
        "sequence": "int8",
        "keyid": "bytea",
        "digest": "bytea",
        "value_sha256": "bytea",
        "stream_no": "int2",
        "partition": "int4",
        "offset": "int8",
        "recordedtime": "timestamptz",
        "registry_version": "int8",
        "marks": "text",
        "envelope": "bytea",
    },
)
SEEN = Table(
    "seen",
    {"source_no": "int4", "id": "uuid", "digest": "bytea", "log_index": "int8"},
)
EVIDENCE = Table(
    "equivocation",
    {
        "source_no": "int4",
        "id": "uuid",
        "digest": "bytea",
        "first_index": "int8",
        "keyid": "bytea",
        "value_sha256": "bytea",
        "stream_no": "int2",
        "partition": "int4",
        "offset": "int8",
        "recordedtime": "timestamptz",
        "registry_version": "int8",
        "envelope": "bytea",
    },
)
ANSWERS = Table(
    "answer",
    {
        "answer_no": "int8",
        "cc": "text",
        "verdict": "text",
        "code": "text",
        "stream_no": "int2",
        "partition": "int4",
        "offset": "int8",
        "key": "text",
        "receipt": "bytea",
    },
)
FEED = Table(
    "feed_entry",
    {
        "cc": "text",
        "feed_index": "int8",
        "epoch": "int8",
        "log_index": "int8",
        "mark": "text",
        "prev": "bytea",
        "recordedtime": "timestamptz",
    },
    feed_row,
)
LEAVES = Table(
    "log_leaf",
    {
        "leaf_index": "int8",
        "kind": "text",
        "env": "bytea",
        "reg": "int8",
        "rt": "timestamptz",
        "hash": "bytea",
        "log_index": "int8",
    },
    leaf_row,
)
