"""The smallest and the fullest valid data of the types whose profiles have models of their own (`type:profile`)."""

from typing import Any

ID = "01890000-0000-7000-8000-000000000001"
TARGET = {"source": "/ml/commission-defense", "id": ID}
NOTICE = {"source": "/ne/commission-defense", "id": ID}
JOINED = TARGET | {"thread": "/rg/bureau-cadre"}
CONTACT_HEAD = {"title": "Mise en relation : prévention d'un conflit local"}
CONSENTED = {"title": "Dialogue autour du puits commun", "areas": ["ne-tillaberi"], "consent_basis": "collective"}
_SHEET = {
    "valid_from": "2025-01-01",
    "valid_to": "2027-12-31",
    "verified_on": "2026-01-10",
    "verify_by": "2026-07-10",
}
_FUNCTION = {"function": "Substitut de permanence", "matter": "Entraide urgente", "languages": ["fr", "dje"]}
_ARTICLE = {"eid": "art_3", "number": "3", "heading": "Anonymat", "text": "Le témoin peut être entendu sous un numéro."}

SMALL_MORE: dict[str, dict[str, Any]] = {
    "ack:participation": {"head": {"title": "Nous viendrons"}, "target": TARGET, "level": "will-attend"},
    "ack:decision": {"head": {"title": "Point inscrit"}, "target": TARGET, "level": "accepted"},
    "ack:suite": {
        "head": {"title": "Suite donnée : le tableau est transmis"},
        "target": TARGET,
        "action": "Transmettre le tableau",
        "level": "fait",
    },
    "agenda.record:releve": {
        "head": {"title": "Relevé de décisions de la séance conjointe"},
        "status": "draft",
        "held_on": "2026-04-14",
        "decisions": [{"no": 1, "text": "Le tableau comparatif est adopté."}],
    },
    "agenda.record:compte-rendu": {
        "head": {"title": "Compte rendu du forum"},
        "status": "draft",
        "held_on": "2026-02-28",
    },
    "agenda.record:dialogue": {
        "head": CONSENTED,
        "status": "draft",
        "held_on": "2026-03-05",
        "groups": ["Éleveurs et agriculteurs"],
        "topics": ["Accès à l'eau"],
    },
    "law.provision": {
        "head": {"title": "Anonymat à l'audience au Mali"},
        "status": "proposed",
        "topic": "temoins/anonymat-audience",
        "country": "ml",
        "conformity": "partiel",
    },
    "law.text:en-vigueur": {
        "head": {"title": "Loi sur la traite des personnes"},
        "status": "verified",
        "instrument_kind": "loi",
        "country": "bf",
        "in_force": "oui",
    },
    "law.text:projet": {
        "head": {"title": "Avant-projet sur la protection des témoins"},
        "status": "draft",
        "draft_kind": "avant-projet",
        "country": "ne",
        "version": "0.3",
    },
    "law.text:amendement": {
        "head": {"title": "Amendement à l'article 3"},
        "status": "submitted",
        "bill": NOTICE,
        "country": "ne",
        "articles": [{"eid": "art_3", "number": "3", "text": "Le témoin est entendu sous un numéro."}],
    },
    "exchange.request:question": {
        "head": {"title": "Question écrite sur les délais de réponse"},
        "status": "asked",
        "addressed_to": ["/bf/commission-defense"],
        "due": "2026-05-15",
        "question_kind": "ecrite",
        "text": "Quel délai la commission se donne-t-elle pour répondre ?",
    },
    "exchange.request:avis": {
        "head": {"title": "Demande d'avis sur l'avant-projet"},
        "status": "asked",
        "addressed_to": ["/bf/commission-defense"],
        "due": "2026-05-15",
    },
    "exchange.request:mise-en-relation": {
        "head": CONTACT_HEAD,
        "status": "asked",
        "addressed_to": ["/ne/commune-frontaliere"],
        "due": "2026-05-15",
        "need": "prevention-conflit",
    },
    "exchange.request:contribution": {
        "head": {"title": "Appel à contributions sur la police de proximité"},
        "status": "asked",
        "due": "2026-06-30",
    },
    "exchange.request:besoin": {
        "head": {"title": "Besoin d'un formateur en droit comparé"},
        "status": "asked",
        "resource": "expertise",
    },
    "exchange.answer:question": {
        "head": {"title": "Réponse à la question écrite"},
        "target": TARGET,
        "answer": "answered",
        "text": "Trente jours.",
    },
    "exchange.answer:avis": {
        "head": {"title": "Avis sur l'avant-projet"},
        "target": TARGET,
        "answer": "answered",
        "opinion": "reserves",
    },
    "exchange.answer:mise-en-relation": {
        "head": {"title": "Contact établi"},
        "target": TARGET,
        "answer": "answered",
        "contact": "etabli",
    },
    "exchange.answer:contribution": {
        "head": {"title": "Contribution des comités de quartier"},
        "target": TARGET,
        "answer": "partial",
    },
    "exchange.answer:besoin": {
        "head": {"title": "Une juriste pour deux semaines"},
        "target": TARGET,
        "answer": "answered",
    },
    "practice.note:bonne-pratique": {
        "head": {"title": "Comités de suivi mixtes"},
        "status": "submitted",
        "field": "prevention",
        "context": "Des tensions au marché hebdomadaire.",
        "practice": "Un comité mixte se réunit avant chaque marché.",
        "rights_check": "Vérifiée par le point focal droits humains",
    },
    "practice.note:evaluation-besoins": {
        "head": {"title": "Besoins des écoles de police"},
        "status": "submitted",
        "trainees": "Formateurs des écoles",
        "gaps": ["Audition de mineurs"],
        "method": "Entretiens dans trois écoles",
    },
    "reference.sheet:organisme": {
        "head": {"title": "Fiche : commission de défense"},
        "status": "draft",
        "body": "/ml/commission-defense",
        "mandate": "Contrôle et législation en matière de défense et de sécurité.",
    },
    "reference.sheet:mandat": {
        "head": {"title": "Mandat de la police municipale"},
        "status": "draft",
        "corps": "Police municipale",
        "country": "ne",
        "legal_basis": "Code des collectivités",
        "remit": "Tranquillité et salubrité publiques.",
    },
    "reference.sheet:programme": {
        "head": {"title": "Programme de formation régionale"},
        "status": "draft",
        "funders": ["Fonds pour la paix"],
        "objective": "Former des relais dans les trois pays.",
    },
    "reference.sheet:accord": {
        "head": {"title": "Protocole de coopération entre écoles"},
        "status": "signed",
        "parties": ["École de Bamako", "École de Niamey"],
        "signed_on": "2026-01-20",
        "purpose": "Échanger formateurs et modules.",
    },
    "reference.sheet:vivier": {
        "head": {"title": "Vivier : audition de témoins"},
        "status": "active",
        "pool": "audition-temoins",
        "country": "bf",
        "corps": "Magistrature",
        "specialty": "Audition de témoins",
        "count": 12,
    },
    "reference.sheet:offre": {
        "head": {"title": "Salle et traduction simultanée"},
        "status": "open",
        "resource": "logistique",
    },
    "public.notice:information": {
        "head": {"title": "Le poste-frontière ouvre à six heures"},
        "status": "published",
        "text": "Du lundi au samedi, le poste ouvre à six heures.",
    },
    "public.notice:version-publique": {
        "head": {"title": "Ce qui a été décidé à Niamey"},
        "status": "published",
        "text": "Les trois commissions ont adopté un tableau comparatif.",
        "original": NOTICE,
    },
    "translation": {
        "head": {"title": "Traduction en haoussa"},
        "target": TARGET,
        "into": "ha",
        "review": "reviewed",
        "title": "Taron haɗin gwiwa na kwamitoci",
    },
    "endorsement": {"head": {"title": "La plateforme soutient ce rapport"}, "target": TARGET, "support": "full"},
    "system.contest": {
        "head": {"title": "Deux contenus sous un même identifiant"},
        "target": TARGET,
        "first_entry": "1" * 64,
        "second_entry": "2" * 64,
    },
    "system.absence:numeros": {
        "head": {"title": "Numéros manquants"},
        "status": "missing",
        "about": "/ml/commission-defense",
        "keyid": "a" * 64,
        "lane": "normal",
        "first": 17,
        "last": 18,
    },
    "system.absence:silence": {
        "head": {"title": "Nœud silencieux"},
        "status": "missing",
        "about": "/ml/commission-defense",
        "keyid": "a" * 64,
        "since": "2026-03-02T09:00:00Z",
    },
}


