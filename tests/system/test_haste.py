"""Two things in one moment: what the first began is given up by the second, and nothing of it is lost."""

from __future__ import annotations

from temporalio.client import Client

from tests.system import definitions
from tests.system.test_workflow import Deaf
from tests.system.workshop import Workshop

HASTY = """\
start: {on: test.began, key: event.order_id}
exit: [{on: test.left, as: left}]
steps:
  - wait: {for: test.answered, up to: 1 hour}
  - note: An answer came.
  - set: {customer.answered: true}
  - send: welcome
"""


async def test_what_a_turn_wrote_is_kept_although_its_message_is_given_up_in_the_same_moment(
    workshop: Workshop, client: Client
) -> None:
    """The answer and the exit come in one workflow task: the message is never begun, but the note was."""
    await workshop.publish(definitions.library(hasty=HASTY))
    async with workshop.working(client), workshop.routing(Deaf(workshop.engine(client))):
        instance_id = await workshop.begin("hasty")
        await workshop.rests(instance_id)
        for kind in ("test.answered", "test.left"):
            seq, _ = await workshop.deliver(instance_id, kind)
        await workshop.engine(client).ring(instance_id, seq)

        assert await workshop.ended(instance_id) == "left"
        assert await workshop.said(instance_id, "note") == ["An answer came."]
        assert await workshop.said(instance_id, "set") == ["answered is now true"]
