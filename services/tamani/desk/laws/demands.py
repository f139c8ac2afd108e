"""What an instrument of reference demands, in one line; a dagger says that no source was read for it."""

from tamani.core.codelists import Term

DAGGER = "†"
# Within the name of an article.
NO_BREAK = "\u00a0"


def instrument(requirement: Term, lang: str) -> str:
    """Where something is demanded: the instrument and its article."""
    said = "en" if lang == "en" else "fr"
    article = requirement.more[f"article_{said}"].replace(" ", NO_BREAK)
    return f"{requirement.more[f'instrument_{said}']}, {article}"


def demand(requirement: Term, lang: str) -> str:
    """Where, what, and the dagger."""
    said = f"{instrument(requirement, lang)} – {requirement.en if lang == 'en' else requirement.fr}"
    return said if requirement.checked else f"{said} {DAGGER}"
