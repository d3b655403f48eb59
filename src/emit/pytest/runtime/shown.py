# Written by Crossfield: edits are lost when it runs again.
"""Whether answers show what the server should remember."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from . import environment, exact_json
from .request import ABSENT, keys, resolve

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d+))?(?:([Zz])|([+-])(\d\d):?(\d\d)?)", re.ASCII
)


@dataclass(frozen=True)
class Number:
    """A number, which an answer may write as a text."""

    value: object

    def __deepcopy__(self, memo):
        return self


@dataclass(frozen=True)
class Time:
    """A moment, which an answer may write in another way."""

    value: object

    def __deepcopy__(self, memo):
        return self


def number(value):
    """Compares as numbers: the answer may write one as a text, such as "10.50"."""
    return Number(value)


def moment(value):
    """Compares as moments: the answer may write one in another way, such as in another zone."""
    return Time(value)


@dataclass(frozen=True)
class Compared:
    """A value that isn't simply equal."""

    value: object
    words: str
    holds: object

    def __deepcopy__(self, memo):
        return self


@dataclass(frozen=True)
class Every:
    """Several comparisons of one place."""

    checks: tuple

    def __deepcopy__(self, memo):
        return self


def other_than(value):
    """Anything else, but not nothing."""
    return Compared(value, "anything but", lambda found, wanted: not exact_json.equal(wanted, found))


def less_than(value):
    return Compared(value, "less than", lambda found, wanted: ordered(found, wanted) and found < wanted)


def at_most(value):
    return Compared(value, "at most", lambda found, wanted: ordered(found, wanted) and found <= wanted)


def more_than(value):
    return Compared(value, "more than", lambda found, wanted: ordered(found, wanted) and found > wanted)


def at_least(value):
    return Compared(value, "at least", lambda found, wanted: ordered(found, wanted) and found >= wanted)


def every(*checks):
    """All of these."""
    return Every(checks)


PRESENT = Compared(None, "something", None)


def ordered(a, b):
    """Whether both are numbers, or both texts."""
    return isinstance(a, str) and isinstance(b, str) or is_number(a) and is_number(b)


def is_number(value):
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def other(request, answer, known):
    """What an answer shows that isn't what it should show, in words, or None."""
    for place, wanted in request.shown.items():
        found = exact_json.at(answer.json(), keys(place))
        for check in wanted.checks if isinstance(wanted, Every) else [wanted]:
            expected = unexpected(check, found, known)
            if expected:
                shown = f"{told(found[0])} as {place}" if found else f"no {place}"
                return f"{shown}, and {expected} was expected"
    return None


def unexpected(check, found, known):
    """What was expected, in words, where something else was found, or None."""
    if check is PRESENT:
        return None if found else check.words
    inner = check.value if isinstance(check, (Number, Time, Compared)) else check
    inner = None if inner is ABSENT else resolve(inner, known)
    if isinstance(check, Compared):
        holds = found and found[0] is not None and check.holds(found[0], inner)
        return None if holds else f"{check.words} {told(inner)}"
    if is_shown(check, inner, found[0] if found else None):
        return None
    return "nothing" if inner is None else told(inner)


def is_shown(how, wanted, found):
    """Whether what is found shows what is wanted; None shows nothing."""
    if wanted is None or found is None:
        return wanted is found
    if exact_json.equal(wanted, found):
        return True
    if isinstance(how, Number):
        wanted, found = as_number(wanted), as_number(found)
    elif isinstance(how, Time):
        wanted, found = as_moment(wanted), as_moment(found)
    else:
        return False
    return wanted is not None and wanted == found


def as_number(value):
    if isinstance(value, str):
        return Decimal(value) if NUMBER.fullmatch(value) else None
    return value if is_number(value) else None


def as_moment(value):
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    day, clock, fraction, _, sign, hours, minutes = match.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}")
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        at = local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError):
        return None
    return at, Decimal(f"0.{fraction or 0}")


def told(value):
    return environment.redact(exact_json.dumps(value))
