# Written by Crossfield: edits are lost when it runs again.
"""Requests as data: what a test changes."""

import copy
import itertools
import os
import re
import secrets
import uuid
from dataclasses import dataclass
from decimal import Decimal

from . import environment, exact_json
from .moments import Moment

LOCATION = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d+|\*)\]|\['((?:[^'\\]|\\.)*)'\]", re.ASCII)


NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)


class Absent:
    def __repr__(self):
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True)
class Saved:
    """A value of an earlier answer, known when the request is sent."""

    step: int
    path: str

    def __deepcopy__(self, memo):
        return self


def saved(step, path):
    """What the answer to a step (the first is 1) of the same test holds at a place, such as "id"."""
    return Saved(step, path)


@dataclass(frozen=True)
class Environment:
    """A value of the environment."""

    name: str
    number: bool = False

    def __deepcopy__(self, memo):
        return self

    def value(self):
        return os.environ.get(self.name, "")


@dataclass(frozen=True)
class FromSetup:
    """A value that a setup step saves."""

    name: str
    number: bool = False

    def __deepcopy__(self, memo):
        return self


def from_setup(name, number=False):
    """What a setup step saved under a name."""
    return FromSetup(name, number)


@dataclass(frozen=True)
class FromRequest:
    """A value of the request that this one follows."""

    place: str

    def __deepcopy__(self, memo):
        return self


def from_request(place):
    """What the request that this one follows holds at a place."""
    return FromRequest(place)


# All that the tests need of the environment: values of the server, and credentials of actors.
needed = {}
# Those of them that are numbers.
numbers = set()
credentials = {}
# Addresses of other APIs.
addresses = {}


def from_environment(name, number=False):
    """What an environment variable holds: a value that differs from one server to the next."""
    needed.setdefault(name, Environment(name))
    if number:
        numbers.add(name)
    return Environment(name, number)


def need_credential(name):
    """Notes that an environment variable has to hold somebody's credential."""
    credentials.setdefault(name, Environment(name))


def need_address(name):
    """Notes that an environment variable has to hold the address of another API."""
    addresses.setdefault(name, Environment(name))


def unset():
    """The variables of the environment that the tests need and that aren't set."""
    wanted = needed | credentials | addresses
    return sorted(name for name, value in wanted.items() if not value.value())


def lacking():
    """Why the values of the environment are none that the tests can use, or None."""
    for name, value in sorted(addresses.items()):
        problem = environment.bad_address(name, value.value())
        if problem:
            return problem
    for name in sorted(numbers):
        if not NUMBER.fullmatch(needed[name].value()):
            return f"{name} is no number, and the tests send it as one"
    for names in (needed, credentials):
        held = {}
        for name, value in sorted(names.items()):
            first = held.setdefault(value.value(), name)
            if first != name:
                return f"{first} and {name} are the same, and the tests take them for different"
    return None


class Request:
    """A request to an operation; `with_` gives another that differs from it."""

    def __init__(self, operation, parts, saved=None, shown=None, is_view=False, refusals=()):
        self.operation = operation
        self.parts = parts
        # The answers that fit where it must be refused, though it isn't the last one.
        self.refusals = refusals
        # What the answer has to show, by its places.
        self.shown = shown or {}
        # Whether it is there to see what the server remembers: steps are counted without it.
        self.is_view = is_view
        # What setup steps saved, once it can be sent.
        self.saved = saved or {}
        # The request that set the server's clock for this one.
        self.setting = None

    def with_(self, changes):
        """This request with some places set, or unset where their value is ABSENT.

        A place is written as the rules write it: "body.lines[0].amount",
        "header['Sales-Channel']".
        """
        parts = copy.deepcopy(self.parts)
        for location, value in changes.items():
            if value is not ABSENT:
                change(parts, keys(location), copy.deepcopy(value))
        for location, value in changes.items():
            if value is ABSENT:
                change(parts, keys(location), ABSENT)
        return Request(self.operation, parts)

    def shows(self, places):
        """This request, whose answer has to show these values: `{"amount": number(25), "note": ABSENT}`."""
        return Request(self.operation, self.parts, shown=places)

    def refused(self, answers):
        """This request before the last one, which must be refused: where it isn't, the test is blocked."""
        answers = tuple(answers) if isinstance(answers, list) else (answers,)
        return Request(self.operation, self.parts, refusals=answers)

    def views(self, places):
        """This request before the last one: where the answer shows other values, the test is blocked."""
        return Request(self.operation, self.parts, shown=places, is_view=True)

    def resolved(self, answers, now, saved=None, followed=None, correlated=None):
        """This request with what earlier answers, setup, the environment and the clock give, and fresh texts.

        A request that follows another takes what that one held. `correlated` holds the texts of this
        test by which requests belong together.
        """
        parts = resolve(self.parts, Known(answers, now, saved or {}, followed))
        correlated = {} if correlated is None else correlated
        for location, template in self.operation.unique.items():
            path = keys(location)
            if any(not isinstance(found, exact_json.Written) for found in exact_json.at(parts, path)):
                change(parts, path, fresh(template))
        for location, template in self.operation.correlated.items():
            path = keys(location)
            for text in exact_json.at(parts, path):
                if not isinstance(text, str):
                    continue
                if (template, text) not in correlated:
                    correlated[template, text] = fresh(template)
                change(parts, path, correlated[template, text])
        return Request(self.operation, parts, saved, is_view=self.is_view, refusals=self.refusals)


