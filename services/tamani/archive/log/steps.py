"""Every instant between two effects of the log's life, by name: where a crash must do no harm.

The parts call a hook at each; in the product it does nothing. A test gives one that kills the process there.
"""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """In the order in which an entry passes them."""

    # append: one transaction a batch
    LEAVES_WRITTEN = "append: leaves written, not committed"
    BATCH_COMMITTED = "append: committed, Kafka not told"
    # persist: one fenced transaction a checkpoint
    TILES_WRITTEN = "persist: tiles written, not committed"
    CHECKPOINT_WRITTEN = "persist: checkpoint written, not committed"
    CHECKPOINT_COMMITTED = "persist: committed, state file not written"
    # sign
    REMEMBERED = "sign: state file on the disk, not signed"
    SIGNED = "sign: signed, signature not stored"
    # publish
    NOTE_STORED = "publish: signed checkpoint stored, no witness asked"
    RECEIPTS_SENT = "publish: receipts and feeds sent, cursor not moved"
    CURSOR_MOVED = "publish: cursor moved"
    # witness
    WITNESS_ASKED = "witness: request made, not sent"
    WITNESS_ANSWERED = "witness: cosigned, not stored"
    COSIGNATURE_STORED = "witness: cosignature stored"


Hook = Callable[[Step], None]


def no_hook(_: Step) -> None:
    """Go on."""
