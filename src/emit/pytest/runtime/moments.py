# Written by Crossfield: edits are lost when it runs again.
"""Times that are counted from the moment of the test."""

import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

# How many seconds the requests of a test may take.
PLAYED = 10


@dataclass(frozen=True)
class Moment:
    """A time so long after the moment of the test, or after the start of its day in UTC."""

    after: timedelta
    of_day: bool
    # A text that shows how it is written; without one in UTC, to the second.
    like: str

    def __deepcopy__(self, memo):
        return self

    def text(self, now):
        start = now.replace(hour=0, minute=0, second=0) if self.of_day else now
        return written(start.replace(microsecond=0) + self.after, self.like or "2030-01-01T00:00:00Z")


def from_now(*, like=None, **after):
    """The moment so many days=, hours=, minutes=, seconds= after the test; it may be negative."""
    return Moment(timedelta(**after), False, like)


def from_today(*, like=None, **after):
    """The same, counted from the start of the day in UTC."""
    return Moment(timedelta(**after), True, like)


def current(tolerance):
    """The moment of a test; with a tolerance one at which the server's clock shows the same day in UTC."""
    while True:
        now = datetime.now(timezone.utc)
        second = now.hour * 3600 + now.minute * 60 + now.second
        if tolerance is None or tolerance < second < 24 * 3600 - tolerance - PLAYED:
            return now
        time.sleep(1)


def written(moment, like):
    match = WRITTEN.fullmatch(like)
    if not match:
        return moment.date().isoformat()
    fraction, zone = match.groups()
    if zone in "Zz":
        offset = timedelta()
    else:
        hours, minutes = zone[1:].split(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if zone[0] == "-" else 1)
    local = moment.astimezone(timezone.utc).replace(tzinfo=None) + offset
    return local.isoformat(timespec="seconds") + (fraction or "") + zone
