"""Budgets of throttles: so many times in so long for one customer, whatever journeys ask."""

from datetime import timedelta

from sqlalchemy import func, select

from journey.effects import TakeFrom
from store.clock import now
from store.database import Tx
from store.tables import budget_use, customer


async def take(tx: Tx, customer_id: str, instance_id: str, effect: TakeFrom) -> bool:
    """Take one, if there is one left; asking again for the same effect takes no second one. Takes of one customer wait
    for each other."""
    mine = customer.c.customer_id == customer_id
    await tx.execute(select(customer.c.customer_id).where(mine).with_for_update(key_share=True))
    this = (budget_use.c.instance_id == instance_id) & (budget_use.c.effect_id == effect.id)
    if (await tx.execute(select(budget_use.c.use_pk).where(this))).first() is not None:
        return True
    moment = now()
    used = select(func.count()).where(
        budget_use.c.customer_id == customer_id,
        budget_use.c.budget == effect.budget,
        budget_use.c.key == effect.key,
        budget_use.c.at > moment - timedelta(seconds=effect.per),
    )
    if (await tx.execute(used)).scalar_one() >= effect.at_most:
        return False
    row = {"customer_id": customer_id, "budget": effect.budget, "key": effect.key, "at": moment}
    await tx.execute(budget_use.insert().values(**row, instance_id=instance_id, effect_id=effect.id))
    return True
