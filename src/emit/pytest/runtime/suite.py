# Written by Crossfield: edits are lost when it runs again.
"""Runs cases and judges answers."""

import functools
import json
import os
import textwrap
from dataclasses import dataclass

import pytest

from . import client, encoding, environment, exact_json, following, moments, setup, shown
from .request import (
    FromSetup,
    Known,
    Missing,
    Request,
    clash,
    from_environment,
    keys,
    need_address,
    need_credential,
)

# A refusal with one of these is no sign of a rule, unless the rule names it.
NO_EVIDENCE = {401, 403, 404, 405, 406, 408, 413, 415, 429}

COMPARE = {
    "==": lambda found, wanted: bool(found) and exact_json.equal(found[0], wanted),
    "!=": lambda found, wanted: bool(found) and not exact_json.equal(found[0], wanted),
    "has": lambda found, wanted: bool(found),
}


@dataclass(frozen=True)
class Expected:
    """An answer that fits: its status (none: any 2xx), and what its body holds."""

    statuses: tuple
    checks: tuple

    def fits(self, answer):
        if self.statuses and answer.status not in self.statuses:
            return False
        if not self.statuses and not 200 <= answer.status <= 299:
            return False
        body = answer.json()
        return all(
            COMPARE[operator](exact_json.at(body, keys(path)), literal[0] if literal else None)
            for path, operator, *literal in self.checks
        )

    def __str__(self):
        statuses = " or ".join(map(str, self.statuses)) or "any 2xx"
        checks = [
            f"{path} {operator} {exact_json.dumps(literal[0])}" if literal else f"{operator} {path}"
            for path, operator, *literal in self.checks
        ]
        return statuses + (f" with {' and '.join(checks)}" if checks else "")


def answer(*statuses, body=()):
    """An answer with one of the statuses, whose body holds all that is listed.

    Such as answer(422, body=[("error.code", "==", "too_high"), ("id", "has")]).
    """
    return Expected(statuses, tuple(body))


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    media_type: str
    security: tuple
    accepted: Expected
    encodings: dict
    # Places that hold another text in every request, with templates of it.
    unique: dict
    # The same of fields by which requests belong together: equal texts of a test stay equal.
    correlated: dict
    # Places that may hold a number of the environment or of setup ("*" for items of lists), and what
    # they are compared with.
    identifiers: dict
    # Who may send requests, and the variable of each one's credential.
    actors: dict
    # The variable with the address of its API, where that isn't the one under test.
    base_url: str = None

    def encoding(self, group, name):
        """How a parameter, or a field of a form, is written."""
        return self.encodings.get((group, name)) or encoding.COMMON[group]


@dataclass(frozen=True)
class Case:
    name: str
    rule: str
    test: object
    baseline: str = None
    twin: str = None
    refused: tuple = ()
    # Where the answers to earlier requests name what they made, which the last one must or mustn't name.
    repeats: object = None
    differs_from: tuple = ()

    @property
    def rejects(self):
        return self.baseline is None


@dataclass
class Outcome:
    kind: str
    message: str = ""
    # What several tests suffer from.
    cause: str = None
    # Whether it may be different a moment later.
    transient: bool = False
    # Whether it is evidence by itself, whatever became of the baseline or twin.
    certain: bool = False
    # Whether the last request was accepted although the test isn't passed: its answer shows something else.
    accepted: bool = False
    # What a request was answered that had to be accepted, and wasn't.
    refusal: object = None


# All suites of this run.
SUITES = []


def end_all():
    """Deletes what was made once for all tests."""
    for suite in reversed(SUITES):
        following.clean_up(suite.setup.once.made)


