"""The smallest and the fullest valid data of each type, as a client would write it. Nobody here exists."""

from typing import Any

from tests.support.notice_data_more import ID, JOINED, NOTICE, SMALL_MORE, TARGET, full_more

_COMMISSION = "/ml/commission-defense"
_HEAD: dict[str, Any] = {"title": "Séance commune sur la protection des témoins"}
_ALERT_HEAD = {"title": "Marché fermé par précaution", "areas": ["ml-gao"]}

FULL_HEAD: dict[str, Any] = {
    "title": "Séance commune sur la protection des témoins",
    "summary": "Les trois commissions comparent leurs textes : où manque une règle, qui la propose, pour quand.",
    "body": "Ordre du jour, pièces et adresse suivent.\nUne traduction en anglais est jointe.",
    "reason": "La salle n'était plus libre ce jour-là",
    "issuer_role": "Secrétariat de la commission",
    "countries": ["bf", "ml", "ne"],
    "areas": ["bf-liptako", "ml-gao", "ne-tillaberi"],
    "themes": ["temoins", "entraide-judiciaire"],
    "sdg": ["16", "16.3", "5.c"],
    "gender_marker": 2,
    "consent_basis": "informed",
    "translations": [
        {
            "lang": "en",
            "status": "reviewed",
            "title": "Joint sitting on witness protection",
            "summary": "The three committees compare their laws.",
            "body": "Papers follow.",
        }
    ],
    "refs": [{"rel": "replies", "source": "/ne/commission-defense", "id": ID}],
    "attachments": [
        {"sha256": "ab" * 32, "mime": "application/pdf", "size": 48_213, "title": "Note de synthèse", "lang": "fr"}
    ],
}

SMALL: dict[str, dict[str, Any]] = {
    "agenda.meeting": {
        "head": _HEAD,
        "status": "confirmed",
        "body": _COMMISSION,
        "start": "2026-04-14T09:00:00Z",
        "end": "2026-04-14T12:00:00Z",
        "tz": "Africa/Bamako",
    },
    "agenda.item": {"head": {"title": "Audition sur la police de proximité"}, "status": "proposed"},
    "law.item": {
        "head": {"title": "Protection des témoins : trois textes côte à côte"},
        "theme": "temoins",
        "problem": "Aucune règle commune quand un témoin passe la frontière.",
        "steps": [{"country": "ml", "stage": "etude"}],
    },
    "monitor.report": {
        "head": {"title": "Note hebdomadaire de veille"},
        "status": "published",
        "observatory": "/ne/observatoire-justice",
        "period": "2026-02",
        "method": "Entretiens collectifs et presse",
        "sources_n": 12,
        "findings": [{"text": "Les délais d'audience baissent dans deux tribunaux.", "confidence": "B2"}],
    },
    "monitor.alert": {
        "head": _ALERT_HEAD,
        "msg_type": "Alert",
        "urgency": "Expected",
        "severity": "Moderate",
        "certainty": "Likely",
        "source_reliability": "B",
        "credibility": 2,
    },
    "roadmap.progress": {
        "head": {"title": "Recommandation 12 : premier point"},
        "recommendation": "BKO-2024-12",
        "period": "2026-T1",
        "status": "en-cours",
    },
    "ack": {"head": {"title": "Bien reçu"}, "target": TARGET, "level": "received"},
    "correction": {"head": {"title": "Correction de l'heure"}, "target": TARGET, "reason": "Erreur de saisie"},
    "withdrawal": {"head": {"title": "Retrait de l'avis"}, "target": TARGET, "reason": "erreur"},
    "heartbeat": {"waiting": 0, "waiting_urgent": 0, "software": "0.1.0"},
}

