"""The functions of expressions: what kinds they take and what they give. Operators are judged in ``infer.py``.

Only what declared fields can get wrong is listed; how many values a function takes is told by CEL itself.
"""

from dataclasses import replace

from journey.typed.kinds import ANY, FRACTION, LENGTH, LIST, NUMBER, TEXT, TIME, TRUTH, WHOLE, Kind

_TEXTS, _TIMES = ("text",), ("time", "length")

TAKES: dict[str, tuple[tuple[str, ...], ...]] = {
    "contains": (_TEXTS, _TEXTS), "endsWith": (_TEXTS, _TEXTS), "startsWith": (_TEXTS, _TEXTS),
    "matches": (_TEXTS, _TEXTS), "lowerAscii": (_TEXTS,), "upperAscii": (_TEXTS,), "trim": (_TEXTS,),
    "reverse": (("text", "list"),), "charAt": (_TEXTS, ("number",)), "indexOf": (_TEXTS, _TEXTS),
    "lastIndexOf": (_TEXTS, _TEXTS), "replace": (_TEXTS, _TEXTS, _TEXTS), "split": (_TEXTS, _TEXTS),
    "substring": (_TEXTS, ("number",), ("number",)), "join": (("list",), _TEXTS),
    "size": (("text", "list", "group"),),
    "getDate": (("time",),), "getDayOfMonth": (("time",),), "getDayOfWeek": (("time",),), "getDayOfYear": (("time",),),
    "getFullYear": (("time",),), "getMonth": (("time",),), "getHours": (_TIMES,), "getMinutes": (_TIMES,),
    "getSeconds": (_TIMES,), "getMilliseconds": (_TIMES,),
    "duration": (("text", "length"),), "timestamp": (("text", "time", "number"),), "date": (("text",), _TEXTS),
    "days": (("number",),), "hours": (("number",),), "minutes": (("number",),), "weeks": (("number",),),
    "amount": (("text", "number"),), "amount/2": (("group",), _TEXTS),
    "double": (("text", "number"),), "int": (("text", "number", "time"),), "uint": (("text", "number"),),
    "bool": (("text", "truth"),), "string": (("text", "number", "truth", "time", "length"),),
}  # fmt: skip
"""For each function the families it takes, the value before the dot first; ``/2`` where two values change that."""

GIVES: dict[str, Kind] = {
    **dict.fromkeys(("contains", "endsWith", "startsWith", "matches", "bool", "hasValue"), TRUTH),
    **dict.fromkeys(("charAt", "lowerAscii", "replace", "substring", "trim", "upperAscii", "join", "string"), TEXT),
    **dict.fromkeys(("indexOf", "lastIndexOf", "size", "int", "uint"), WHOLE),
    **dict.fromkeys([name for name in TAKES if name.startswith("get")], WHOLE),
    **dict.fromkeys(("days", "hours", "minutes", "weeks", "duration"), LENGTH),
    "split": replace(LIST, entry=TEXT),
    "timestamp": TIME,
    "date": TIME,
    "double": FRACTION,
    "amount": FRACTION,
    "math.greatest": NUMBER,
    "math.least": NUMBER,
    "@not_strictly_false": TRUTH,
}
"""What each function gives; a function that is not here gives any value."""


def takes(function: str, count: int) -> tuple[tuple[str, ...], ...]:
    """The families that a function takes with so many values."""
    return TAKES.get(f"{function}/{count}") or TAKES.get(function, ())


def gives(function: str) -> Kind:
    """The kind of value that a function gives."""
    return GIVES.get(function, ANY)
