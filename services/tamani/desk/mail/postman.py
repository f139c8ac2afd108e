"""The postman's round: write what there is to tell, send what is due, note what came of it.

A letter is noted as sent after the server has taken it. Killed between the two, the postman sends it once more, with
the same Message-ID: never none, and two only then.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from tamani.core.errors import OutageError, RefusedError
from tamani.core.policy import Reader
from tamani.desk.agenda.clocks import home_zone
from tamani.desk.agenda.ics import Writer
from tamani.desk.agenda.search import meeting_of
from tamani.desk.database import Database
from tamani.desk.mail.letters import Scribe, is_stale
from tamani.desk.mail.outbox import Letter, Outbox
from tamani.desk.mail.quiet import end_of_quiet, not_before
from tamani.desk.mail.reminders import Reminders
from tamani.desk.mail.sending import Away, Later, Outcome, Rejected, Sent, Server
from tamani.desk.mail.subscriptions import Subscription, Subscriptions
from tamani.desk.opening import Opener
from tamani.desk.pages.dates import Dates
from tamani.desk.pages.labels import Labels
from tamani.desk.pages.views import Viewer
from tamani.desk.settings import DeskSettings
from tamani.desk.told import Told
from tamani.runtime.clock import Clock
from tamani.runtime.registry import RegistryHolder

log = structlog.get_logger(__name__)
EVERY_SECONDS = 3.0
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
DOUBLINGS = 6


class Postman:
    """One for a desk; without a server in the settings it does nothing, and says `off`."""

    def __init__(
        self,
        settings: DeskSettings,
        database: Database,
        registry: RegistryHolder,
        *,
        told: Told,
        opener: Opener,
        clock: Clock,
    ) -> None:
        self.settings = settings
        self.outbox = Outbox(database, clock)
        self.subscriptions = Subscriptions(database, clock)
        self.reminders = Reminders(database, told, opener, clock)
        self.server = server_of(settings)
        self.state = "off" if self.server is None else "starting"
        self._database = database
        self._registry = registry
        self._clock = clock
        self._resting_until: datetime | None = None
        self._outages = 0

    @property
    def on(self) -> bool:
        """Whether this desk sends mail."""
        return self.server is not None

    async def run(self) -> None:
        """Go round until cancelled; the database or the server being away is waited out."""
        while True:
            if self.on:
                try:
                    await self.round()
                except OutageError as error:
                    log.warning("postman.database_away", code=error.code.name)
            await asyncio.sleep(EVERY_SECONDS)

    async def round(self) -> int:
        """Write and send all that can be now; how many letters were handed over."""
        subscriptions = await self.subscriptions.confirmed()
        while await self.outbox.fill(subscriptions, self._registry.current):
            pass
        await self.reminders.fill(subscriptions, self._registry.current)
        if self.server is None or (self._resting_until is not None and self._clock() < self._resting_until):
            return 0
        known, sent = {one.number: one for one in subscriptions}, 0
        while (letter := await self.outbox.take()) is not None:
            outcome = await self._deliver(self.server, letter, known.get(letter.subscription))
            sent += isinstance(outcome, Sent)
            if isinstance(outcome, Away):
                break
        return sent

    async def confirm(self, subscription: Subscription, secret: str) -> None:
        """Ask an address whether it is right, at once: whoever asked is told on the spot if that cannot be done.

        Raises:
            OutageError: `failed.mail`.
            RefusedError: `refused.mail.address`: the server does not take it.
        """
        if self.server is None:
            raise OutageError("failed.mail", "off")
        message = self.scribe(subscription.lang).confirmation(subscription, secret)
        outcome = await self.server.send(message, subscription.address)
        if isinstance(outcome, Rejected):
            raise RefusedError("refused.mail.address", str(outcome.reply))
        if not isinstance(outcome, Sent):
            raise OutageError("failed.mail", outcome.why if isinstance(outcome, Away) else str(outcome.reply))

    def scribe(self, lang: str) -> Scribe:
        """Who writes the letters in one language."""
        registry, settings, now = self._registry.current, self.settings, self._clock()
        viewer = Viewer(Labels(lang, registry, now), Dates(lang, settings.country), now)
        base = (settings.public_url or "").rstrip("/")
        return Scribe(viewer, Writer(base, registry, settings.demo or registry.demo), settings.mail_sender or "")

    async def _deliver(self, server: Server, letter: Letter, subscription: Subscription | None) -> Outcome | None:
        if subscription is None:
            return None  # confirmed a moment ago: the next round knows it
        if letter.reminder is not None:
            return await self._remind(server, letter, subscription)
        reader, now = Reader(subscription.body), self._clock()
        meeting = await meeting_of(self._database, reader, (letter.source, letter.thread))
        if meeting is None or is_stale(letter, meeting, now) or not self._may_read(subscription, now):
            await self.outbox.end(letter, "passed")
            return None
        quiet = self.settings.mail_quiet_from, self.settings.mail_quiet_until
        due = not_before(now, meeting, home_zone(self.settings.country), quiet)
        if due > now:
            await self.outbox.later(letter, due)
            return None
        outcome = await server.send(
            self.scribe(subscription.lang).letter(letter, subscription, meeting), subscription.address
        )
        await self._note(letter, outcome)
        return outcome

    async def _remind(self, server: Server, letter: Letter, subscription: Subscription) -> Outcome | None:
        """One letter for all that waits; none for what has been answered, moved or called off since it was written."""
        now = self._clock()
        count = await self.reminders.waiting(letter, subscription) if self._may_read(subscription, now) else 0
        if not count:
            await self.outbox.end(letter, "passed")
            return None
        quiet = self.settings.mail_quiet_from, self.settings.mail_quiet_until
        due = end_of_quiet(now, home_zone(self.settings.country), quiet)
        if due > now:
            await self.outbox.later(letter, due)
            return None
        message = self.scribe(subscription.lang).reminder(letter, subscription, count)
        outcome = await server.send(message, subscription.address)
        await self._note(letter, outcome)
        if isinstance(outcome, Sent):
            await self.reminders.told(subscription.number)
        return outcome

    def _may_read(self, subscription: Subscription, now: datetime) -> bool:
        body = self._registry.current.body(subscription.body)
        return body is not None and body.stands(now)

    async def _note(self, letter: Letter, outcome: Outcome) -> None:
        now = self._clock()
        match outcome:
            case Sent():
                await self.outbox.end(letter, "sent", 250)
            case Rejected(reply):
                log.warning("postman.refused", letter=letter.number, subscription=letter.subscription, reply=reply)
                await self.outbox.end(letter, "failed", reply)
            case Later(reply):
                await self.outbox.later(letter, now + _wait(letter.attempts - 1), reply)
            case Away(why):
                await self.outbox.later(letter, now)
                log.warning("postman.server_away", why=why)
                self._resting_until = now + _wait(self._outages)
                self._outages += 1
                self.state = "away"
                return
        self._outages, self._resting_until, self.state = 0, None, "ok"


def server_of(settings: DeskSettings) -> Server | None:
    """The SMTP server of these settings, if there is one."""
    if settings.mail_host is None:
        return None
    return Server(
        host=settings.mail_host,
        port=settings.mail_port,
        security=settings.mail_security,
        sender=settings.mail_sender or "",
        ca_file=settings.mail_ca_file,
        username=settings.mail_username,
        password=settings.mail_password,
    )


def _wait(attempts: int) -> timedelta:
    """From a minute, doubling, to an hour."""
    return min(FIRST_WAIT * (1 << min(max(attempts, 0), DOUBLINGS)), LONGEST_WAIT)
