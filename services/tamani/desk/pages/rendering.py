"""From a template to an answer: one Jinja environment a language, everything escaped, addresses of assets known."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tamani.desk.pages.assets import address
from tamani.desk.pages.languages import translations
from tamani.desk.pieces import limits

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment(lang: str) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.globals["asset"] = address
    made.globals["limits"] = limits
    spoken = translations(lang)
    made.install_gettext_callables(spoken.gettext, spoken.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made


def render(lang: str, template: str, **context: Any) -> bytes:
    """The page's bytes."""
    return environment(lang).get_template(template).render(context).encode()
