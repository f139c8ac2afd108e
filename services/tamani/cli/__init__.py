"""The command line `tamani`: a noun, then a verb; one file a noun. Says what it does in French, or in English if asked.

Exit status: 0 done, 1 refused or failed (code and sentence on standard error), 2 wrong use. Modules of services are
imported inside the commands, so that `tamani --help` is quick and a node needs nothing that it does not run.
"""

import sys


def main() -> None:
    """The console script."""
    from tamani.cli.app import run

    sys.exit(run(sys.argv[1:]))
