# Written by Crossfield: edits are lost when it runs again.
"""Times that are counted from the moment of the test."""

import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

# How many seconds the requests of a test may take.
PLAYED = 10

# The time zones whose days the tests count from.
zones = {}


@dataclass(frozen=True)
class Moment:
    """A time so long after the moment of the test, or after the start of its day or week."""

    after: timedelta
    # "now", "day" or "week".
    anchor: str
    zone: str
    # A text that shows how it is written; without one in UTC, to the second.
    like: str

    def __deepcopy__(self, memo):
        return self

    def text(self, now):
        like = self.like or "2030-01-01T00:00:00Z"
        if self.anchor == "now":
            return written(now + self.after, like)
        local = now.astimezone(zones[self.zone])
        day = local.date() - timedelta(days=local.weekday() if self.anchor == "week" else 0)
        wall = datetime(day.year, day.month, day.day) + self.after
        if not WRITTEN.fullmatch(like):
            return wall.date().isoformat()
        return written(wall.replace(tzinfo=zones[self.zone]), like)


def from_now(*, like=None, **after):
    """The moment so many days=, hours=, minutes=, seconds= after the test; it may be negative."""
    return Moment(timedelta(**after), "now", "UTC", like)


def from_today(zone="UTC", *, like=None, **after):
    """The same from the start of the day in a time zone, as clocks on the wall show it."""
    return counted("day", zone, like, after)


def from_monday(zone="UTC", *, like=None, **after):
    """The same from the start of the week."""
    return counted("week", zone, like, after)


def counted(anchor, zone, like, after):
    if zone not in zones:
        zones[zone] = timezone.utc if zone == "UTC" else ZoneInfo(zone)
    return Moment(timedelta(**after), anchor, zone, like)


def current(tolerance):
    """The moment of a test; with a tolerance one at which it is the same day on the server."""
    while True:
        now = datetime.now(timezone.utc).replace(microsecond=0)
        if tolerance is None or all(is_clear(now.astimezone(zone), tolerance) for zone in zones.values()):
            return now
        time.sleep(1)


def is_clear(local, tolerance):
    before, after = timedelta(seconds=tolerance + 1), timedelta(seconds=tolerance + PLAYED)
    utc = local.astimezone(timezone.utc)
    return all(at.astimezone(local.tzinfo).date() == local.date() for at in (utc - before, utc + after))


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
