"""The invented bodies of the demo. None exists; the word *démo* or an invented place stands in every name.

What a body may say follows from what it is (`rights_of`); above which TLP it may not speak, too. A few bodies hold
further keys of their own beside the one on their node: one that signs elsewhere, and keys whose time is over.
"""

from dataclasses import dataclass
from typing import Final, Literal

from tamani.core.names import Country, country_of

Kind = Literal["secretariat", "observatory", "justice", "training", "framework", "platform", "desk"]
Ceiling = Literal["CLEAR", "GREEN", "AMBER", "RED"]


@dataclass(frozen=True, slots=True)
class DemoBody:
    """One invented body: its source, what it is, its names."""

    source: str
    kind: Kind
    fr: str
    en: str

    @property
    def country(self) -> Country:
        """Its origin."""
        return country_of(self.source)

    @property
    def slug(self) -> str:
        """The last part of its source: the name of its token file."""
        return self.source.rsplit("/", 1)[1]

    @property
    def rights(self) -> tuple[str, ...]:
        """Types and profiles that it may sign."""
        return RIGHTS[self.kind]

    @property
    def ceiling(self) -> Ceiling:
        """The TLP label above which it may not speak."""
        return CEILINGS.get(self.kind, "AMBER")


RIGHTS: Final[dict[Kind, tuple[str, ...]]] = {
    "secretariat": (
        "agenda.meeting:*",
        "agenda.item:*",
        "agenda.record:*",
        "law.item:*",
        "law.provision:*",
        "law.text:*",
        "exchange.request:*",
        "exchange.answer:*",
        "practice.note:*",
        "reference.sheet:*",
        "public.notice:*",
        "roadmap.progress:officiel",
        "roadmap.progress:engagement",
    ),
    "observatory": (
        "agenda.meeting:atelier",
        "agenda.meeting:rencontre",
        "agenda.item:*",
        "agenda.record:compte-rendu",
        "agenda.record:dialogue",
        "law.provision:*",
        "exchange.request:*",
        "exchange.answer:*",
        "monitor.alert:*",
        "monitor.report:*",
        "practice.note:*",
        "public.notice:*",
        "reference.sheet:offre",
        "reference.sheet:organisme",
        "roadmap.progress:regard-osc",
    ),
    "justice": (
        "agenda.meeting:rencontre",
        "agenda.item:echange-pratiques",
        "agenda.record:dialogue",
        "exchange.request:*",
        "exchange.answer:*",
        "monitor.alert:*",
        "practice.note:*",
        "reference.sheet:mandat",
        "reference.sheet:organisme",
        "roadmap.progress:officiel",
    ),
    "training": (
        "agenda.meeting:atelier",
        "agenda.item:echange-pratiques",
        "agenda.record:compte-rendu",
        "exchange.request:besoin",
        "exchange.answer:besoin",
        "practice.note:*",
        "reference.sheet:organisme",
        "reference.sheet:offre",
        "reference.sheet:vivier",
        "roadmap.progress:officiel",
        "roadmap.progress:engagement",
    ),
    "framework": (
        "agenda.meeting:*",
        "agenda.item:*",
        "agenda.record:*",
        "law.item:*",
        "law.text:*",
        "exchange.request:*",
        "exchange.answer:*",
        "public.notice:*",
        "reference.sheet:*",
        "roadmap.progress:officiel",
    ),
    "platform": (
        "agenda.meeting:atelier",
        "agenda.meeting:forum",
        "agenda.meeting:rencontre",
        "agenda.item:*",
        "agenda.record:compte-rendu",
        "exchange.request:*",
        "exchange.answer:*",
        "monitor.alert:*",
        "monitor.report:*",
        "practice.note:*",
        "public.notice:*",
        "reference.sheet:*",
        "roadmap.progress:engagement",
        "roadmap.progress:regard-osc",
    ),
    "desk": (
        "agenda.meeting:atelier",
        "agenda.meeting:mission",
        "exchange.request:*",
        "exchange.answer:*",
        "monitor.alert:*",
        "monitor.report:tendance",
        "reference.sheet:*",
    ),
}
# Who receives what must not be known wider: justice units, observatories, and the desk that coordinates.
CEILINGS: Final[dict[Kind, Ceiling]] = {"training": "GREEN", "justice": "RED", "observatory": "RED", "desk": "RED"}