class Suite:
    """The tests of one rule file, and what this run of them has learned."""

    def __init__(self, rule_file, environment=(), tolerance=None):
        self.rule_file = rule_file
        # By how many seconds the server's clock may be off, where tests count times from a day.
        self.tolerance = tolerance
        for name in environment:
            from_environment(name)
        # The request that sets the server's clock, and where it holds the moment.
        self.clock = None
        self.actors = {}
        self.operations = {}
        self.baselines = {}
        self.cases = {}
        self.known = {}
        self.reported = {}
        self.setup = setup.Setup()
        self.following = following.Following()
        SUITES.append(self)

    # ---- what the test file declares

    def actor(self, name, credential=None):
        """Declares somebody who sends requests, and the variable of the environment with their credential.

        It may also be one that a setup step saves.
        """
        self.actors[name] = credential
        if isinstance(credential, str):
            environment.SECRETS.add(credential)
            need_credential(credential)

    def operation(
        self,
        name,
        method,
        path,
        *,
        media_type=None,
        encodings=None,
        security=(),
        accepted=None,
        unique=None,
        correlated=None,
        identifiers=None,
        base_url=None,
    ):
        if base_url:
            need_address(base_url)
        encodings = {tuple(keys(place)): encoding.named(words) for place, words in (encodings or {}).items()}
        accepted = accepted or answer()
        self.operations[name] = Operation(
            name,
            method,
            path,
            media_type,
            tuple(security),
            accepted,
            encodings,
            unique or {},
            correlated or {},
            {tuple(keys(place)): name for place, name in (identifiers or {}).items()},
            self.actors,
            base_url,
        )

    def saved_credentials(self):
        """The names under which setup steps save credentials."""
        return {own.name for own in self.actors.values() if isinstance(own, FromSetup)}

    def set_up(self, name, request, *, save=None, each_case=False, needed_by=()):
        """Declares a request that is sent before those of tests, and what it saves of the answer.

        It is sent once, or anew for each test, and only for those whose requests call the operations
        that are named, if any are.
        """
        step = setup.Step(name, request, save or {}, each_case, tuple(needed_by))
        self.setup.steps.append(step)
        if step.save.keys() & self.saved_credentials():
            environment.SECRETS.update(setup.variables(request))

    def waits(self, operation, request, *, until, timeout, every):
        """Declares what is asked after each accepted request to an operation, until the answer fits."""
        self.following.waits[operation] = following.Wait(request, until, timeout, every)

    def deletes(self, operation, resource, request):
        """Declares how what an accepted request makes is deleted once the test is over."""
        self.following.deletions[operation] = following.Deletion(resource, request)

    def set_clock_by(self, location, request):
        """Declares the request that sets the server's clock, and the place of the moment in it."""
        self.clock = location, request

    def request(
        self, operation, *, now=None, actor=None, path=None, query=None, header=None, cookie=None, body=None
    ):
        """A request of `actor`; the server's clock is set to `now` before it is sent."""
        parts = {"path": path or {}, "query": query or {}, "header": header or {}, "cookie": cookie or {}}
        if actor is not None:
            parts["actor"] = actor
        if now is not None:
            parts["now"] = now
        if body is not None:
            parts["body"] = exact_json.loads(body)
        return Request(self.operations[operation], parts)

    def define_baseline(self, name, *steps):
        self.baselines[name] = list(steps)

    def baseline(self, name, step=None):
        """A request of a baseline: the last one, unless a step (the first is 1) is named."""
        return self.baselines[name][-1 if step is None else step - 1]

    def accepted(self, name, *, rule, baseline, refused=(), repeats=None, differs_from=()):
        """Declares a test whose last request is accepted, as is the baseline.

        It `repeats` an earlier one, whose answer is given again, or makes something new.
        """
        members = {"repeats": repeats, "differs_from": every(differs_from)}
        return functools.partial(self._declare, name, rule=rule, baseline=baseline, refused=every(refused), **members)

    def refused(self, name, *, rule, answer, twin):
        """Declares a test whose last request is refused, and its accepted twin."""
        return functools.partial(self._declare, name, rule=rule, twin=twin, refused=every(answer))

    def _declare(self, name, test, **members):
        case = self.cases[name] = Case(name, test=test, **members)

        @functools.wraps(test)
        def run():
            self._check(case)

        return run

    # ---- running

    def _check(self, case):
        outcome = self._learn(case.name, self._judge(case))
        test = case.test.__name__
        first = self.reported.setdefault(outcome.cause, test) if outcome.cause else test
        if first != test:
            outcome = Outcome(outcome.kind, f"same cause as {first}: {outcome.message.splitlines()[0]}")
        report(case, outcome)
        if outcome.kind != "passed":
            pytest.fail(f"{outcome.kind}: {outcome.message}", pytrace=False)

    def _judge(self, case):
        problem = environment.problem() or self._in_parallel()
        if problem:
            return Outcome("blocked", problem, cause="environment")
        needed = self._twin(case) if case.rejects else self._baseline(case.baseline)
        if needed.kind != "passed" and needed.cause == "unreachable":
            return needed
        if needed.refusal and not case.rejects and is_certain(case, needed.refusal):
            told = f"the server refused what the rule {case.rule} allows: {needed.message}"
            return Outcome("failed", told, certain=True)
        steps = case.test()
        steps = steps if isinstance(steps, list) else [steps]
        outcome = self._play(steps, case)
        return outcome if needed.kind == "passed" or outcome.certain else needed

    def _in_parallel(self):
        if self.clock and os.environ.get("PYTEST_XDIST_WORKER"):
            return "the tests set the server's clock, and can't do so in parallel: run them without -n"
        return None

    def _twin(self, case):
        """Whether the twin was accepted in this run; it is sent where nobody knows yet."""
        if case.twin in self.baselines:
            return self._baseline(case.twin)
        outcome = self.known.get(case.twin) or self._learn(case.twin, self._judge(self.cases[case.twin]))
        if outcome.kind == "passed" or outcome.cause:
            return outcome
        if outcome.accepted:
            return Outcome("passed")
        test = self.cases[case.twin].test.__name__
        told = f"the request of {test}, which differs little and is right, was not accepted\n\n{outcome.message}"
        kind = "inconclusive" if outcome.kind == "inconclusive" else "blocked"
        return Outcome(kind, told, cause=f"twin {case.twin}")

    def _baseline(self, name):
        known = self.known.get(("baseline", name))
        return known or self._learn(("baseline", name), self._play(self.baselines[name], None, baseline=name))

    def _learn(self, what, outcome):
        # The next test looks again whether the server still has too much to do.
        if not outcome.transient:
            self.known[what] = outcome
        return outcome

    def _play(self, steps, case, baseline=None):
        """Sends requests, and deletes what they made."""
        made = []
        try:
            return self._send(steps, case, baseline, made)
        except setup.Unready as problem:
            sent = [problem.request] if problem.request else []
            told = tell(str(problem), None, sent, [problem.answer] if problem.answer else [])
            return Outcome(problem.kind, told, problem.cause, transient=problem.transient)
        finally:
            following.clean_up(made)

    def _send(self, steps, case, baseline, made):
        """Sends requests; all must be accepted, except that of a case the last is judged."""
        # Views are told, but steps are counted without them.
        answers, sent, given, correlated = [], [], [], {}
        now = moments.current(self.tolerance)
        needed = len(steps) - (0 if baseline else 1)
        about = f"baseline {baseline}" if baseline else "the requests before the last"
        cause = f"baseline {baseline}" if baseline else None
        problem = clash(steps)
        saved = {} if problem else self.setup.ready(self, steps, now, made)
        problem = problem or clash(steps, saved)
        if problem:
            return Outcome("blocked", problem, cause)
        try:
            for number, step in enumerate(steps, 1):
                request = step.resolved(answers, now, saved, correlated=correlated)
                if "now" in request.parts:
                    problem = self._set_clock(request)
                    if problem:
                        return problem
                sent.append(request)
                given.append(client.send(request))
                if not step.is_view:
                    answers.append(given[-1])
                if request.operation.accepted.fits(given[-1]):
                    following.note(self, request, given[-1], saved, now, made)
                if number <= needed and request.refusals:
                    problem = not_refused(request, given[-1])
                    if problem:
                        kind = "inconclusive" if given[-1].status == 429 else "blocked"
                        told = tell(problem, None, sent, given)
                        return Outcome(kind, told, cause, transient=kind == "inconclusive")
                elif number <= needed:
                    problem = unaccepted(request, given[-1])
                    if problem:
                        kind = "inconclusive" if given[-1].status == 429 else "blocked"
                        told = tell(f"{about} must be accepted, and {problem}", None, sent, given)
                        refusal = given[-1]
                        return Outcome(kind, told, cause, transient=kind == "inconclusive", refusal=refusal)
                    problem = shown.other(step, given[-1], Known(answers, now, saved))
                    if problem:
                        return self._other_state(request, problem, case, sent, given)
                    following.wait(self, request, given[-1], saved, now)
        except Missing as missing:
            return Outcome("blocked", tell(str(missing), case, sent, given), cause)
        except client.Unreachable as error:
            return Outcome("blocked", f"the server at API_BASE_URL is out of reach: {error}", cause="unreachable")
        except client.TooSlow as error:
            return Outcome("inconclusive", tell(str(error), case, sent, given), cause)
        except following.Late as late:
            return Outcome("blocked", tell(str(late), case, sent, given), cause or self._late(sent[-1]))
        if case is None:
            return Outcome("passed")
        kind, headline = (judge_refusal if case.rejects else judge_acceptance)(case, sent[-1], answers[-1])
        if kind == "passed":
            kind, headline = judge_repetition(case, answers)
        accepted = kind == "passed" and not case.rejects
        if accepted:
            try:
                problem = shown.other(steps[-1], answers[-1], Known(answers, now, saved))
                following.wait(self, sent[-1], answers[-1], saved, now)
            except Missing as missing:
                return Outcome("blocked", tell(str(missing), case, sent, given))
            except following.Late as late:
                return Outcome("blocked", tell(str(late), case, sent, given), self._late(sent[-1]))
            if problem:
                kind, headline = "failed", f"the server shows {problem}"
        told = tell(headline, case, sent, given) if headline else ""
        certain = kind == "failed" and is_certain(case, answers[-1])
        return Outcome(kind, told, transient=kind == "inconclusive", certain=certain, accepted=accepted)

    def _other_state(self, request, problem, case, sent, given):
        """The requests of a test prove nothing from a state that isn't the one predicted."""
        name = request.operation.name
        told = f"the state reached isn't the one predicted: {name} shows {problem}"
        return Outcome("blocked", tell(told, case, sent, given), cause=f"{name} shows another state")

    def _late(self, request):
        """What all suffer from that wait after requests to this operation."""
        return f"await of {request.operation.name}"

    def _set_clock(self, request):
        """Sets the server's clock for a request; why that went wrong, or None."""
        location, template = self.clock
        request.setting = template.with_({location: request.parts["now"]}).resolved([], None, request.saved)
        given = client.send(request.setting)
        problem = unaccepted(request.setting, given)
        if not problem:
            return None
        told = tell(f"the clock must be set, and {problem}", None, [request.setting], [given])
        transient = given.status == 429
        return Outcome("inconclusive" if transient else "blocked", told, None if transient else "clock", transient)


