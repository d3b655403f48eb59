# Written by Crossfield: edits are lost when it runs again.
"""Setup steps: requests that are sent before those of tests, and what they save."""

from dataclasses import dataclass, field

from . import client, environment, exact_json, following, moments
from .request import Environment, FromSetup, Missing, keys, placeholders


class Unready(Exception):
    """A setup step wasn't accepted, or what it has to save isn't there."""

    def __init__(self, step, told, request=None, answer=None, kind="blocked", cause=None):
        super().__init__(told)
        self.request = request
        self.answer = answer
        self.kind = kind
        self.cause = cause or f"setup step {step}"
        self.transient = kind == "inconclusive"


@dataclass(frozen=True)
class Step:
    name: str
    request: object
    # Places in the answer, by the names under which they are saved.
    save: dict
    # Whether each test has it sent anew.
    each_case: bool
    # The operations that it is there for; none: all.
    needed_by: tuple


@dataclass
class Ground:
    """What setup steps saved, and what they made."""

    saved: dict = field(default_factory=dict)
    made: list = field(default_factory=list)


class Setup:
    """The setup steps of a suite, and what became of those that are sent once."""

    def __init__(self):
        self.steps = []
        self.once = Ground()
        self.known = {}

    def needed(self, suite, requests):
        """The steps that requests need, in order; what a step holds, an earlier one saves."""
        called = {request.operation.name for request in requests}
        names = self.names(suite, [*requests, *suite.following.requests(called)])
        needed = []
        for step in reversed(self.steps):
            if not step.needed_by or called & set(step.needed_by) or names & step.save.keys():
                own = suite.following.requests({step.request.operation.name})
                names |= self.names(suite, [step.request, *own])
                needed.append(step)
        return needed[::-1]

    @staticmethod
    def names(suite, requests):
        """What requests hold that steps save, credentials of who sends them included."""
        found = set()
        for request in requests:
            found |= {value.name for value in placeholders(request.parts) if isinstance(value, FromSetup)}
            credential = suite.actors.get(request.parts.get("actor"))
            if isinstance(credential, FromSetup):
                found.add(credential.name)
        return found

    def ready(self, suite, requests, now, made):
        """What is saved for requests, once the steps that they need are sent."""
        needed = self.needed(suite, requests)
        for step in needed:
            if not step.each_case:
                self.send_once(suite, step)
        saved = dict(self.once.saved)
        for step in needed:
            if step.each_case:
                send(suite, step, saved, now, made)
        return saved

    def send_once(self, suite, step):
        if step.name not in self.known:
            try:
                send(suite, step, self.once.saved, moments.current(None), self.once.made)
                self.known[step.name] = None
            except Unready as problem:
                if problem.transient:
                    raise
                self.known[step.name] = problem
        if self.known[step.name]:
            raise self.known[step.name]


def send(suite, step, saved, now, made):
    """Sends a step, and takes in what it saves and makes."""

    def unready(told, **more):
        return Unready(step.name, f"setup step {step.name}: {told}", **more)

    request = answer = None
    try:
        request = step.request.resolved([], now, saved)
        answer = client.send(request)
    except Missing as missing:
        raise unready(str(missing)) from None
    except client.Unreachable as error:
        told = f"the server at API_BASE_URL is out of reach: {error}"
        raise Unready(step.name, told, request, cause="unreachable") from None
    except client.TooSlow as error:
        raise unready(str(error), request=request, kind="inconclusive") from None
    found = {name: value_at(answer, place) for name, place in step.save.items()}
    hidden = suite.saved_credentials()
    environment.HIDDEN.update(str(value[0]) for name, value in found.items() if name in hidden and value)
    if not request.operation.accepted.fits(answer):
        told = f"it must be accepted, and the server answered {request.operation.name} with {answer.status}"
        kind = "inconclusive" if answer.status == 429 else "blocked"
        raise unready(told, request=request, answer=answer, kind=kind)
    following.note(suite, request, answer, saved, now, made)
    for name, value in found.items():
        if not value:
            told = f"the answer has no {step.save[name]} to save as {name}"
            raise unready(told, request=request, answer=answer)
        saved[name] = value[0]
    try:
        following.wait(suite, request, answer, saved, now)
    except following.Late as late:
        raise unready(str(late), request=request, answer=answer) from None


def value_at(answer, place):
    """The value (none or one) at a place of an answer: "body.id", "header.Location", "cookie.session"."""
    group, *path = keys(place)
    if group == "body":
        found = exact_json.at(answer.json(), path)
        return [value for value in found if not isinstance(value, (dict, list, bool, type(None)))]
    held = answer.headers if group == "header" else answer.cookies
    wanted = path[0].lower() if group == "header" else path[0]
    return [text for name, text in held if (name.lower() if group == "header" else name) == wanted][:1]


def variables(request):
    """The variables of the environment that a request holds."""
    return {value.name for value in placeholders(request.parts) if isinstance(value, Environment)}
