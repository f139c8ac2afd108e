"""The words for codes: types, profiles, regions, themes, values, bodies. Codes themselves are never shown to people."""

from dataclasses import dataclass
from datetime import date, datetime

from tamani.core.catalogue import catalogue, words
from tamani.core.catalogue.sealed import LANG as SEALED_LANG
from tamani.core.codelists import in_use, terms
from tamani.core.registry import Body, Registry
from tamani.core.terms_then import told
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations, typeset

# A name of its own day with that of today, and the other way round; and of a part of what was divided later.
TODAY = _("%(name)s (aujourd'hui %(today)s)")
WITHIN = _("%(name)s (alors dans %(within)s)")
BEFORE = _("%(name)s (avant %(year)s : %(before)s)")
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
    """The words of one language, with the names that the registry holds now; `now` is the reader's."""

    lang: str
    registry: Registry
    now: datetime

    @property
    def day(self) -> date:
        """The reader's day."""
        return self.now.date()

    def type(self, name: str) -> str:
        """A type of notice."""
        kind = catalogue().get(name)
        return self._set(kind.label.said(self.lang)) if kind else name

    def profile(self, name: str, profile: str) -> str:
        """A profile of a type."""
        kind = catalogue().get(name)
        label = kind.profiles.get(profile) if kind else None
        return self._set(label.said(self.lang)) if label else profile

    def area(self, code: str, day: date | None = None) -> str:
        """A region, as it was called on a day that is past."""
        found = told("areas", code, day or self.day)
        past = found is not None and (found.today or found.within)
        return self.then("areas", code, day) if past else self._term("areas", code)

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

    @property
    def readers(self) -> tuple[Body, ...]:
        """The institutions that can be addressed today: one that has ended, or has not begun, cannot."""
        return tuple(body for body in self.registry.bodies if body.reads and body.stands(self.now))

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that one writes in today."""
        return tuple(in_use("languages", self.day))

    def then(self, field: str, value: str, day: date | None = None) -> str:
        """The value as it was called on a day, with what it is called today, or what stood there before."""
        found = told(LISTS[field], value, day or self.day) if field in LISTS else None
        if found is None:
            return self.value(field, value)
        say, name = translations(self.lang).gettext, self._set(found.term.said(self.lang))
        if found.today is not None:
            return say(TODAY) % {"name": name, "today": self._set(found.today.said(self.lang))}
        if found.within is not None:
            return say(WITHIN) % {"name": name, "within": self._set(found.within.said(self.lang))}
        if found.before is None:
            return name
        since = found.term.more["valid_from"][:4]
        return say(BEFORE) % {"name": name, "year": since, "before": self._set(found.before.said(self.lang))}

    def follows(self, source: str) -> str:
        """An institution, with the one that it follows."""
        body = self.registry.body(source)
        name = self.body(source)
        if body is None or body.predecessor is None:
            return name
        before = {"name": name, "year": str(body.valid_from.year), "before": self.body(body.predecessor)}
        return translations(self.lang).gettext(BEFORE) % before

    def offers(self, field: str, value: str) -> bool:
        """Whether a form of today offers this value: a term that has ended, or has not begun, it does not."""
        listed = LISTS.get(field, "")
        return not listed or value not in terms(listed) or value in in_use(listed, self.day)

    def offered(self, field: str, value: str) -> str:
        """A value as a form offers it: of a region also the name that people may know it by."""
        return self.then(field, value) if LISTS.get(field) == "areas" else self.option(field, value)

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
