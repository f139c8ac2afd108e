"""What a hostile or broken node would send, straight to Kafka with its own credentials, so that every verdict happens.

Each trick is a pure function from the material (honest bytes out of the ledger, keys, the plan) to one Kafka value,
with the code that must answer it. Nothing here passes a site's door: the doors refuse all of it.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tamani.core.envelope import Envelope, encode_envelope
from tamani.core.errors import DefectError
from tamani.core.event import Event, decode_event, encode_event
from tamani.core.names import Country, Lane
from tamani.core.signing import SigningKey
from tamani.embedded.demo.keys import STRANGER
from tamani.embedded.demo.plan import Plan

HONEST: Final = ("seance-temoins", "alerte-pont", "til-01", "veille-contestee", "veille-scellee")


@dataclass(frozen=True, slots=True)
class Material:
    """What a liar has at hand: archived envelopes by notice, keys by name, ids and the date from the plan."""

    envelopes: Mapping[str, bytes]
    keys: Mapping[str, SigningKey]
    plan: Plan

    def event(self, notice: str) -> Event:
        """The event of an archived notice."""
        return decode_event(base64.b64decode(json.loads(self.envelopes[notice])["payload"]))

    def lie(self, trick: str, key: str = "dunes", **changed: Any) -> bytes:
        """A sound notice of the observatory under the trick's own id, with these attributes changed, signed."""
        return self.sign(encode_event(self.draft(trick, **changed)), key)

    def draft(self, trick: str, **changed: Any) -> Event:
        """The event of such a notice, not yet signed."""
        fields = {"id": self.plan.id_of(trick), "subject": f"monitor/{trick}", "sequence": "2"} | changed
        return replace(self.event("veille-contestee"), **fields)

    def sign(self, payload: bytes, key: str = "dunes") -> bytes:
        """Seal any bytes."""
        return encode_envelope(self.keys[key].sign(payload))


Make = Callable[[Material, str], bytes]


@dataclass(frozen=True, slots=True)
class Trick:
    """One lie: how it is made, the code that answers it, and the door it comes in by."""

    name: str
    code: str
    make: Make
    country: Country = Country.NE
    lane: Lane = Lane.NORMAL


def _again(notice: str) -> Make:
    return lambda material, _: material.envelopes[notice]


def _changed(key: str = "dunes", **changed: Any) -> Make:
    return lambda material, name: material.lie(name, key, **changed)


def _payload(old: bytes, new: bytes) -> Make:
    """Signed bytes that no honest software writes: one replacement in the JSON text."""

    def make(material: Material, name: str) -> bytes:
        before, found, after = encode_event(material.draft(name)).partition(old)
        if not found:
            raise DefectError("failed.demo", name)
        return material.sign(before + new + after)

    return make


def _envelope(change: Callable[[dict[str, Any]], Any]) -> Make:
    """A sound envelope, then changed: the signature is over other bytes, or the shape is wrong."""

    def make(material: Material, name: str) -> bytes:
        body = json.loads(material.lie(name))
        change(body)
        return json.dumps(body, separators=(",", ":")).encode()

    return make


def _equivocate(material: Material, _: str) -> bytes:
    """Another content under the id of an archived notice, and a signature that holds."""
    event = material.event("veille-contestee")
    head = event.data["head"] | {"summary": "Soixante-trois personnes ont pris part aux rencontres de la semaine."}
    return material.sign(encode_event(replace(event, sequence="3", data=event.data | {"head": head})))


def _alter_payload(material: Material, _: str) -> bytes:
    """Words changed on the way, signature kept."""
    body = json.loads(material.envelopes["alerte-pont"])
    payload = base64.b64decode(body["payload"]).replace("piétons".encode(), b"camions")
    return json.dumps(body | {"payload": base64.b64encode(payload).decode()}).encode()


def _seal_that_tells(material: Material, name: str) -> bytes:
    """The shape of a sealed notice, with a language outside: whoever says so much has not understood sealing."""
    data = {
        "size": 1024,
        "nonce": "A" * 32,
        "commitment": "0" * 64,
        "capsules": [{"origin": "ne", "sha256": "0" * 64}],
        "ciphertext": base64.b64encode(bytes(1024 + 16)).decode(),
    }
    kind = {"type": "tamani.sealed.v1", "profile": "v1", "dataschema": "urn:tamani:sealed:0"}
    thread = {"subject": f"sealed/{material.plan.id_of(name)}", "audience": "/ne/observatoire-dunes"}
    return material.lie(name, **kind, **thread, data=data, tlp="RED", lang="fr")


def _flip_signature(body: dict[str, Any]) -> None:
    raw = bytearray(base64.b64decode(body["signatures"][0]["sig"]))
    raw[7] ^= 1
    body["signatures"][0]["sig"] = base64.b64encode(raw).decode()


def _sign_twice(body: dict[str, Any]) -> None:
    body["signatures"] *= 2