def full_more(head: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The fullest data: every field of every model, at least once."""
    more: dict[str, dict[str, Any]] = {
        "ack:participation": {
            "level": "other-date",
            "proposed": "2026-04-21T09:00:00Z",
            "note": "Plutôt le 21.",
            "target": JOINED,
        },
        "ack:decision": {
            "meeting": NOTICE,
            "rank": 3,
            "note": "Après l'avis de la plateforme.",
            "target": JOINED,
        },
        "ack:suite": {
            "note": "Transmis le 14 avril, sous le n° 2026-31.",
            "target": JOINED,
        },
        "agenda.record:releve": {
            "meeting": NOTICE,
            "decisions": [
                {"no": 1, "text": "Adopté.", "vote": {"in_favour": 20, "against": 1, "abstained": 2}},
                {"no": 2, "text": "Renvoyé."},
            ],
            "actions": [
                {
                    "text": "Transmettre le tableau",
                    "owner": "/bf/commission-defense",
                    "due": "2026-05-01",
                    "progress": "en-cours",
                }
            ],
        },
        "agenda.record:compte-rendu": {
            "meeting": NOTICE,
            "participants": {
                "total": 54,
                "women": 6,
                "by_category": [{"category": "Communes", "count": 20}],
                "by_country": [{"country": "ne", "count": 30}],
            },
            "points": ["Une même définition"],
            "challenges": ["Le réseau"],
            "quotes": [{"category": "Élu local", "text": "Nous nous parlons enfin."}],
            "recommendations": ["Un annuaire des fonctions"],
        },
        "agenda.record:dialogue": {
            "meeting": NOTICE,
            "place": "Cercle voisin",
            "trust_points": ["Un numéro de veille"],
            "agreements": ["Un passage balisé"],
            "follow_ups": ["Une rencontre par mois"],
        },
        "law.provision": {
            "item": NOTICE,
            "instrument": "Code de procédure pénale",
            "article": "Article 12",
            "eid": "art_12__para_2",
            "verbatim": "Le témoin peut être entendu sous un numéro.",
            "gap": "Aucune mesure après le procès.",
            "recommendation": "Prévoir un service de protection.",
            "proposed_text": "Un service de protection est institué.",
            "assessed_by_role": "Juriste de la commission",
            "assessed_on": "2026-03-01",
        },
        "law.text:en-vigueur": {
            "item": NOTICE,
            "akn": "/akn/bf/act/loi/2008-05-15/029-2008-an/fra@2008-05-15",
            "articles": [_ARTICLE],
            "number": "029-2008/AN",
            "date": "2008-05-15",
            "ratifications": [{"country": "bf", "on": "2008-06-01"}],
            "repeals": ["Loi antérieure"],
            "amends": ["Code pénal"],
            "gazette": "JO n° 27",
        },
        "law.text:projet": {
            "item": NOTICE,
            "akn": "/akn/ne/bill/projet/2026-03-01/3",
            "articles": [_ARTICLE],
            "stage": "avant-projet",
            "author": "/ne/commission-defense",
            "diff_base": NOTICE,
        },
        "law.text:amendement": {
            "item": NOTICE,
            "akn": "/akn/ne/amendment/projet/2026-03-01/3",
            "articles": [_ARTICLE],
            "author": "/ne/commission-defense",
            "reason": "Protéger aussi après le procès",
        },
        "exchange.request:question": {},
        "exchange.request:avis": {
            "status": "considered",
            "text": NOTICE,
            "questions": ["Quelle durée de conservation ?"],
            "outcomes": [{"article": "7", "outcome": "partly", "reason": "Délai ramené à deux ans"}],
        },
        "exchange.request:mise-en-relation": {
            "urgency": "urgente",
            "from_place": "Mare-Blanche",
            "to_place": "Grand-Gué",
            "channel": "appel",
        },
        "exchange.request:contribution": {
            "addressed_to": ["/bf/commission-defense"],
            "opens": "2026-05-01",
            "text": NOTICE,
            "groups": ["Jeunes", "Femmes"],
            "modes": ["reunion", "radio"],
        },
        "exchange.request:besoin": {
            "addressed_to": ["/bf/commission-defense"],
            "due": "2026-06-01",
            "quantity": "Une personne",
            "when": "Juin 2026",
            "where": ["ne-niamey"],
            "conditions": "Frais de séjour pris en charge",
        },
        "exchange.answer:question": {"target": JOINED},
        "exchange.answer:avis": {
            "target": JOINED,
            "text": "Avis rendu par les trois observatoires.",
            "comments": [{"article": "7", "comment": "Durée trop longue.", "proposal": "Deux ans au plus."}],
        },
        "exchange.answer:mise-en-relation": {"target": JOINED},
        "exchange.answer:contribution": {
            "target": JOINED,
            "text": "Synthèse de deux réunions.",
            "groups": ["Comités de quartier"],
            "participants": 84,
            "synthesis": ["Des patrouilles à pied"],
        },
        "exchange.answer:besoin": {
            "target": JOINED,
            "text": "Une juriste est disponible.",
            "quantity": "Une personne",
            "when": "Deux semaines en juin",
            "conditions": "Logement assuré",
        },
        "practice.note:bonne-pratique": {
            "result": "Aucun incident en six mois.",
            "conditions": ["Un lieu neutre"],
            "gender_check": "Trois femmes sur sept membres",
            "transferability": "Dans toute commune de marché",
        },
        "practice.note:evaluation-besoins": {"findings": ["Trois écoles sur cinq"], "partners": ["École de Bamako"]},
        "reference.sheet:organisme": _SHEET
        | {"status": "verified", "institution": "ml-cnt", "functions": [_FUNCTION], "members": 23},
        "reference.sheet:mandat": _SHEET
        | {
            "status": "verified",
            "body": "/ml/commission-defense",
            "limits": "Pas d'enquête judiciaire.",
            "scope": ["ne-niamey"],
            "when_to_call": "Trouble de voisinage",
            "functions": [_FUNCTION],
        },
        "reference.sheet:programme": _SHEET
        | {"status": "verified", "implementers": ["Office régional"], "alignment": ["Stratégie Sahel"]},
        "reference.sheet:accord": _SHEET
        | {"clauses": [{"no": "1.2", "text": "Comité de suivi", "carried_out": "en-partie"}]},
        "reference.sheet:vivier": _SHEET
        | {
            "topic": "temoins/anonymat-audience",
            "languages": ["fr", "mos"],
            "availability": "Deux semaines par trimestre",
            "certification": "nationale",
            "last_active": "2026-T1",
        },
        "reference.sheet:offre": _SHEET
        | {
            "quantity": "Une salle de quarante places",
            "when": "Toute l'année",
            "where": ["bf-kadiogo"],
            "conditions": "Réservation un mois avant",
        },
        "public.notice:information": {
            "what_changes": ["Une heure de plus le matin"],
            "contact": "À la mairie",
            "spoken": ["ha", "dje"],
            "until": "2026-12-31",
        },
        "public.notice:version-publique": {
            "what_changes": ["Rien avant le vote"],
            "contact": "Au secrétariat",
            "spoken": ["ha"],
            "until": "2026-12-31",
        },
        "translation": {
            "summary": "Kwamitoci uku.",
            "body": "Takardu za su biyo baya.",
            "by_role": "Traductrice assermentée",
            "target": JOINED,
        },
        "endorsement": {"note": "Avec les trois observatoires.", "target": JOINED},
        "system.contest": {"target": JOINED},
        "system.absence:numeros": {"status": "settled"},
        "system.absence:silence": {"status": "settled", "heard": "2026-03-04T10:00:00Z"},
    }
    return {key: SMALL_MORE[key] | {"head": _head(key, head)} | fields for key, fields in more.items()}


def _head(key: str, head: dict[str, Any]) -> dict[str, Any]:
    """Where nothing of a case may stand, the head is short."""
    if key.endswith(":mise-en-relation"):
        return {name: head[name] for name in ("title", "issuer_role", "countries", "areas", "themes", "refs")}
    return head
