# Written by Crossfield: edits are lost when it runs again.
"""Says at once what the tests need and don't have."""

import os
import sys

import pytest

# The tests import crossfield_runtime from this folder, whatever the import mode.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from crossfield_runtime import environment, following, request, suite  # noqa: E402


def pytest_sessionstart(session):
    # Several processes: what they find out comes too late.
    problem = session.config.getoption("numprocesses", None) and environment.problem()
    if problem and not session.config.option.collectonly:
        raise pytest.UsageError(problem)


def pytest_collection_finish(session):
    if session.config.option.collectonly or not session.items:
        return
    problem = environment.first_problem(request.unset()) or request.lacking()
    if problem:
        raise pytest.UsageError(problem)


def pytest_sessionfinish():
    suite.end_all()


def pytest_terminal_summary(terminalreporter):
    if following.left:
        terminalreporter.section("not cleaned up")
        for told in following.left:
            terminalreporter.line(told)
