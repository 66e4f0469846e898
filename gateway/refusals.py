"""Every way the gateway says no: one class each, carrying the status, the place, what is wrong and what to do.

The class names who must act. All but `StoreAway` mean the sender: sending the same again will be refused again.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple


class Fault(NamedTuple):
    """What is wrong with one value, and what to do about it; the place is known to the caller."""

    message: str
    remedy: str


class Problem(NamedTuple):
    """A fault with its place: a JSON pointer into the event, `line L, column C`, or the name of a header."""

    place: str
    message: str
    remedy: str

    def sentence(self) -> str:
        """The whole of it for a person to read."""
        return f"{self.place}: {self.message} {self.remedy}"


class Refused(Exception):
    """A request that changes nothing. Carries at least one problem; the first one is the answer's headline."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, place: str, message: str, remedy: str, *, more: Sequence[Problem] = ()) -> None:
        self.problem = Problem(place, message, remedy)
        self.more = tuple(more)
        super().__init__(self.problem.sentence())

    def as_json(self) -> dict[str, Any]:
        """The body of the answer. `message` and `code` are repeated on top for clients that look only there."""
        answer: dict[str, Any] = {
            "error": {"code": self.code, **self.problem._asdict()},
            "message": self.problem.sentence(),
            "code": self.code,
        }
        if self.more:
            answer["more"] = [problem._asdict() for problem in self.more]
        return answer


class Malformed(Refused):
    """Not JSON as we read it, or not an event."""

    status = 400
    code = "malformed"


class NoKey(Refused):
    """No key, or one we do not know; the answer does not tell which."""

    status = 401
    code = "no-key"
    headers = MappingProxyType({"WWW-Authenticate": 'Bearer realm="wayfare"'})

    def __init__(self) -> None:
        super().__init__(
            "header Authorization",
            "There is no known key in it.",
            "Send `Authorization: Bearer <key>`; the key is printed when Wayfare starts.",
        )


class NotAllowed(Refused):
    """The key is known, and is not meant for this."""

    status = 403
    code = "not-allowed"


class BadSignature(Refused):
    """Nobody who knows the secret signed this body just now."""

    status = 401
    code = "bad-signature"


class UnknownSource(Refused):
    """No such upstream system is declared."""

    status = 404
    code = "unknown-source"


class UnknownOrder(Refused):
    """Nothing that can be ordered."""

    status = 404
    code = "unknown-order"


class UnknownReceipt(Refused):
    """No such receipt was ever given."""

    status = 404
    code = "unknown-receipt"


class UnknownCustomer(Refused):
    """Nobody is known by this name."""

    status = 404
    code = "unknown-customer"


class UnknownMerge(Refused):
    """No such merge was made."""

    status = 404
    code = "unknown-merge"


class UnknownTask(Refused):
    """No such task was ever opened."""

    status = 404
    code = "unknown-task"


class TaskChanged(Refused):
    """The task is not any more what whoever acts believes. The answer holds it as it is."""

    status = 409
    code = "task-changed"

    def __init__(self, why: str, task: dict[str, Any]) -> None:
        super().__init__("task", why, "Look at the task as it is, then decide again.")
        self._task = task

    def as_json(self) -> dict[str, Any]:
        """The refusal, and the task."""
        return super().as_json() | {"task": self._task}


class WrongMethod(Refused):
    """The address exists, but not for this method."""

    status = 405
    code = "wrong-method"


class TooSlow(Refused):
    """The body did not arrive in time."""

    status = 408
    code = "too-slow"


class OtherBody(Refused):
    """The id was used before for an event that said something else; the first one is kept."""

    status = 409
    code = "same-id-other-body"


class CannotBe(Refused):
    """What is asked for does not go with how things stand."""

    status = 409
    code = "cannot-be"


class TooLarge(Refused):
    """More bytes than one event may have."""

    status = 413
    code = "too-large"


class NotJson(Refused):
    """A media type or an encoding that this door does not read."""

    status = 415
    code = "not-json"


class UnclearCustomer(Refused):
    """An event in good form that does not say properly whom it is about."""

    status = 422
    code = "unclear-customer"


class DoesNotFit(Refused):
    """The data of an event is not what its type declares."""

    status = 422
    code = "does-not-fit"


class Reserved(Refused):
    """An event as only Wayfare makes it; from outside it would be believed."""

    status = 422
    code = "reserved"


class NotWanted(Refused):
    """A message for which its source has no rule, and says that such ones are not taken."""

    status = 422
    code = "not-wanted"


class TooFast(Refused):
    """More events than this source may send, or than can wait; the same ones are welcome later."""

    status = 429
    code = "too-fast"

    def __init__(self, seconds: float, message: str) -> None:
        super().__init__("rate", message, "Send the same again after the seconds in Retry-After.")
        self.headers = {"Retry-After": str(max(1, math.ceil(seconds)))}


class NotSetUp(Refused):
    """Something is missing on our side, and people have to put it there; the sender may try again later."""

    status = 503
    code = "not-set-up"
    headers = MappingProxyType({"Retry-After": "300"})


class StoreAway(Refused):
    """We could not commit in time. Ours to mend; the sender repeats the same event, id and all."""

    status = 503
    code = "store-away"
    headers = MappingProxyType({"Retry-After": "2"})

    def __init__(self) -> None:
        super().__init__(
            "store",
            "The event could not be stored in time and is not accepted.",
            "Send the same event with the same id again in a few seconds; nothing is counted twice.",
        )


class RecordAway(Refused):
    """The store did not answer in time. Ours to mend; nothing is done twice when it is asked again."""

    status = 503
    code = "store-away"
    headers = MappingProxyType({"Retry-After": "2"})

    def __init__(self) -> None:
        super().__init__(
            "store",
            "The customer record did not answer in time.",
            "Send the same again in a few seconds; nothing is done twice.",
        )