@dataclass(frozen=True)
class Known:
    """What requests are filled in with."""

    answers: list
    now: object
    saved: dict
    followed: object = None


RUN = secrets.token_hex(4)
NUMBERS = itertools.count(1)


def fresh(template):
    """A text that no other request has."""
    filled = template.replace("{run}", RUN).replace("{n}", str(next(NUMBERS)))
    return filled.replace("{uuid}", str(uuid.uuid4()))


class Missing(Exception):
    """An earlier answer, or the environment, lacks what a request needs."""


def clash(requests, saved=None):
    """Why values of the environment, or saved ones, prove nothing in these requests, or None.

    The rules only compare them with other texts, and were looked at as if they were none of those.
    """
    sent = ({**request.parts, "actor": None} for request in requests)
    written = {text for parts in sent for text in texts(parts)}
    # Numbers where such a value may stand, and the values that do, by what they are compared with.
    placed_values = [own for request in requests for own in placed(request.parts, request.operation.identifiers)]
    identifiers = {(of, str(value)) for of, value in placed_values if isinstance(value, (str, int, Decimal))}
    filled = [(of, value) for of, value in placed_values if isinstance(value, (Environment, FromSetup))]

    def stands(kind, name, value):
        compared = {of for of, own in filled if isinstance(own, kind) and own.name == name}
        return any((of, value) in identifiers for of in compared) if compared else value in written

    for name, value in needed.items():
        if stands(Environment, name, value.value()):
            return f"{name} is {value.value()!r}, which the requests of the test hold for something else"
    for name, value in (saved or {}).items():
        if stands(FromSetup, name, str(value)):
            shown = environment.redact(repr(value))
            return f"{name} was saved as {shown}, which the requests of the test hold for something else"
    return None


def texts(value):
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def placed(value, names, place=()):
    """All that stands at places with a name, with the name."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from placed(item, names, (*place, key))
    elif isinstance(value, list):
        for item in value:
            yield from placed(item, names, (*place, "*"))
    elif place in names:
        yield names[place], value


def placeholders(value):
    """All that is filled in when a request is sent."""
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from placeholders(item)
    elif isinstance(value, (Saved, FromSetup, FromRequest, Environment)):
        yield value


def resolve(value, known):
    if isinstance(value, dict):
        return {key: resolve(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, known) for item in value]
    if isinstance(value, Moment):
        return value.text(known.now)
    if isinstance(value, FromSetup):
        if value.name not in known.saved:
            raise Missing(f"no setup step saved {value.name}")
        return as_number(value, known.saved[value.name])
    if isinstance(value, FromRequest):
        found = exact_json.at(known.followed.parts, keys(value.place))
        if not found:
            raise Missing(f"the request that it follows has no {value.place}")
        return found[0]
    if isinstance(value, Saved):
        found = exact_json.at(known.answers[value.step - 1].json(), keys(value.path))
        if not found or isinstance(found[0], (dict, list, bool, type(None))):
            raise Missing(f"the answer to request {value.step} has no {value.path} to go on with")
        return found[0]
    if isinstance(value, Environment):
        return as_number(value, value.value())
    return value


def as_number(value, held):
    """What a value holds, as a number where it has to be one."""
    if not value.number or not isinstance(held, str):
        return held
    if not NUMBER.fullmatch(held):
        raise Missing(f"{value.name} is no number")
    return exact_json.loads(held)


def keys(location):
    found, end = [], 0
    while end < len(location):
        match = LOCATION.match(location, end)
        if not match:
            raise ValueError(f"{location!r} is no place in a request")
        name, index, quoted = match.groups()
        if index is not None:
            found.append(index if index == "*" else int(index))
        else:
            found.append(name if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        end = match.end()
    return found


def change(parts, path, value):
    *above, last = path
    inside = parts
    for key in above:
        if isinstance(inside, dict) and not isinstance(inside.get(key), (dict, list)):
            inside[key] = {}
        inside = inside[key]
    if value is ABSENT:
        del inside[last]
    elif isinstance(inside, list) and last == len(inside):
        inside.append(value)
    else:
        inside[last] = value
