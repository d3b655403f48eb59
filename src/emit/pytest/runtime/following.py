# Written by Crossfield: edits are lost when it runs again.
"""Requests that follow accepted ones: waiting until they are done, and deleting what they made."""

import os
import time
import warnings
from dataclasses import dataclass

from . import client, environment
from .request import Missing, Request

# Answers that say that something is gone already.
GONE = {404, 410}

# What wasn't deleted, in words.
left = []


class Late(Exception):
    """What a request started wasn't done in time."""


class NotCleanedUp(UserWarning):
    """Something that a test made wasn't deleted."""


@dataclass(frozen=True)
class Wait:
    request: object
    until: object
    # Seconds: at most, and between two requests.
    timeout: float
    every: float


@dataclass(frozen=True)
class Deletion:
    resource: str
    request: object


class Following:
    """What follows accepted requests, by operation."""

    def __init__(self):
        self.waits = {}
        self.deletions = {}
        # Operations after which was waited in vain.
        self.late = set()

    def requests(self, operations):
        """All requests that follow those to some operations."""
        follow = [*self.waits.items(), *self.deletions.items()]
        return [own.request for name, own in follow if name in operations]


def resolved(template, request, answer, saved, now):
    """A request that follows another; who sent that one sends it, unless it says who does."""
    found = template.resolved([answer], now, saved, request)
    actor = found.parts.get("actor", request.parts.get("actor"))
    parts = found.parts if actor is None else {**found.parts, "actor": actor}
    return Request(found.operation, parts, saved)


def wait(suite, request, answer, saved, now):
    """Waits until what an accepted request started is done, if its operation says so."""
    name = request.operation.name
    own = suite.following.waits.get(name)
    if not own:
        return
    try:
        poll = resolved(own.request, request, answer, saved, now)
    except Missing as missing:
        raise Late(f"what {name} started can't be awaited: {missing}") from None
    end = time.monotonic() + own.timeout
    # Who waited in vain once doesn't wait as long again.
    given_up = name in suite.following.late
    while True:
        said = ask(poll, own.until)
        if said is None:
            suite.following.late.discard(name)
            return
        if given_up or time.monotonic() + own.every > end:
            suite.following.late.add(name)
            long = "at once, since it was waited for in vain before" if given_up else f"within {own.timeout:g} s"
            told = f"what {name} started wasn't done {long}: {said}, and {own.until} was awaited"
            raise Late(f"{told}\n\nawaited by: {client.curl(poll)}")
        time.sleep(own.every)


def ask(poll, until):
    """None where the answer is the awaited one, else what came."""
    try:
        answer = client.send(poll)
    except (client.Unreachable, client.TooSlow) as error:
        return str(error)
    return None if until.fits(answer) else f"{poll.operation.name} answered {answer.status}"


def note(suite, request, answer, saved, now, made):
    """Notes what an accepted request made, if that is to be deleted."""
    own = suite.following.deletions.get(request.operation.name)
    if not own:
        return
    try:
        made.append((own.resource, resolved(own.request, request, answer, saved, now)))
    except Missing as missing:
        operation = own.request.operation
        leave(f"{own.resource}: {operation.method} {operation.path}: {missing}")


def clean_up(made):
    """Deletes what was made, the last first; what goes wrong is reported, and fails nothing."""
    while made:
        resource, request = made.pop()
        shown = f"{resource}: {request.operation.method} {environment.redact(client.target(request))}"
        try:
            answer = client.send(request)
        except (client.Unreachable, client.TooSlow) as error:
            leave(f"{shown}: {error}")
            continue
        if answer.status not in GONE and not request.operation.accepted.fits(answer):
            leave(f"{shown}: the server answered {request.operation.name} with {answer.status}")


def leave(told):
    left.append(told)
    if os.environ.get("PYTEST_XDIST_WORKER"):
        # Only warnings get from here to the summary.
        try:
            warnings.warn(NotCleanedUp(told), stacklevel=1)
        except NotCleanedUp:
            pass
