# Written by Crossfield: edits are lost when it runs again.
"""Requests as data: what a test changes."""

import copy
import itertools
import os
import re
import secrets
import uuid
from dataclasses import dataclass

from . import exact_json
from .moments import Moment

LOCATION = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]", re.ASCII)


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

    def __deepcopy__(self, memo):
        return self

    def value(self):
        return os.environ.get(self.name, "")


# All that the tests need of the environment: values of the server, and credentials of actors.
needed = {}
credentials = {}


def from_environment(name):
    """What an environment variable holds: a value that differs from one server to the next."""
    return needed.setdefault(name, Environment(name))


def need_credential(name):
    """Notes that an environment variable has to hold somebody's credential."""
    credentials.setdefault(name, Environment(name))


def lacking():
    """Why the values of the environment are none that the tests can use, or None."""
    unset = [name for name, value in (needed | credentials).items() if not value.value()]
    if unset:
        return f"not set: {', '.join(sorted(unset))}; set each to what the server under test has"
    for names in (needed, credentials):
        held = {}
        for name, value in sorted(names.items()):
            first = held.setdefault(value.value(), name)
            if first != name:
                return f"{first} and {name} are the same, and the tests take them for different"
    return None


class Request:
    """A request to an operation; `with_` gives another that differs from it."""

    def __init__(self, operation, parts):
        self.operation = operation
        self.parts = parts
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

    def resolved(self, answers, now, correlated):
        """This request with what earlier answers, the environment and the clock give, and fresh texts.

        `correlated` holds those of this test by which requests belong together.
        """
        parts = resolve(self.parts, answers, now)
        for location, template in self.operation.unique.items():
            path = keys(location)
            if exact_json.at(parts, path):
                change(parts, path, fresh(template))
        for location, template in self.operation.correlated.items():
            path = keys(location)
            for text in exact_json.at(parts, path):
                if (template, text) not in correlated:
                    correlated[template, text] = fresh(template)
                change(parts, path, correlated[template, text])
        return Request(self.operation, parts)


RUN = secrets.token_hex(4)
NUMBERS = itertools.count(1)


def fresh(template):
    """A text that no other request has."""
    filled = template.replace("{run}", RUN).replace("{n}", str(next(NUMBERS)))
    return filled.replace("{uuid}", str(uuid.uuid4()))


class Missing(Exception):
    """An earlier answer, or the environment, lacks what a request needs."""


def clash(requests):
    """Why values of the environment prove nothing in these requests, or None.

    The rules only compare them with other texts, and were looked at as if they were none of those.
    """
    sent = ({**request.parts, "actor": None} for request in requests)
    written = {text for parts in sent for text in texts(parts)}
    for name, value in needed.items():
        if value.value() in written:
            return f"{name} is {value.value()!r}, which the requests of the test hold for something else"
    return None


def texts(value):
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def resolve(value, answers, now):
    if isinstance(value, dict):
        return {key: resolve(item, answers, now) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, answers, now) for item in value]
    if isinstance(value, Moment):
        return value.text(now)
    if isinstance(value, Saved):
        found = exact_json.at(answers[value.step - 1].json(), keys(value.path))
        if not found or isinstance(found[0], (dict, list, bool, type(None))):
            raise Missing(f"the answer to request {value.step} has no {value.path} to go on with")
        return found[0]
    if isinstance(value, Environment):
        return value.value()
    return value


def keys(location):
    found, end = [], 0
    while end < len(location):
        match = LOCATION.match(location, end)
        if not match:
            raise ValueError(f"{location!r} is no place in a request")
        name, index, quoted = match.groups()
        if index is not None:
            found.append(int(index))
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
