# Written by Crossfield: edits are lost when it runs again.
"""Says at once what the tests need and don't have."""

import os
import sys

import pytest

# The tests import crossfield_runtime from this folder, whatever the import mode.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from crossfield_runtime import environment, request  # noqa: E402


def pytest_sessionstart(session):
    problem = environment.problem()
    if problem and not session.config.option.collectonly:
        raise pytest.UsageError(problem)


def pytest_collection_finish(session):
    problem = request.lacking()
    if problem and session.items and not session.config.option.collectonly:
        raise pytest.UsageError(problem)
