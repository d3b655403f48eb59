# Written by Crossfield: edits are lost when it runs again.
"""What the tests that Crossfield writes have in common.

A test passes only when it proves something. Its outcome is one of

passed        the server did what the rules demand
failed        the server did the opposite, or broke down
blocked       the test could not be made: the server is out of reach, or refuses
              what has to be accepted first, or doesn't remember what it should by
              then, or answers with a status that says nothing about the rule (such
              as 401)
inconclusive  the server had no time to answer (429, a timeout)

and all but the first make pytest fail. Read from the environment:

API_BASE_URL                where the API is, with everything in front of its paths
API_TOKEN                   for bearer authentication
API_USER and API_PASSWORD   for basic authentication
API_KEY                     for an API key
API_TIMEOUT                 how many seconds an answer may take (30)
CROSSFIELD_REPORT           a file to which each outcome is appended as a line of JSON
"""

from .exact_json import written
from .moments import from_monday, from_now, from_today
from .request import ABSENT, from_environment, from_request, from_setup, saved
from .shown import PRESENT, at_least, at_most, every, less_than, moment, more_than, number, other_than
from .suite import Suite, answer

__all__ = [
    "ABSENT",
    "PRESENT",
    "Suite",
    "answer",
    "at_least",
    "at_most",
    "every",
    "from_environment",
    "from_monday",
    "from_now",
    "from_request",
    "from_setup",
    "from_today",
    "less_than",
    "moment",
    "more_than",
    "number",
    "other_than",
    "saved",
    "written",
]