def is_certain(case, answer):
    """A forbidden request was accepted, or the refusal of a right one names the rule itself."""
    if case.rejects:
        return 200 <= answer.status <= 299
    return any(expected.checks and expected.fits(answer) for expected in case.refused)


def every(answers):
    return tuple(answers) if isinstance(answers, (list, tuple)) else (answers,)


def unaccepted(request, answer):
    if request.operation.accepted.fits(answer):
        return None
    return f"the server answered {request.operation.name} with {answer.status}{hint(request, answer)}"


def not_refused(request, answer):
    if any(expected.fits(answer) for expected in request.refusals):
        return None
    wanted = " or ".join(map(str, request.refusals))
    name = request.operation.name
    return f"{name} must be refused ({wanted}) before the last request, and the server answered {answer.status}"


def hint(request, answer):
    return client.lacking(request) if answer.status in (401, 403) else ""


def judge_refusal(case, request, answer):
    if any(expected.fits(answer) for expected in case.refused):
        return "passed", None
    status = answer.status
    if 200 <= status <= 299:
        return "failed", f"the server accepted what the rule {case.rule} forbids"
    if 500 <= status <= 599:
        return "failed", f"the server broke down ({status}) where the rule {case.rule} demands a refusal"
    if status == 429:
        return "inconclusive", "the server has too much to do (429)"
    if any(status in expected.statuses for expected in case.refused):
        return "blocked", f"the server refused, and its answer doesn't say that it was for the rule {case.rule}"
    return "blocked", f"status {status} is no sign that the rule {case.rule} was checked{hint(request, answer)}"


