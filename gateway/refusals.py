"""Every way the gateway says no: one class each, carrying the status, the place, what is wrong and what to do.

The class names who must act. All but `StoreAway` mean the sender: sending the same again will be refused again.
"""

from collections.abc import Sequence
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
    headers: ClassVar[dict[str, str]] = {}

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
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": 'Bearer realm="wayfare"'}

    def __init__(self) -> None:
        super().__init__(
            "header Authorization",
            "There is no known key in it.",
            "Send `Authorization: Bearer <key>`; the key is printed when Wayfare starts.",
        )


class UnknownReceipt(Refused):
    """No such receipt was ever given."""

    status = 404
    code = "unknown-receipt"


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


class StoreAway(Refused):
    """We could not commit in time. Ours to mend; the sender repeats the same event, id and all."""

    status = 503
    code = "store-away"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}

    def __init__(self) -> None:
        super().__init__(
            "store",
            "The event could not be stored in time and is not accepted.",
            "Send the same event with the same id again in a few seconds; nothing is counted twice.",
        )
