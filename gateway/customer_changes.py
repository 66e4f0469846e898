"""The doors at which the customer record is written: the record itself, notes, words of consent, merges.

Whatever is sent again changes nothing: a record because it says the same, a note or a word by its `id`."""

import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gateway import refusals, strict_json
from gateway.answers import Json
from gateway.customer_form import record_problems
from gateway.desk import Desk
from gateway.fields import line_fault, moment
from gateway.keys import EDIT, Caller
from gateway.record import known, meant, whole, write
from journey.declared.values import Violation
from store import editing, merges, rules
from store.clock import now
from store.consents import Word
from store.database import Tx

NOTE = ("id", "text", "by")
CONSENT = ("id", "topic", "given", "at", "how", "text_version", "proof")
MERGE = ("other", "reason")


class Changes:
    """The doors on this desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def written(self, request: Request) -> Response:
        """Make or change a customer."""
        caller = await self._desk.caller(request, EDIT)
        given = strict_json.parse(await self._desk.body(request))
        if problems := record_problems(given):
            raise refusals.UnclearCustomer(*problems[0], more=problems[1:])
        add, remove = (tuple(given.pop(name, None) or ()) for name in ("add_tags", "remove_tags"))
        change = editing.Change(given, caller.source, add, remove)

        async def work(tx: Tx) -> tuple[dict[str, Any], bool]:
            made = await editing.upsert(tx, change, await rules.in_force(tx))
            return await whole(tx, made.customer_id), made.new

        try:
            shown, new = await write(self._desk, work)
        except editing.Unfit as unfit:
            raise _unfit(unfit.violations) from None
        return Json(shown, 201 if new else 200)

    async def noted(self, request: Request) -> Response:
        """Write a note."""
        caller, given = await self._given(request, NOTE)
        key, text = _key(caller, given), _text(given, "text", 10_000)
        by = _optional(given, "by", 120) or caller.source

        async def work(tx: Tx) -> bool:
            return await editing.note(tx, await meant(tx, request), key, text, by)

        return Json({"id": given["id"]}, 201 if await self._once(work) else 200)

    async def consented(self, request: Request) -> Response:
        """Keep a word on a topic."""
        caller, given = await self._given(request, CONSENT)
        key, word = _key(caller, given), _word(given, caller.source)

        async def work(tx: Tx) -> tuple[bool, dict[str, bool]]:
            customer_id = await meant(tx, request)
            new = await editing.consent(tx, customer_id, key, word)
            return new, (await whole(tx, customer_id))["consent"]

        new, consent = await self._once(work)
        return Json({"id": given["id"], "consent": consent}, 201 if new else 200)

    async def _once(self, work: Any) -> Any:
        try:
            return await write(self._desk, work)
        except editing.SaidOtherwise:
            raise refusals.OtherBody(
                "/id",
                "One of this id was sent before, and it said something else. The first one is kept.",
                "Give each an id of its own; to send one again, send exactly the same.",
            ) from None

    async def merged(self, request: Request) -> Response:
        """Make another customer a part of this one. Who is the same already stays so."""
        caller, given = await self._given(request, MERGE)
        other = _line(given, "other", 400)
        reason = _optional(given, "reason", 300) or f"{caller.source} says so"

        async def work(tx: Tx) -> tuple[dict[str, Any], bool]:
            customer_id, other_id = await meant(tx, request), await known(tx, other, "/other")
            if customer_id == other_id:
                return {"merge_id": None, "customer_id": customer_id, "other_id": None}, False
            return await editing.merge(tx, customer_id, other_id, reason), True

        made, new = await write(self._desk, work)
        shown = {name: made[key] for name, key in (("merge", "merge_id"), ("customer_id",) * 2, ("other_id",) * 2)}
        return Json(shown, 201 if new else 200)

    async def parted(self, request: Request) -> Response:
        """Undo a merge."""
        await self._desk.caller(request, EDIT)
        await self._desk.body(request)
        merge_id = request.path_params["merge"]
        unknown = refusals.UnknownMerge("path", "There is no such merge.", "Take it from the customer's history.")
        if not (merge_id.isascii() and merge_id.isalnum()):
            raise unknown
        try:
            customer_id = await write(self._desk, lambda tx: editing.part(tx, merge_id))
        except merges.UnknownMerge:
            raise unknown from None
        except merges.CannotPart as problem:
            raise refusals.CannotBe("path", str(problem), "The customer's history lists their merges.") from None
        return Json({"customer_id": customer_id})

    async def _given(self, request: Request, names: tuple[str, ...]) -> tuple[Caller, dict[str, Any]]:
        caller = await self._desk.caller(request, EDIT)
        given = strict_json.parse(await self._desk.body(request))
        problems = [
            refusals.Problem(f"/{strict_json.shown(name)}", "It is not known here.", f"Send {', '.join(names)}.")
            for name in sorted(given.keys() - set(names))
        ]
        if problems:
            raise refusals.Malformed(*problems[0], more=problems[1:])
        return caller, given


def _unfit(violations: list[Violation]) -> refusals.DoesNotFit:
    problems = [refusals.Problem(f"/attributes{one.pointer}", one.what, one.remedy) for one in violations]
    return refusals.DoesNotFit(*problems[0], more=problems[1:])


def _key(caller: Caller, given: Mapping[str, Any]) -> str:
    """Under which name it is kept: that of the sender and theirs."""
    said = _line(given, "id", 255)
    return hashlib.sha256(f"{caller.source} {said}".encode()).hexdigest()[:32]


def _line(given: Mapping[str, Any], name: str, most: int) -> str:
    if given.get(name) is None:
        raise refusals.Malformed(f"/{name}", "It is missing.", "Send it as a text.")
    if fault := line_fault(given[name], characters=most):
        raise refusals.Malformed(f"/{name}", *fault)
    return str(given[name])


def _text(given: Mapping[str, Any], name: str, most: int) -> str:
    """A text of any number of lines."""
    value = given.get(name)
    if isinstance(value, str) and value.strip() and len(value) <= most:
        return value
    raise refusals.Malformed(f"/{name}", "This is no text with something in it.", f"Send 1 to {most:,} characters.")


def _optional(given: Mapping[str, Any], name: str, most: int) -> str | None:
    return None if given.get(name) is None else _line(given, name, most)


def _word(given: Mapping[str, Any], source: str) -> Word:
    if not isinstance(given.get("given"), bool):
        raise refusals.Malformed("/given", "It is neither true nor false.", "Send true for yes, false for no.")
    proof = given.get("proof")
    if proof is not None and not isinstance(proof, dict):
        raise refusals.Malformed("/proof", "This is not an object.", 'Send {"page": "/newsletter"}.')
    at = moment(given["at"]) if given.get("at") is not None else now()
    if isinstance(at, refusals.Fault):
        raise refusals.Malformed("/at", *at)
    return Word(
        topic=_line(given, "topic", 80),
        given=given["given"],
        at=min(at, now()),
        source=source,
        how=_optional(given, "how", 255),
        text_version=_optional(given, "text_version", 120),
        proof=proof or {},
    )
