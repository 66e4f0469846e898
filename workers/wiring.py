"""Everything is put together here, by hand: which object gets which."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.alerts import Alerts
from activities.channels.base import Channel
from activities.channels.inbox import Inbox
from activities.channels.push import Push, ServiceAccount
from activities.channels.sms import Sms
from activities.channels.texting import Account
from activities.channels.webhook import Webhook
from activities.channels.whatsapp import WhatsApp
from activities.courier import Courier
from activities.dkim import Signer
from activities.mail import Mail
from activities.office import Office
from activities.patience import Patience
from activities.public import Inside
from activities.records import Records
from activities.services import Services
from activities.smtp import Mailer, Server
from journey.returned.providers import TAG
from store.database import Database
from store.seal import Seal
from workers import folder, secrets
from workers.broker import Broker
from workers.mistakes import UserMistake
from workers.settings import Settings, secrets_in_force
from workflows.journey import JourneyWorkflow

GRACE = timedelta(seconds=10)
"""How long activities may go on when the worker is told to stop."""


def mailer(settings: Settings) -> Mailer:
    """The way to the mail server in force."""
    given = settings.smtp
    server = Server(given.host, given.port, given.tls, given.username, given.password)
    return Mailer(server, Patience.scaled(timedelta(seconds=settings.mail_patience)))


def office(settings: Settings) -> Office:
    """What every letter takes from this installation."""
    return Office(Seal(folder.secret(settings)), settings.public_url.rstrip("/"), _signer(settings), _tag(settings))


def _tag(settings: Settings) -> str:
    """What Postmark gives back in its webhooks; it gives letters ids of its own. SES and SendGrid say theirs when they
    take a letter."""
    return f"X-PM-Metadata-{TAG}" if settings.smtp.host.endswith("postmarkapp.com") else ""


def mail(settings: Settings, db: Database, mailer: Mailer) -> Mail:
    """Who sends messages, by every channel that has a provider here."""
    return Mail(db, mailer, office(settings), channels(settings, db))


def channels(settings: Settings, db: Database) -> dict[str, Channel]:
    """The channels besides mail. Raises UserMistake."""
    found: dict[str, Channel] = {"inbox": Inbox(db)}
    if settings.sms_url:
        found["sms"] = Sms(Account.from_url(settings.sms_url))
    if settings.whatsapp_url:
        found["whatsapp"] = WhatsApp(Account.from_url(settings.whatsapp_url))
    if settings.push_key:
        try:
            found["push"] = Push(ServiceAccount.from_file(settings.push_key))
        except ValueError as error:
            raise UserMistake(f"WAYFARE_PUSH_KEY={settings.push_key}: {error}") from None
    if settings.webhook_url:
        secret = secrets_in_force().get("WAYFARE_SECRET_WEBHOOK", ())
        if not secret:
            raise UserMistake("WAYFARE_WEBHOOK_URL needs WAYFARE_SECRET_WEBHOOK, by which its messages are signed")
        found["webhook"] = Webhook(settings.webhook_url, secret, Inside(settings.call_hosts))
    return found


def _signer(settings: Settings) -> Signer | None:
    """Who signs letters with DKIM, if a key is named. Raises UserMistake."""
    if settings.dkim_key is None:
        return None
    try:
        return Signer.from_pem(settings.dkim_selector, settings.dkim_key.read_bytes())
    except (OSError, ValueError) as error:
        raise UserMistake(f"WAYFARE_DKIM_KEY={settings.dkim_key}: {error}") from None


def alerts(settings: Settings, db: Database) -> Alerts:
    """Who alerts people of the company."""
    return Alerts(db, {"": settings.alert_urls, **secrets_in_force()})


def courier(settings: Settings, db: Database, broker: Broker | None) -> Courier:
    """Who tells other systems what changes here."""
    source = settings.public_url
    return Courier(db, secrets_in_force(), source, inside=Inside(settings.call_hosts), broker=broker)


def worker(client: Client, settings: Settings, db: Database, mail: Mail) -> Worker:
    """The Temporal worker: one workflow and its activities.

    No sandbox: it would import the machine again for every workflow (measured at 10 ms of CPU each); purity is held by
    the import contracts and the tests. Few workflow tasks at a time: after a restart each replays, and the deadlock
    detector gives it two seconds on a busy machine.
    """
    records = Records(db)
    services = Services(db, Inside(settings.call_hosts), secrets.read(settings.call_secrets))
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[JourneyWorkflow],
        activities=[
            mail.send,
            mail.notify,
            services.call,
            records.record,
            records.read_customer,
            records.throttle,
            records.start_journey,
            records.fetch,
        ],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_concurrent_workflow_tasks=8,
        max_concurrent_activities=50,
        max_concurrent_local_activities=50,
        max_cached_workflows=1_000,
        graceful_shutdown_timeout=GRACE,
    )
