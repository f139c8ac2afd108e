"""Every fault of a posted notice, with the field it is about, in French and in English.

pydantic speaks English only; the sentences here are for the people who fill in the form. A kind of fault that is not in
the table keeps pydantic's words in both languages rather than losing them.
"""

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from tamani.core.errors import RefusedError

# pydantic's error type → French and English; `{…}` are members of the error's context.
_SENTENCES = {
    "missing": ("Champ obligatoire.", "Required field."),
    "extra_forbidden": ("Champ inconnu.", "Unknown field."),
    "string_type": ("Du texte est attendu.", "Text is expected."),
    "int_type": ("Un nombre entier est attendu.", "A whole number is expected."),
    "int_parsing": ("Un nombre entier est attendu.", "A whole number is expected."),
    "int_from_float": ("Un nombre entier est attendu.", "A whole number is expected."),
    "float_type": ("Un nombre est attendu.", "A number is expected."),
    "bool_type": ("Vrai ou faux est attendu.", "True or false is expected."),
    "bool_parsing": ("Vrai ou faux est attendu.", "True or false is expected."),
    "dict_type": ("Un objet JSON est attendu.", "A JSON object is expected."),
    "model_type": ("Un objet JSON est attendu.", "A JSON object is expected."),
    "model_attributes_type": ("Un objet JSON est attendu.", "A JSON object is expected."),
    "list_type": ("Une liste est attendue.", "A list is expected."),
    "tuple_type": ("Une liste est attendue.", "A list is expected."),
    "string_too_short": (
        "Trop court : {min_length} caractères au moins.",
        "Too short: at least {min_length} characters.",
    ),
    "string_too_long": ("Trop long : {max_length} caractères au plus.", "Too long: at most {max_length} characters."),
    "too_short": ("Trop peu d'éléments : {min_length} au moins.", "Too few items: at least {min_length}."),
    "too_long": ("Trop d'éléments : {max_length} au plus.", "Too many items: at most {max_length}."),
    "string_pattern_mismatch": ("Valeur ou format non admis.", "Value or format not allowed."),
    "literal_error": ("Valeur non admise ; au choix : {expected}.", "Value not allowed; choose from: {expected}."),
    "greater_than_equal": ("Trop petit : {ge} au moins.", "Too small: at least {ge}."),
    "greater_than": ("Trop petit : plus de {gt}.", "Too small: more than {gt}."),
    "less_than_equal": ("Trop grand : {le} au plus.", "Too large: at most {le}."),
    "less_than": ("Trop grand : moins de {lt}.", "Too large: less than {lt}."),
}
MOST = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: where (`head.title`), the field's name, and what is wrong."""

    at: str
    label_fr: str
    label_en: str
    fr: str
    en: str


class InvalidError(RefusedError):
    """A refusal that lists every fault."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        super().__init__(name, f"{faults[0].at}: {faults[0].fr}" if faults else "")
        self.faults = faults

    @property
    def listed(self) -> list[dict[str, str]]:
        """The faults as JSON."""
        return [asdict(fault) for fault in self.faults]


def faults_of(error: ValidationError, model: type[BaseModel] | None = None) -> list[Fault]:
    """The faults in a pydantic error; with the model, the fields' own names."""
    listed = error.errors(include_url=False, include_input=False)
    return [_fault(found["loc"], found["type"], found["msg"], found.get("ctx", {}), model) for found in listed[:MOST]]


def missing(at: str, label_fr: str, label_en: str) -> Fault:
    """The fault of a value that a form needs and did not get, where no model can say so."""
    return Fault(at, label_fr, label_en, *_SENTENCES["missing"])


def _fault(
    where: tuple[int | str, ...], kind: str, message: str, context: dict[str, Any], model: type[BaseModel] | None
) -> Fault:
    fr, en = _said(kind, message, context)
    label_fr, label_en = _labels(where, model)
    return Fault(".".join(map(str, where)), label_fr, label_en, fr, en)


def _said(kind: str, message: str, context: dict[str, Any]) -> tuple[str, str]:
    if kind in _SENTENCES:
        fr, en = _SENTENCES[kind]
        return fr.format(**context), en.format(**context)
    # Validators of the catalogue speak both languages at once: "français / English".
    said = message.removeprefix("Value error, ")
    fr, slash, en = said.partition(" / ")
    return (fr, en) if slash else (said, said)


def _labels(where: tuple[int | str, ...], model: type[BaseModel] | None) -> tuple[str, str]:
    """The label of the innermost field that the models know."""
    labels = ("", "")
    current: Any = model
    for step in where:
        if isinstance(step, int):
            continue
        field = current.model_fields.get(step) if current is not None else None
        if field is None:
            break
        labels = (field.title or step, field.description or step)
        current = _model_in(field.annotation)
    return labels


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model within an annotation such as `Head`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model is not None), None)
