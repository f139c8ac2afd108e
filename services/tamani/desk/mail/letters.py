"""What a letter says: the meeting in words and as an invitation, or, above TLP:GREEN, only that a message waits.

The same letter has the same Message-ID however often it is sent, so that a mailbox can drop a repeat (RFC 5322 §3.6.4).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from textwrap import wrap

from tamani.core.codelists import terms
from tamani.desk.agenda import clocks
from tamani.desk.agenda.ics import CLASSES, CLOSED, CLOSED_CHANGED, Writer
from tamani.desk.agenda.meetings import Meeting
from tamani.desk.agenda.views import BADGES
from tamani.desk.mail.outbox import Letter
from tamani.desk.mail.subscriptions import Subscription
from tamani.desk.pages.languages import plain as _
from tamani.desk.pages.languages import translations
from tamani.desk.pages.rendering import render
from tamani.desk.pages.views import Viewer, said_in
from tamani.desk.wire import page_path

CONVENED, CHANGED, CALLED_OFF = _("Convocation"), _("Changement"), _("Annulation")
WAITING = _("Un message vous attend")
STOP_PATH = "/agenda/courriels/arret/"
CONFIRM_PATH = "/agenda/courriels/confirmer/"
WIDTH = 76


@dataclass(frozen=True, slots=True)
class LetterView:
    """What `mail.html` and the plain text show. `rows` are labels and values."""

    lang: str
    heading: str
    demo: bool
    title: str
    body: str
    rows: list[tuple[str, str]]
    points: list[str]
    note: str
    link: str
    link_words: str
    tlp: str
    why: str
    stop: str


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes the letters of one desk. `sender` is the address that they come from."""

    viewer: Viewer
    writer: Writer
    sender: str

    def letter(self, letter: Letter, subscription: Subscription, meeting: Meeting) -> EmailMessage:
        """The mail that tells a subscription how the meeting stands."""
        open_ = meeting.notice.row.tlp in CLASSES
        view = self._meeting(subscription, meeting) if open_ else self._waiting(subscription)
        subject = f"{view.heading} : {view.title}" if view.title else view.heading
        mail = self._mail(subscription.address, subject, view, message_id(letter, self.sender))
        self._add_stop(mail, view.stop)
        if open_:
            made = self.writer.invitation(meeting, self.sender, subscription.address)
            _attach(mail, made, "CANCEL" if meeting.off else "REQUEST")
        _bound(mail)
        return mail

    def reminder(self, letter: Letter, subscription: Subscription, count: int) -> EmailMessage:
        """The mail that says how many things wait for an answer: neither of whom, nor what, nor until when."""
        said = translations(self.viewer.labels.lang)
        heading = said.ngettext("Une demande attend votre réponse", "%(num)s demandes attendent votre réponse", count)
        view = self._view(
            subscription,
            heading=heading % {"num": count},
            note=self._say(_("Cela se lit sur le site, une fois connecté.")),
            link=self.writer.base + "/accueil",
            link_words=self._say(_("Ouvrir le site")),
            why=self._why(subscription),
        )
        mail = self._mail(subscription.address, view.heading, view, message_id(letter, self.sender))
        self._add_stop(mail, view.stop)
        _bound(mail)
        return mail

    def confirmation(self, subscription: Subscription, secret: str) -> EmailMessage:
        """The mail that asks whether the address is right; it says nothing of any meeting."""
        say = self._say(
            _("Pour recevoir ces convocations, ouvrez l'adresse ci-dessous dans les 48 heures et confirmez.")
        )
        view = self._view(
            subscription,
            heading=self._say(_("Confirmez votre adresse")),
            body=self.viewer.labels.body(subscription.body),
            note=say,
            link=self.writer.base + CONFIRM_PATH + secret,
            link_words=self._say(_("Confirmer")),
            why=self._say(_("Si vous n'avez rien demandé, ne faites rien : l'adresse sera oubliée.")),
        )
        return self._mail(subscription.address, view.heading, view, _id("confirm", secret, self.sender))

    def _waiting(self, subscription: Subscription) -> LetterView:
        """Above TLP:GREEN: neither who, nor what, nor when."""
        return self._view(
            subscription,
            heading=self._say(WAITING),
            note=self._say(_("Il se lit sur le site, une fois connecté.")),
            link=self.writer.base + "/agenda",
            link_words=self._say(_("Ouvrir le site")),
            why=self._why(subscription),
        )

    def _meeting(self, subscription: Subscription, meeting: Meeting) -> LetterView:
        row, head = meeting.notice.row, meeting.notice.event.head
        gone, public = meeting.state == "withdrawn", row.tlp == "CLEAR"
        said = said_in(meeting.notice, self.viewer.labels.lang)
        note = "" if public or gone else self._say(CLOSED_CHANGED if meeting.reason else CLOSED)
        return self._view(
            subscription,
            heading=self._say(CALLED_OFF if meeting.off else CONVENED if meeting.first else CHANGED),
            title=self._say(_("Avis retiré par son organisme")) if gone else said.title,
            body=self.viewer.labels.body(row.source),
            rows=self._rows(meeting),
            points=_points(meeting, self.viewer) if public and not gone else [],
            note=str(head.get("summary") or "") and said.summary if public and not gone else note,
            link=self.writer.base + page_path(row.source, row.id),
            link_words=self._say(_("Lire l'avis")),
            tlp=f"TLP:{row.tlp}",
            why=self._why(subscription),
        )

    def _rows(self, meeting: Meeting) -> list[tuple[str, str]]:
        dates, data, public = self.viewer.dates, meeting.data, meeting.notice.row.tlp == "CLEAR"
        when = clocks.dated(dates, meeting.hours)
        found = [(self._say(_("N'aura pas lieu")) if meeting.off else self._say(_("Quand")), when)]
        found += [(self._say(_("Ancienne date")), clocks.dated(dates, one)) for one in meeting.before]
        if meeting.state in BADGES:
            found.append((self._say(_("État")), self._say(BADGES[meeting.state].word)))
        if public and meeting.state != "withdrawn":
            places = (_("Lieu"), data.get("place")), (_("Lien"), data.get("link")), (_("Raison"), meeting.reason)
            found += [(self._say(word), str(value)) for word, value in places if value]
        return found

    def _why(self, subscription: Subscription) -> str:
        words = self._say(_("Vous recevez ce courriel parce que vous l'avez demandé pour : %(body)s."))
        return words % {"body": self.viewer.labels.body(subscription.body)}

    def _view(self, subscription: Subscription, **parts: object) -> LetterView:
        empty: dict[str, object] = {"title": "", "body": "", "rows": [], "points": [], "note": "", "tlp": ""}
        stop = self.writer.base + STOP_PATH + subscription.stop
        given = {"lang": self.viewer.labels.lang, "demo": self.writer.demo, "stop": stop}
        return LetterView(**(empty | given | parts))  # type: ignore[arg-type]

    def _mail(self, to: str, subject: str, view: LetterView, ident: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"Tamani <{self.sender}>"
        mail["To"] = to
        mail["Subject"] = " ".join(f"{self._say(_('Démonstration')) + ' · ' if view.demo else ''}{subject}".split())
        mail["Date"] = format_datetime(self.viewer.now)
        mail["Message-ID"] = ident
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self._text(view), cte="quoted-printable")
        mail.add_alternative(render(view.lang, "mail.html", mail=view).decode(), "html", cte="quoted-printable")
        return mail

    def _add_stop(self, mail: EmailMessage, address: str) -> None:
        """RFC 8058: a mail program ends the subscription by one POST."""
        mail["List-Unsubscribe"] = f"<{address}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"

    def _text(self, view: LetterView) -> str:
        """The letter for who reads no HTML."""
        demo = [self._say(_("Démonstration : rien ici n'est réel."))] if view.demo else []
        rows = "\n".join(f"{label} : {value}" for label, value in view.rows)
        parts = [*demo, view.heading, "\n".join(p for p in (view.title, view.body) if p), rows]
        parts += ["\n".join(view.points), view.note, f"{view.link_words} :\n{view.link}", view.tlp]
        stop = self._say(_("Ne plus recevoir ces courriels")) + f" :\n{view.stop}"
        parts += ["-- ", view.why, stop]
        return "\n\n".join(_wrapped(part) for part in parts if part) + "\n"

    def _say(self, words: str) -> str:
        return translations(self.viewer.labels.lang).gettext(words)


