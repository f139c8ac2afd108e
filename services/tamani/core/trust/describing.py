"""What a version changes, in words that an officer can read aloud: one sentence a row, French or English."""

from collections.abc import Iterator
from datetime import datetime

from tamani.core.log.policy import parse_policy
from tamani.core.registry import Body, KeyRow, Recipient, Registry, Row
from tamani.core.trust.words import grouped

Two = tuple[str, str]
_STATES: dict[str, Two] = {
    "active": ("rétablir la clé", "restore key"),
    "suspended": ("suspendre la clé", "suspend key"),
    "retired": ("retirer la clé", "retire key"),
    "compromised": ("déclarer compromise la clé", "declare compromised key"),
}


def changes(before: Registry | None, after: Registry, lang: str) -> list[str]:
    """A sentence for each row that this version decided, in the document's order."""
    old = {(type(row), row.name): row for row in before.rows} if before else {}
    decided = [row for row in after.rows if row.decision and row.decision.version == after.version]
    said = [said for row in decided for said in _row(after, old.get((type(row), row.name)), row, _Lang(lang))]
    return said + _policies(before, after, _Lang(lang))


class _Lang:
    """Picks the language."""

    def __init__(self, lang: str) -> None:
        self._english = lang.startswith("en")
        self.lang = lang

    def __call__(self, fr: str, en: str) -> str:
        return en if self._english else fr


def _policies(before: Registry | None, after: Registry, say: _Lang) -> list[str]:
    """Each policy of the log that is new, with its parties' names."""
    fresh = after.log_policies[len(before.log_policies) if before else 0 :]
    read = [(policy, parse_policy(policy.text.encode())) for policy in fresh]
    return [
        say("Politique du journal à partir du ", "Policy of the log from ")
        + f"{policy.since:%Y-%m-%d %H:%M} UTC{say(' : ', ': ')}"
        + ", ".join(party.key.name for party in (*found.logs, *found.witnesses.values()))
        + f" ; SHA-256 {grouped(policy.sha256)}"
        for policy, found in read
    ]


def _row(after: Registry, old: Row | None, row: Row, say: _Lang) -> Iterator[str]:
    reason = row.decision.reason if row.decision else ""
    why = say(f" ; motif : {reason}", f"; reason: {reason}") if reason else ""
    match row:
        case Body():
            yield _body(old, row, say) + why
        case KeyRow():
            yield _key(after, old, row, say) + why
        case Recipient():
            yield say(f"Clé de lecture de {row.body} : ", f"Reading key of {row.body}: ") + row.recipient + why


def _body(old: Row | None, row: Body, say: _Lang) -> str:
    name = say(f"« {row.names.fr} »", f"“{row.names.en}”")
    prefix = say(f", qui inscrit sous {row.enrols}", f", which enrols under {row.enrols}") if row.enrols else ""
    if old is None:
        return say("Inscrire l'organisme ", "Enrol the body ") + f"{row.source} {name} ({row.kind}){prefix}"
    return say("Modifier l'organisme ", "Change the body ") + f"{row.source} : {name} ({row.kind}){prefix}"


def _key(after: Registry, old: Row | None, row: KeyRow, say: _Lang) -> str:
    whose = f"{row.keyid[:16]} ({after.name(row.body, say.lang)}, {row.body})"
    if old is None:
        rights = ", ".join(row.rights)
        start = f"{row.not_before:%Y-%m-%d %H:%M} UTC"
        return (
            say("Inscrire la clé ", "Enrol key ")
            + whose
            + say(
                f" sur le nœud {row.node}, à partir du {start}, jusqu'à TLP:{row.tlp_max}, pour {rights} ; "
                f"empreinte {grouped(row.keyid)}",
                f" on node {row.node}, from {start}, up to TLP:{row.tlp_max}, for {rights}; "
                f"fingerprint {grouped(row.keyid)}",
            )
        )
    same = isinstance(old, KeyRow) and old.state == row.state and not row.lifts
    said = say("modifier la clé", "change key") if same else say(*_STATES[row.state])
    parts = [f"{said[0].upper()}{said[1:]} {whose}"]
    parts += _since(row.compromised_since, say("compromise depuis le", "compromised since"))
    parts += _since(row.retired_at, say("retirée au", "retired at"))
    if row.superseded_by:
        parts.append(say("remplacée par ", "superseded by ") + row.superseded_by[:16])
    if row.lifts:
        parts.append(say("met fin à la suspension ", "ends the suspension ") + ", ".join(row.lifts))
    if row.reply:
        parts.append(say(f"réponse de l'organisme : « {row.reply} »", f"the body's reply: “{row.reply}”"))
    return ", ".join(parts)


def _since(moment: datetime | None, words: str) -> list[str]:
    return [f"{words} {moment:%Y-%m-%d %H:%M} UTC"] if moment else []