def judge_acceptance(case, request, answer):
    if request.operation.accepted.fits(answer):
        return "passed", None
    status = answer.status
    if any(expected.fits(answer) for expected in case.refused):
        return "failed", f"the server refused what the rule {case.rule} allows"
    if 500 <= status <= 599:
        return "failed", f"the server broke down ({status}) on a request that the rule {case.rule} allows"
    if status == 429:
        return "inconclusive", "the server has too much to do (429)"
    if 400 <= status <= 499 and status not in NO_EVIDENCE:
        return "failed", f"the server refused what the rule {case.rule} allows"
    return "blocked", f"status {status} is neither an acceptance nor a refusal by a rule{hint(request, answer)}"


def judge_repetition(case, answers):
    """Whether the last answer names what it should: what an earlier request made, or something new."""
    for own in (case.repeats, *case.differs_from):
        if own is None:
            continue
        path = keys(own.path)
        first, last = (exact_json.at(answers[step].json(), path) for step in (own.step - 1, -1))
        if not first or not last:
            return "blocked", f"an answer has no {own.path}, which tells whether a request was repeated"
        if own is case.repeats and first != last:
            return "failed", f"request {own.step} was repeated, and the server took it for a new one"
        if own is not case.repeats and first == last:
            return "failed", f"the server took a new request for a repeat of request {own.step}"
    return "passed", None


def tell(headline, case, sent, answers):
    """A message for people: what happened, what should have, and how to repeat it."""
    parts = [headline]
    if case is not None:
        parts.append(textwrap.indent(textwrap.dedent("    " + (case.test.__doc__ or "")).strip(), "  "))
        wanted = " or ".join(map(str, case.refused)) if case.rejects else f"{sent[-1].operation.accepted}"
        parts.append(f"expected: {wanted}")
    number = 0
    for place, request in enumerate(sent):
        number += not request.is_view
        title = f"request {number}: " if len(sent) > 1 else ""
        title = "what is remembered by then: " if request.is_view else title
        came = f"\nanswered: {answers[place]}" if place < len(answers) else "\nno answer"
        setting = f"{client.curl(request.setting)}\n" if request.setting else ""
        parts.append(f"{title}{setting}{client.curl(request)}{came}")
    return "\n\n".join(parts)


def report(case, outcome):
    """Appends a line to the report, if one is wanted; in one write, since several processes may do so."""
    file = os.environ.get("CROSSFIELD_REPORT")
    if not file:
        return
    record = {"case": case.name, "rule": case.rule, "outcome": outcome.kind, "message": outcome.message}
    line = json.dumps(record) + "\n"
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)