BODIES: Final[tuple[DemoBody, ...]] = (
    DemoBody(
        "/bf/commission-defense",
        "secretariat",
        "Secrétariat de la commission défense et sécurité, Ouagadougou (démo)",
        "Secretariat of the defence and security commission, Ouagadougou (demo)",
    ),
    DemoBody(
        "/bf/observatoire-karites",
        "observatory",
        "Observatoire des Trois-Karités (démo)",
        "Three Shea Trees Observatory (demo)",
    ),
    DemoBody(
        "/bf/commune-trois-puits",
        "justice",
        "Commune frontalière des Trois-Puits, pôle justice et sécurité (démo)",
        "Border municipality of Trois-Puits, justice and security unit (demo)",
    ),
    DemoBody(
        "/bf/coordination-formation",
        "training",
        "Coordination des formations, écoles de Ouagadougou (démo)",
        "Training coordination, Ouagadougou schools (demo)",
    ),
    DemoBody(
        "/ml/commission-defense",
        "secretariat",
        "Secrétariat de la commission défense et sécurité, Bamako (démo)",
        "Secretariat of the defence and security commission, Bamako (demo)",
    ),
    DemoBody(
        "/ml/observatoire-fleuve",
        "observatory",
        "Observatoire du Fleuve-Clair (démo)",
        "Clear River Observatory (demo)",
    ),
    DemoBody(
        "/ml/commune-grand-gue",
        "justice",
        "Commune frontalière du Grand-Gué, pôle justice et sécurité (démo)",
        "Border municipality of Grand-Gué, justice and security unit (demo)",
    ),
    DemoBody(
        "/ml/coordination-formation",
        "training",
        "Coordination des formations, écoles de Bamako (démo)",
        "Training coordination, Bamako schools (demo)",
    ),
    DemoBody(
        "/ne/commission-defense",
        "secretariat",
        "Secrétariat de la commission défense et sécurité, Niamey (démo)",
        "Secretariat of the defence and security commission, Niamey (demo)",
    ),
    DemoBody(
        "/ne/observatoire-dunes",
        "observatory",
        "Observatoire des Deux-Dunes (démo)",
        "Two Dunes Observatory (demo)",
    ),
    DemoBody(
        "/ne/commune-mare-blanche",
        "justice",
        "Commune frontalière de la Mare-Blanche, pôle justice et sécurité (démo)",
        "Border municipality of Mare-Blanche, justice and security unit (demo)",
    ),
    DemoBody(
        "/ne/coordination-formation",
        "training",
        "Coordination des formations, écoles de Niamey (démo)",
        "Training coordination, Niamey schools (demo)",
    ),
    DemoBody(
        "/rg/cadre-concertation",
        "framework",
        "Bureau du cadre de concertation des trois commissions (démo)",
        "Bureau of the three commissions' consultation framework (demo)",
    ),
    DemoBody(
        "/rg/plateforme-osc",
        "platform",
        "Plateforme régionale de la société civile (démo)",
        "Regional civil-society platform (demo)",
    ),
    DemoBody(
        "/rg/bureau-regional",
        "desk",
        "Bureau régional de suivi et d’appui (démo)",
        "Regional follow-up and support desk (demo)",
    ),
)


def body_of(source: str) -> DemoBody:
    """The body of a source.

    Raises:
        KeyError: no such body in the demo.
    """
    return {body.source: body for body in BODIES}[source]


def named(audience: tuple[str, ...]) -> tuple[str, ...]:
    """Audience as a person writes it (`@justice` for all of a kind, or a source) as sorted, unique sources."""
    found: set[str] = set()
    for name in audience:
        kind = name.removeprefix("@")
        members = {body.source for body in BODIES if body.kind == kind} if kind != name else {body_of(name).source}
        if not members:
            raise KeyError(name)
        found |= members
    return tuple(sorted(found))
