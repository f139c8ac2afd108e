"""How much of a file is read at all: a table for a clerk, not a database. Beyond it, the file is refused unread."""

# Bytes of the file. What is larger than this, Starlette would spool to the disk.
FILE = 1024 * 1024
# Characters of cells that are pasted, which come as one field of a form; most of them are written in one byte or two.
PASTED = FILE // 2
# Bytes of an unpacked workbook, and its parts: a table of a thousand rows is a tenth of it.
UNPACKED = 16 * 1024 * 1024
PARTS = 200
# Elements of one part: each costs memory for as long as the part is read, however short its text.
ELEMENTS = 500_000
# Rows with something in them; rows and columns looked at in search of them.
ROWS = 1000
ROWS_SEEN = 20_000
COLUMNS = 120
# Characters of all cells together: one long text can stand behind many cells.
CHARACTERS = 4 * 1024 * 1024
# How long a file that was read waits to be published or finished, in days.
KEPT_DAYS = 7