def _loosen_base64(body: dict[str, Any]) -> None:
    """64 bytes end in one character of two used and four unused bits, then `==`: set an unused one."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = body["signatures"][0]["sig"]
    body["signatures"][0]["sig"] = text[:-3] + alphabet[alphabet.index(text[-3]) | 1] + "=="


def _slow_alert(material: Material, name: str) -> bytes:
    """A sound alert that would stand behind the ordinary notices."""
    return material.sign(encode_event(replace(material.event("alerte-pont"), id=material.plan.id_of(name))))


def _bare(material: Material, name: str) -> bytes:
    return encode_event(material.draft(name))


def _foreign_type(material: Material, name: str) -> bytes:
    key = material.keys["dunes"]
    return encode_envelope(key.sign(encode_event(material.draft(name)), "application/vnd.in-toto+json"))


def _twice_named(material: Material, name: str) -> bytes:
    return b'{"payloadType":"x",' + material.lie(name)[1:]


def _cut(material: Material, name: str) -> bytes:
    return material.lie(name)[:-20]


def _by_stranger(material: Material, name: str) -> bytes:
    return material.lie(name, STRANGER)


def _too_large(material: Material, name: str) -> bytes:
    event = material.draft(name)
    head = event.data["head"] | {"body": "Un texte sans fin. " * 8000}
    return material.sign(encode_event(replace(event, data=event.data | {"head": head})))


def _broken_text(material: Material, name: str) -> bytes:
    return material.sign(encode_event(material.draft(name)).replace("é".encode(), b"\xe9", 1))


def _empty_envelope(_: Material, __: str) -> bytes:
    return encode_envelope(Envelope(b"", "0" * 64, bytes(64)))


TRICKS: Final[tuple[Trick, ...]] = (
    # The same bytes produced again, on both lanes and by two origins: nothing is doubled.
    Trick("encore-seance", "duplicate", _again("seance-temoins")),
    Trick("encore-alerte", "duplicate", _again("alerte-pont"), lane=Lane.URGENT),
    Trick("encore-feuille", "duplicate", _again("til-01"), Country.RG),
    Trick("encore-feuille-2", "duplicate", _again("til-01"), Country.RG),
    Trick("encore-scellee", "duplicate", _again("veille-scellee")),
    # One id, two contents.
    Trick("double-parole", "equivocation", _equivocate),
    # Forgeries: altered on the way, in another's name, by a stranger, with a key whose time is over.
    Trick("faux-texte", "refused.signature.invalid", _alter_payload, lane=Lane.URGENT),
    Trick("faux-sceau", "refused.signature.invalid", _envelope(_flip_signature)),
    Trick("faux-nom", "refused.source", _changed(source="/ml/commission-defense")),
    Trick("faux-etranger", "refused.key.unknown", _by_stranger),
    Trick("faux-sans-sceau", "refused.key.unknown", _empty_envelope),
    Trick("faux-retiree", "refused.key.retired", _changed("dunes-retiree")),
    Trick("faux-suspendue", "refused.key.suspended", _changed("dunes-suspendue")),
    Trick("faux-compromise", "refused.key.compromised", _changed("dunes-compromise")),
    # By the wrong door.
    Trick("porte-voisine", "refused.origin", _changed(), Country.BF),
    Trick("porte-lente", "refused.lane", _slow_alert),
    # Beyond what the body may say.
    Trick("droit-type", "refused.policy.type", _changed("formation", source="/bf/coordination-formation"), Country.BF),
    Trick(
        "droit-plafond",
        "refused.policy.tlp",
        _changed("formation", source="/bf/coordination-formation", tlp="AMBER", audience="/rg/bureau-regional"),
        Country.BF,
    ),
    Trick("droit-audience", "refused.policy.audience", _changed(tlp="AMBER", audience="/ne/personne")),
    Trick("droit-sans-audience", "refused.policy.audience", _changed(tlp="AMBER")),
    Trick("droit-scelle", "refused.tlp.unsealed", _changed(tlp="RED", audience="/ne/observatoire-dunes")),
    Trick(
        "droit-public",
        "refused.tlp.type",
        _changed(
            type="tamani.public.notice.v1",
            dataschema="urn:tamani:public.notice:0",
            profile="information",
            subject="public/trop-peu",
            tlp="GREEN",
        ),
    ),
    Trick("droit-scelle-bavard", "refused.sealed", _seal_that_tells),
    Trick("marquage-inconnu", "refused.tlp", _changed(tlp="YELLOW")),
    # Malformed, from the outside inwards.
    Trick("forme-coupee", "refused.json", _cut),
    Trick("forme-deux-noms", "refused.json.duplicate", _twice_named),
    Trick("forme-profonde", "refused.json.depth", lambda _, __: b"[" * 40 + b"]" * 40),
    Trick("forme-nombre", "refused.json.number", _payload(b'"sources_n":4', b'"sources_n":NaN')),
    Trick("forme-texte", "refused.json.text", _broken_text),
    Trick("forme-nue", "refused.envelope", _bare),
    Trick("forme-deux-sceaux", "refused.envelope", _envelope(_sign_twice)),
    Trick("forme-base64", "refused.envelope.base64", _envelope(_loosen_base64)),
    Trick("forme-autre-genre", "refused.envelope.type", _foreign_type),
    Trick("forme-trop-grande", "refused.size", _too_large),
    Trick("forme-attribut", "refused.event", _payload(b'"specversion":"1.0",', b"")),
    Trick("forme-identifiant", "refused.event.id", _changed(id="00000000-0000-4000-8000-000000000000")),
    Trick("forme-famille", "refused.event.subject", _changed(subject="agenda/pas-une-veille")),
    Trick("forme-heure", "refused.event.time", _changed(time="2026-13-45T09:00:00Z")),
    Trick(
        "forme-type",
        "refused.type.unknown",
        _changed(type="tamani.monitor.rumeur.v1", dataschema="urn:tamani:monitor.rumeur:0"),
    ),
    Trick("forme-version", "refused.type.version", _changed(type="tamani.monitor.report.v9")),
    Trick("forme-profil", "refused.profile", _changed(profile="quotidien")),
    Trick("forme-contenu", "refused.data", _payload(b'"status":"published"', b'"status":"publie"')),
)
