"""The tables, one file for each subject. One word per idea: inbox, customer, instance, delivery, message (the ledger),
timeline, definition.

Times are UTC; JSON is JSONB on PostgreSQL; money is text with its currency, as the shop wrote it.
"""

from store.tables.alerts import alert
from store.tables.budgets import budget_use
from store.tables.columns import UtcDateTime, metadata
from store.tables.complaints import complaint
from store.tables.consents import consent
from store.tables.customers import customer, customer_alias, customer_merge, customer_merge_row
from store.tables.definitions import (
    calendar,
    company,
    declared_customer,
    declared_event,
    declared_source,
    definition,
    message_text,
    pinned_text,
    record_rules,
)
from store.tables.events import inbox, parked
from store.tables.halts import halt, waiting_start
from store.tables.jobs import job
from store.tables.journeys import RUNNING, UNHEARD, delivery, instance
from store.tables.keys import api_key
from store.tables.lanes import lane
from store.tables.messages import message
from store.tables.notices import notice, subscriber
from store.tables.organisations import organisation
from store.tables.purchases import owned, purchase, purchase_line, refund
from store.tables.reach import silence, suppression
from store.tables.returned import incoming, soft_bounce
from store.tables.segments import booking, membership
from store.tables.site_messages import site_message
from store.tables.staff import audit, session, sign_in_link, staff
from store.tables.surveys import survey
from store.tables.tasks import digest, task, task_act
from store.tables.timeline import timeline
from store.tables.views import saved_view

__all__ = [
    "RUNNING", "UNHEARD", "UtcDateTime", "alert", "api_key", "audit", "booking", "budget_use", "calendar", "company",
    "complaint", "consent", "customer", "customer_alias", "customer_merge", "customer_merge_row", "declared_customer",
    "declared_event", "declared_source", "definition", "delivery", "digest", "halt", "inbox", "incoming", "instance",
    "job", "lane", "membership", "message", "message_text", "metadata", "notice", "organisation", "owned", "parked",
    "pinned_text", "purchase", "purchase_line", "record_rules", "refund", "saved_view", "session", "sign_in_link",
    "silence", "site_message", "soft_bounce", "staff", "subscriber", "suppression", "survey", "task", "task_act",
    "timeline", "waiting_start",
]  # fmt: skip
