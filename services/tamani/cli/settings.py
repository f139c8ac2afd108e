"""The language of the command line: `--lang`, else TAMANI_LANG, else the locale; French unless English is asked for."""

import itertools
import os
from collections.abc import Mapping, Sequence

OPTION = "--lang"


def language(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """`fr` or `en`. Looked up before the commands exist, for their help is written in it."""
    known = os.environ if environment is None else environment
    for name, wanted in itertools.pairwise([*arguments, ""]):
        if name == OPTION:
            return _either(wanted)
        if name.startswith(OPTION + "="):
            return _either(name.partition("=")[2])
    for variable in ("TAMANI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        # A machine without a language of its own (C, POSIX) says nothing about its user.
        if (value := known.get(variable, "")) and not value.startswith(("C", "POSIX")):
            return _either(value)
    return "fr"


def _either(wanted: str) -> str:
    return "en" if wanted.lower().startswith("en") else "fr"
