"""The words for codes: types, profiles, regions, themes, values, bodies. Codes themselves are never shown to people."""

from dataclasses import dataclass

from tamani.core.catalogue import catalogue, words
from tamani.core.catalogue.sealed import LANG as SEALED_LANG
from tamani.core.codelists import terms
from tamani.core.registry import Registry
from tamani.desk.pages.languages import typeset

UNSAID = ("langue non dite", "language not said")
# Fields whose values belong to a list of another name.
VALUE_FIELDS = {"countries": "country", "lead_country": "country", "origin": "country"}
LISTS = {
    "acled": "acled",
    "areas": "areas",
    "conformity": "conformity",
    "iccs": "iccs",
    "institution": "institutions",
    "into": "languages",
    "languages": "languages",
    "law_ref": "themes",
    "scope": "areas",
    "spoken": "languages",
    "stage": "stages",
    "theme": "themes",
    "themes": "themes",
    "topic": "topics",
    "where": "areas",
}


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one language, with the names that the registry holds now."""

    lang: str
    registry: Registry

    def type(self, name: str) -> str:
        """A type of notice."""
        kind = catalogue().get(name)
        return self._set(kind.label.said(self.lang)) if kind else name

    def profile(self, name: str, profile: str) -> str:
        """A profile of a type."""
        kind = catalogue().get(name)
        label = kind.profiles.get(profile) if kind else None
        return self._set(label.said(self.lang)) if label else profile

    def area(self, code: str) -> str:
        """A region."""
        return self._term("areas", code)

    def country(self, code: str) -> str:
        """An origin."""
        return self._word(f"country:{code}", code)

    def body(self, source: str) -> str:
        """An institution, as the registry names it."""
        return self.registry.name(source, self.lang)

    def language(self, code: str) -> str:
        """A language; of a variant, the language. A sealed notice does not say which it is in."""
        if code == SEALED_LANG:
            return UNSAID[self.lang == "en"]
        known = terms("languages")
        said = known.get(code) or known.get(code.partition("-")[0])
        return said.said(self.lang) if said else code

    def value(self, field: str, value: str) -> str:
        """The value of a field of a notice: from its code list, else as it stands."""
        if LISTS.get(field) == "languages":
            return self.language(value)
        if field in LISTS:
            return self._term(LISTS[field], value)
        return self._word(f"{VALUE_FIELDS.get(field, field)}:{value}", value)

    def option(self, field: str, value: str) -> str:
        """The same where one chooses among all: what shares its name with another is told apart by where it belongs."""
        said = self.value(field, value)
        if field == "topic" and (term := terms("topics").get(value)) is not None:
            return f"{self._term('themes', term.more['theme'])} – {said}"
        return f"{said} ({self.country(value[:2])})" if field == "institution" and said != value else said

    def choice(self, filter_: str, value: str) -> str:
        """A value of a filter."""
        match filter_:
            case "type":
                return self.type(value)
            case "area":
                return self.area(value)
            case "theme":
                return self.value("theme", value)
            case "body":
                return self.body(value)
            case "origin":
                return self.country(value)
            case "lang":
                return self.language(value)
            case "severity":
                return self.value("severity", value)
            case _:
                return value

    def _word(self, key: str, otherwise: str) -> str:
        word = words().get(key)
        return self._set(word.said(self.lang)) if word else otherwise

    def _term(self, name: str, code: str) -> str:
        term = terms(name).get(code)
        return self._set(term.said(self.lang)) if term else code

    def field(self, french: str | None, english: str | None, name: str) -> str:
        """The label of a field, from its model."""
        return self._set((english if self.lang == "en" else french) or name)

    def _set(self, text: str) -> str:
        return text if self.lang == "en" else typeset(text)
