"""``call: open-ticket``: an HTTP request to another system; its answer may feed later steps.

Values of ``body`` and ``headers`` that begin with ``= `` are expressions, and so is what stands in ``{{ }}`` in the
address; there it is made safe for an address, and never stands in the host.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from journey import conditions, durations
from journey.effects import CallService
from journey.inputs import EffectDone
from journey.model import Mistake
from journey.steps import values
from journey.steps.base import Duration, Name, Use, Variable
from journey.steps.trying import Failure, Trying
from journey.turn import Asked, Desk, Move, Next

URL = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(?=[/?]|\Z)[!-~]*\Z")
PLACE = re.compile(r"\{\{(.*?)\}\}")
LONGEST = durations.parse("1 minute")
PASSING = ("unreachable", "timeout", "busy", "error")
FAILURES = (*PASSING, "refused", "forbidden", "unreadable", "incomplete")
"""unreachable: no connection; timeout; busy: 429 or 503; error: another 5xx; refused: another answer than 2xx;
forbidden: an address where nothing may be called; unreadable: an answer that is too long or no JSON; incomplete: a
value is missing."""

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Call(Trying):
    """The request, how long it may take, and where the answer is kept."""

    kind: ClassVar[str] = "call"
    passing: ClassVar[tuple[str, ...]] = PASSING
    failures: ClassVar[tuple[str, ...]] = FAILURES
    call: Annotated[Name, Field(description="what it is called on record and in scenarios, in one word")]
    url: Annotated[
        str,
        Field(max_length=2000, description="the address, for example https://shop.example/orders/{{ start.order_id }}"),
    ]
    method: Annotated[
        Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None,
        Field(description="GET, POST, PUT, PATCH or DELETE; without it POST with a body and GET without one"),
    ] = None
    headers: Annotated[
        dict[str, str], Field(description="header lines; a value such as: secret desk-token is looked up")
    ] = Field(default_factory=dict)
    body: Annotated[Any, Field(description="what is sent, as JSON; values that begin with = are expressions")] = None
    timeout: Annotated[Duration, Field(description="how long one try may take, at most 1 minute")] = "5 seconds"
    into: Annotated[
        Variable | None, Field(description="a name: the answer is kept as vars.<name>, with status and body")
    ] = None

    @field_validator("url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not URL.match(PLACE.sub("x", value)) or "{{" in value.split("//", 1)[-1].split("/", 1)[0].split("?", 1)[0]:
            raise ValueError(f'"{value}" is not an address; it begins with https:// and a fixed host')
        return value

    @field_validator("headers")
    @classmethod
    def _header_lines(cls, value: dict[str, str]) -> dict[str, str]:
        for name, line in value.items():
            if not _HEADER.match(name):
                raise Mistake(f'"{name}" is not the name of a header', name)
            if any(letter in line for letter in "\r\n\0"):
                raise Mistake("a header is one line", name)
        return value

    @field_validator("timeout")
    @classmethod
    def _not_too_long(cls, value: str) -> str:
        if not durations.parse("0 seconds") < durations.parse(value) <= LONGEST:
            raise ValueError(f'"{value}" is not possible here; one try may take up to 1 minute')
        return value

    @model_validator(mode="after")
    def _body_goes_with_the_method(self) -> "Call":
        if self.body is not None and self.method in ("GET", "DELETE"):
            raise Mistake(f"a {self.method} has no body", "body")
        return self

    def words(self) -> str:
        return f"⇄ {self.call}"

    def attempt(self, desk: Desk) -> Move:
        found = {place: desk.judge(place.strip()) for place in PLACE.findall(self.url)}
        body, missing = values.work_out(desk, self.body)
        headers, absent = values.work_out(desk, self.headers)
        wrong = [
            f"{place.strip()}: {one.problem or 'it is empty'}"
            for place, one in found.items()
            if one.value in (None, "")
        ]
        problem = next((text for text in (*wrong, missing, absent) if text), "")
        if problem:
            return self.failed(desk, Failure("incomplete", problem, f"{self.call} cannot be called ({problem})"))
        effect = CallService(
            id=desk.effect_id(),
            name=self.call,
            method=self.method or ("GET" if self.body is None else "POST"),
            url=PLACE.sub(lambda place: _quoted(found[place[1]].value), self.url),
            headers={name: " ".join(str(line).split()) for name, line in headers.items()},
            body=body,
            key=f"{self.uid}/{desk.visits[self.uid]}",
            timeout=durations.parse(self.timeout).total_seconds(),
        )
        return Asked(effect)

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        if done.outcome != "accepted":
            reason = str(done.value.get("reason") or "")
            said = f"The call {self.call} failed: {done.outcome}{f' ({reason})' if reason else ''}"
            return self.failed(desk, Failure(done.outcome, reason, said))
        if self.into:
            desk.vars[self.into] = done.value
        desk.decide(f"The call {self.call} was answered ({done.value.get('status', 'well')}).")
        return Next()

    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(field for use in self.uses() for field in conditions.fields(use.source, "customer")))

    def makes(self) -> tuple[str, ...]:
        return (*super().makes(), *((self.into,) if self.into else ()))

    def certain(self, block: str) -> tuple[str, ...]:
        return super().certain(block) if block or self.on_failure is not None else ()

    def uses(self) -> Iterator[Use]:
        for place in PLACE.findall(self.url):
            yield Use(("url",), place.strip(), condition=False)
        yield from values.uses(self.headers, ("headers",))
        yield from values.uses(self.body, ("body",))


def _quoted(value: Any) -> str:
    """A value as a part of an address (RFC 3986: everything but the unreserved letters is percent-encoded)."""
    text = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    return "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in str(text).encode("utf-8", "replace"))