FULL: dict[str, dict[str, Any]] = {
    "agenda.meeting": SMALL["agenda.meeting"]
    | {
        "head": FULL_HEAD,
        "place": "Salle des commissions",
        "link": "https://example.org/seance",
        "chair_role": "Présidence de la commission",
        "quorum": 9,
        "ics_uid": "seance-2026-04-14@example.org",
        "sequence": 3,
        "points": [
            {
                "rank": 1,
                "kind": "examen-texte",
                "title": "Avant-projet sur les témoins",
                "law_ref": "temoins",
                "rapporteur_role": "Rapporteur général",
                "duration_min": 45,
                "about": NOTICE,
                "documents": ["ab" * 32],
            },
            {"rank": 2, "kind": "divers", "title": "Prochaine rencontre"},
        ],
        "objective": "Un tableau comparatif commun",
        "reply_by": "2026-04-01",
        "organisers": [_COMMISSION],
        "sought": [{"category": "Élus locaux", "seats": 12}],
        "women_target": 40,
        "funders": ["Budget de l'assemblée"],
        "seats": 40,
    },
    "agenda.item": SMALL["agenda.item"]
    | {
        "head": FULL_HEAD,
        "meeting": TARGET,
        "rank": 2,
        "law_ref": "police-proximite",
        "rapporteur_role": "Rapporteur",
        "duration_min": 30,
    },
    "law.item": SMALL["law.item"]
    | {
        "head": FULL_HEAD,
        "status": "open",
        "reference_instrument": "Convention régionale",
        "article": "Article 24",
        "target_outcome": "Une procédure commune",
        "lead_country": "ne",
        "steps": [
            {"country": "ml", "stage": "etude", "since": "2025-11-03", "evidence": "Compte rendu du 3 novembre"},
            {"country": "ne", "stage": "adopte", "since": "2024-06-30", "evidence": "Journal officiel"},
            {"country": "bf", "stage": "lacune"},
        ],
        "next_milestone": "Examen en commission",
        "due": "2026-09-30",
    },
    "monitor.report": SMALL["monitor.report"]
    | {
        "head": FULL_HEAD,
        "findings": [
            {"theme": "corruption", "text": "Des taxes sans reçu sont signalées.", "confidence": "C3"},
            {"text": "Les délais d'audience baissent.", "confidence": "B2"},
        ],
        "indicators": [
            {"key": "audiences tenues", "value": 48, "unit": "audiences"},
            {"key": "délai moyen", "value": 31.5, "unit": "jours"},
        ],
        "recommendations": ["Afficher les tarifs à l'entrée"],
        "right_of_reply": "La commune a été entendue.",
        "reply_due": "2026-04-01",
    },
    "monitor.alert": SMALL["monitor.alert"]
    | {
        "head": FULL_HEAD,
        "status": "Exercise",
        "category": "Infra",
        "response": "Avoid",
        "acled": "looting",
        "iccs": ["0703", "09062"],
        "place": "Cercle voisin du marché",
        "advice": "Prendre la route du nord.",
    },
    "roadmap.progress": SMALL["roadmap.progress"]
    | {
        "head": FULL_HEAD,
        "rank": "principale",
        "percent": 40,
        "narrative": "Le texte est prêt ; la consultation commence.",
        "evidence": ["Compte rendu de la séance"],
        "blockers": ["Budget non voté"],
        "next_due": "2026-06-30",
    },
    "ack": SMALL["ack"]
    | {"head": FULL_HEAD, "level": "handled", "note": "La permanence s'en occupe.", "target": JOINED},
    "correction": SMALL["correction"]
    | {"head": FULL_HEAD, "text": "Lire 9 h 30.", "settles": "cd" * 32, "target": JOINED},
    "withdrawal": SMALL["withdrawal"] | {"head": FULL_HEAD, "note": "Remplacé par l'avis du 3 mars.", "target": JOINED},
    "heartbeat": SMALL["heartbeat"] | {"erased": [{"order": "0a" * 32, "part": "node"}]},
}
SMALL |= SMALL_MORE
FULL |= full_more(FULL_HEAD)
