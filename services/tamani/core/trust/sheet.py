"""The sheet of a ceremony: what will change, what to read aloud, who signs where, what goes on without whom.

Plain text and HTML of the same lines, French or English, to be printed and kept with handwritten signatures.
"""

import hashlib
from html import escape

from tamani.core.names import Country
from tamani.core.registry import Registry
from tamani.core.trust.describing import changes
from tamani.core.trust.proposal import Proposal
from tamani.core.trust.standing import Holder, Office
from tamani.core.trust.words import grouped, spoken

Block = tuple[str, list[str]]
COUNTRIES = {"bf": "Burkina Faso", "ml": "Mali", "ne": "Niger"}
_OFFICES: dict[Office, tuple[str, str]] = {
    "root": ("racine", "root"),
    "officer": ("officier", "officer"),
    "deputy": ("suppléant", "deputy"),
    "online": ("publicateur", "publisher"),
}
_ABSENT = (
    (
        "Un seul officier, de n'importe quel pays, suspend une clé aussitôt.",
        "Any one officer, of any country, suspends a key at once.",
    ),
    (
        "Deux officiers inscrivent pour leurs deux pays et les organismes régionaux ; pas pour le pays du troisième.",
        "Two officers enrol for their two countries and for regional bodies; not for the third one's country.",
    ),
    (
        "Deux racines remplacent un officier, un suppléant ou la troisième racine.",
        "Two roots replace an officer, a deputy or the third root.",
    ),
    (
        "Si personne ne signe plus, le bus continue ; seules les nouvelles inscriptions attendent.",
        "If nobody signs any more, the bus goes on; only new enrolments wait.",
    ),
)
_STEPS = (
    (
        "Lire à voix haute, au téléphone, les empreintes de la racine et du document : les mots, puis l'hexadécimal.",
        "Read the fingerprints of the root and of the document aloud, by telephone: the words, then the hexadecimal.",
    ),
    (
        "Lire les changements un par un ; demander à chaque organisme, par une voie connue, si la clé est la sienne.",
        "Read the changes one by one; ask each body, by a way already known, whether the key is its own.",
    ),
    (
        "Chacun signe sur sa machine : tamani registry sign --key FICHIER --passphrase FICHIER.",
        "Each signs on their own machine: tamani registry sign --key FILE --passphrase FILE.",
    ),
    (
        "Publier : tamani registry publish. Signer cette feuille à la main et la garder.",
        "Publish: tamani registry publish. Sign this sheet by hand and keep it.",
    ),
)


def document_print(proposal: Proposal) -> str:
    """The fingerprint of what would be published (hex): SHA-256 of the document."""
    return hashlib.sha256(proposal.draft.registry.encode()).hexdigest()


def blocks(proposal: Proposal, lang: str) -> list[Block]:
    """The sheet's parts: a heading and its lines."""
    english = lang.startswith("en")
    root, document = proposal.trust, document_print(proposal)
    lacks = [f"{error.code.sentence(lang)} ({error.detail})" for error in proposal.lacks()]
    nothing = "nothing: it can be published" if english else "rien : il peut être publié"
    return [
        (_pick("Registre Tamani, version", "Tamani registry, version", lang) + f" {proposal.document.version}", []),
        (_pick("Empreinte de la racine", "Fingerprint of the root", lang), [spoken(root), grouped(root)]),
        (_pick("Empreinte du document", "Fingerprint of the document", lang), [spoken(document), grouped(document)]),
        (_pick("Ce qui change", "What changes", lang), changes(_before(proposal), proposal.document, lang) or ["–"]),
        (_pick("A signé", "Has signed", lang), [_holder(held, lang) for held in proposal.signed_by()] or ["–"]),
        (_pick("Il manque", "Still wanting", lang), lacks or [nothing]),
        (_pick("Marche à suivre", "What to do", lang), [_pick(*step, lang) for step in _STEPS]),
        (
            _pick("Ce que les autres peuvent faire sans moi", "What the others can do without me", lang),
            [_pick(*line, lang) for line in _ABSENT],
        ),
    ]


def _before(proposal: Proposal) -> Registry | None:
    return proposal.before.as_signed if proposal.before else None


def seats(proposal: Proposal, lang: str) -> list[str]:
    """A line to sign by hand for each holder."""
    people = sorted(proposal.holders.values(), key=lambda held: (held.office, held.country))
    return [_holder(held, lang) for held in people if held.office != "online"]


def _holder(held: Holder, lang: str) -> str:
    office = _pick(*_OFFICES[held.office], lang)
    country = COUNTRIES.get(held.country.value, "")
    return f"{office} {country} {held.keyid[:16]}" if held.country is not Country.RG else f"{office} {held.keyid[:16]}"


def text_sheet(proposal: Proposal, lang: str) -> str:
    """The sheet as plain text, 100 columns at most where words allow."""
    lines: list[str] = []
    for heading, body in blocks(proposal, lang):
        lines += [heading, "=" * len(heading), *(f"  {line}" for line in body), ""]
    line = _pick("Nom, date, lieu, signature : ", "Name, date, place, signature: ", lang)
    lines += [part for seat in seats(proposal, lang) for part in (seat, "  " + line + "_" * 40, "")]
    return "\n".join(lines)


def html_sheet(proposal: Proposal, lang: str) -> str:
    """The sheet as one page of HTML without script or outside parts."""
    (title, _), *rest = blocks(proposal, lang)
    body = "".join(
        f"<h2>{escape(heading)}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
        for heading, lines in rest
    )
    words = [_pick("Qui", "Who", lang), _pick("Nom", "Name", lang), _pick("Date et lieu", "Date and place", lang)]
    head = "".join(f"<th>{word}</th>" for word in (*words, "Signature"))
    rows = "".join(f"<tr><th>{escape(seat)}</th><td></td><td></td><td></td></tr>" for seat in seats(proposal, lang))
    style = "body{font:11pt serif;max-width:48em;margin:2em auto}table{width:100%;border-collapse:collapse}"
    style += "td,th{border:1px solid;padding:.9em .4em;text-align:left}li{margin:.3em 0}"
    return (
        f'<!DOCTYPE html><html lang="{"en" if lang.startswith("en") else "fr"}"><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{style}</style><h1>{escape(title)}</h1>{body}"
        f"<table><tr>{head}</tr>{rows}</table></html>\n"
    )


def _pick(fr: str, en: str, lang: str) -> str:
    return en if lang.startswith("en") else fr
