"""How much is taken: a paper of some pages, which a poor link can still carry."""

from tamani.core import pieces

MEBIBYTE = 1024 * 1024
# Of one file, and of one form with all that it brings along.
LARGEST = pieces.LARGEST
REQUEST = 12 * MEBIBYTE
# What one notice names.
MOST = 12
# What a body's files weigh in all, of those that no archived notice names: who fills the disk stops only themselves.
UNARCHIVED = 64 * MEBIBYTE
# A draft's month, the month that a second person has, and the month of a cut line.
KEPT_DAYS = 92
# After so long the region is asked whether it still has what it got: it may have been restored from an older copy.
ASKED_AGAIN_DAYS = 7
# Parts of a packed document: a long report with pictures has some hundreds.
PARTS = 2000
