"""An order in words that officers compare by voice and sign by hand: what goes, what stays, who has signed."""

from tamani.core.catalogue import catalogue
from tamani.core.erasure.order import SignedOrder
from tamani.core.registry import Registry
from tamani.core.trust.words import grouped, spoken

BASES = {
    "consentement-retire": ("consentement retiré", "consent withdrawn"),
    "protection": ("protection d'une personne", "protection of a person"),
    "erreur": ("publié par erreur", "published by mistake"),
    "decision": ("décision d'une autorité ou d'un juge", "decision of an authority or a court"),
}
GOES = (
    (
        "L'enveloppe signée et son texte, à l'archive régionale et dans chaque site qui l'a reçue",
        "The signed envelope and its text, at the regional archive and at every site that received it",
    ),
    ("Les clés qui l'ouvraient, s'il était scellé", "The keys that opened it, if it was sealed"),
    ("Ce qui en est lu, cherché ou compté sur les pages", "What is read, searched or counted of it on pages"),
)
STAYS = (
    (
        "Sa place au journal : la preuve de tous les autres avis tient",
        "Its place in the log: all other proofs hold",
    ),
    (
        "Cet ordre, son motif et ses signataires, pour qui pouvait lire l'avis",
        "This order, its reason and its signers, for whoever could read the notice",
    ),
    (
        "Ce que des lecteurs ont copié, et les sauvegardes d'avant (docs/security.md)",
        "What readers have copied, and backups made before (docs/security.md)",
    ),
)


def basis_words(basis: str, lang: str) -> str:
    """The ground of an order."""
    return BASES[basis][lang.startswith("en")]


def kind_of(type_: str) -> str:
    """The name of a type without prefix and version: `agenda.meeting`."""
    return type_.removeprefix("tamani.").rpartition(".")[0]


def fingerprint(signed: SignedOrder) -> str:
    """What officers compare: the digest of the bytes that they sign (hex)."""
    return signed.statement.digest


def sheet(signed: SignedOrder, registry: Registry | None, lang: str) -> str:
    """The sheet as plain text."""
    order, english = signed.order, lang.startswith("en")
    kind = catalogue().get(kind_of(order.type))
    name = registry.name(order.source, lang) if registry else order.source
    lines = [
        "ERASURE ORDER" if english else "ORDRE D'EFFACEMENT",
        "",
        ("Notice: " if english else "Avis : ") + order.id,
        ("Said by: " if english else "Dit par : ") + f"{name} ({order.source})",
        ("Type: " if english else "Type : ") + (kind.label.said(lang) if kind else order.type) + f" · TLP:{order.tlp}",
        ("Archived: " if english else "Archivé : ") + order.recorded,
        ("Digest: " if english else "Condensé : ") + grouped(order.digest),
        ("Ground: " if english else "Fondement : ") + basis_words(order.basis, lang),
        ("Reason: " if english else "Motif : ") + order.reason,
        ("Drawn up: " if english else "Établi le : ") + order.at,
        "",
        "What goes:" if english else "Ce qui disparaît :",
        *(f"  - {words[english]}" for words in GOES),
        "What stays:" if english else "Ce qui reste :",
        *(f"  - {words[english]}" for words in STAYS),
        "",
        ("Fingerprint to compare: " if english else "Empreinte à comparer : ") + grouped(fingerprint(signed)),
        "  " + spoken(fingerprint(signed)),
        "",
        "Signed by:" if english else "Signé par :",
        *(f"  - {_signer(one.keyid, registry, lang)}" for one in signed.approvals),
    ]
    return "\n".join(lines if signed.approvals else [*lines, "  - –"])


def _signer(keyid: str, registry: Registry | None, lang: str) -> str:
    held = registry.standing.holder(keyid) if registry and registry.standing else None
    return f"{held.office} {held.country} {keyid[:16]}" if held else keyid[:16]