def message_id(letter: Letter, sender: str) -> str:
    """Of a letter: the same at every attempt, telling nothing to who does not hold the notice."""
    which = f"\0{letter.reminder}" if letter.reminder else ""
    return _id(str(letter.subscription), f"{letter.source}\0{letter.id}{which}", sender)


def is_stale(letter: Letter, meeting: Meeting, now: datetime) -> bool:
    """Whether a later letter tells more, or the meeting is over."""
    return meeting.latest.row.id != letter.id or meeting.hours.end < now


def _id(kind: str, what: str, sender: str) -> str:
    digest = hashlib.sha256(f"{kind}\0{what}".encode()).hexdigest()[:40]
    return f"<{digest}@{sender.rpartition('@')[2]}>"


def _attach(mail: EmailMessage, calendar: bytes, method: str) -> None:
    """RFC 6047 §2.4: the method stands in the part's type, too."""
    mail.add_alternative(calendar, "text", "calendar", cte="base64", params={"method": method, "charset": "UTF-8"})


def _bound(mail: EmailMessage) -> None:
    """A boundary that follows from the letter: a repeat has the same bytes, but for its date."""
    mail.set_boundary(hashlib.sha256(str(mail["Message-ID"]).encode()).hexdigest()[:32])


def _points(meeting: Meeting, viewer: Viewer) -> list[str]:
    found = []
    for point in meeting.data.get("points", ()):
        theme = terms("themes").get(str(point.get("law_ref")))
        found.append(f"{point['rank']}. {point['title']}" + (f" ({theme.said(viewer.labels.lang)})" if theme else ""))
    return found


def _wrapped(part: str) -> str:
    lines = (wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False) or [""] for line in part.split("\n"))
    return "\n".join(line for many in lines for line in many) if part != "-- " else part
