"""The rooms of the example: a server that keeps all rules, or all but one.

    python server.py [--fault NAME]

prints its address and serves until it is killed. `--fault list` names the faults.
"""

import sys
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))

from serving import Service, error, refused, serve  # noqa: E402

FAULTS = [
    "capacity-of-the-first-layout",
    "capacity-of-all-layouts-together",
    "weekdays-within-each-entry-only",
    "ends-when-it-starts",
    "length-with-the-break",
    "opening-hours-in-utc",
    "open-until-the-start-of-the-last-hour",
    "opening-hours-of-the-start-only",
    "weekend-in-utc",
    "sunday-is-no-weekend",
    "approval-on-any-day",
    "break-after-the-end",
    "breaks-may-overlap",
    "remote-attendees-need-seats",
    "seats-of-the-capacity",
    "large-classes-as-fast-as-small-ones",
    "setup-without-default",
    "no-host-needed",
    "invitations-of-six",
    "first-speaker-on-the-invitation",
    "portions-final-two-days-before-the-first-meal",
    "meals-to-the-minute",
    "meals-in-any-order",
    "meal-at-the-end",
    "diets-counted-once-each",
    "steps-compared-with-the-first",
    "same-share-again",
    "length-of-the-move-unchecked",
    "moves-what-is-cancelled",
    "cancels-twice",
    "rooms-by-anybody",
    "anybody-moves",
    "anybody-cancels",
    "managers-own-nothing",
    "bookings-belong-to-managers",
    "fee-rounds-half-up",
    "notice-of-exactly-a-day-is-late",
    "fee-for-a-broken-room",
    "count-beside-until",
    "weeks-begin-on-monday",
    "weeks-without-interval",
    "any-budget",
    "bookings-of-no-room",
    "series-of-no-room",
    "rooms-closed-by-anybody",
    "closed-rooms-stay",
    "bookings-looked-up-by-anybody",
]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
LARGE = {"classroom": 20, "theatre": 40}
NOTHING = timedelta(0)


def moment(text):
    return datetime.fromisoformat(text)


def span(entry):
    return moment(entry["until"]) - moment(entry["from"])


def room_rules(body, fault):
    """The rules that a room breaks."""
    seats = list(body["layouts"].values())
    most = max(seats)
    if fault == "capacity-of-the-first-layout":
        most = seats[0]
    if fault == "capacity-of-all-layouts-together":
        most = sum(seats)
    if body["capacity"] != most:
        yield "capacity-is-the-largest-layout"
    lists = [entry["days"] for entry in body["opening_hours"]]
    if fault != "weekdays-within-each-entry-only":
        lists = [[day for days in lists for day in days]]
    if any(len(set(days)) < len(days) for days in lists):
        yield "each-weekday-once"


def booking_rules(body, room, fault):
    """The rules that a booking breaks."""
    starts, ends = moment(body["starts_at"]), moment(body["ends_at"])
    yield from time_rules(body, starts, ends, room, fault)
    yield from people_rules(body, room, fault)
    for entry in body.get("catering", {}).get("meals", []):
        yield from meal_rules(entry, body["catering"]["meals"][0], fault)
    if "catering" in body:
        served = [moment(meal["served_at"]) for meal in body["catering"]["meals"]]
        is_sorted = served == sorted(served) or fault == "meals-in-any-order"
        last = ends if fault == "meal-at-the-end" else ends - timedelta(microseconds=1)
        if not is_sorted or not all(starts <= at <= last for at in served):
            yield "meals-in-order"
    steps = body.get("cancellation", [])
    for index, (one, other) in enumerate(zip(steps, steps[1:])):
        if fault == "steps-compared-with-the-first" and index > 0:
            one = steps[0]
        is_more = other["fee_percent"] > one["fee_percent"]
        if fault == "same-share-again":
            is_more = other["fee_percent"] >= one["fee_percent"]
        if not (other["hours_before"] < one["hours_before"] and is_more):
            yield "later-cancellation-costs-more"


def time_rules(body, starts, ends, room, fault):
    breaks = body.get("breaks", [])
    pause = span(breaks[0]) if breaks and fault != "length-with-the-break" else NOTHING
    is_after = ends >= starts if fault == "ends-when-it-starts" else ends > starts
    if not is_after or ends - starts - pause > timedelta(hours=10):
        yield "ends-after-start"
    zone = timezone.utc if fault == "opening-hours-in-utc" else ZoneInfo(room["zone"])
    opening = starts.astimezone(zone).hour
    closing = ends if fault == "open-until-the-start-of-the-last-hour" else ends - timedelta(minutes=1)
    closing = closing.astimezone(zone).hour
    if opening < 7 or (closing >= 20 and fault != "opening-hours-of-the-start-only"):
        yield "within-opening-hours"
    zone = timezone.utc if fault == "weekend-in-utc" else ZoneInfo(room["zone"])
    weekend = ["SA"] if fault == "sunday-is-no-weekend" else ["SA", "SU"]
    is_weekend = WEEKDAYS[starts.astimezone(zone).weekday()] in weekend
    has_approval = "weekend_approval" in body
    if is_weekend != has_approval and not (has_approval and fault == "approval-on-any-day"):
        yield "weekend-needs-approval"
    for index, entry in enumerate(breaks):
        begins, over = moment(entry["from"]), moment(entry["until"])
        within = starts <= begins < over and (over <= ends or fault == "break-after-the-end")
        follows = index == 0 or begins >= moment(breaks[index - 1]["until"])
        if not within or not (follows or fault == "breaks-may-overlap"):
            yield "breaks-within-booking"


def people_rules(body, room, fault):
    layout, attendees = body["layout"], body["attendees"]
    if layout not in room["layouts"]:
        yield "layout-of-the-room"
    else:
        come = [one for one in attendees if one["presence"] == "onsite"]
        come = attendees if fault == "remote-attendees-need-seats" else come
        seats = room["capacity"] if fault == "seats-of-the-capacity" else room["layouts"][layout]
        if len(come) > seats:
            yield "onsite-attendees-have-seats"
    roles = [one["role"] for one in attendees]
    page = 6 if fault == "invitations-of-six" else 5
    has_host = "host" in roles[:page] or fault == "no-host-needed" and "host" not in roles
    speakers = [index for index, role in enumerate(roles) if role == "speaker"]
    if fault == "first-speaker-on-the-invitation":
        speakers = speakers[:1]
    if not has_host or any(index >= page for index in speakers):
        yield "names-on-the-invitation"
    setup = body.get("setup_minutes", 60 if fault == "setup-without-default" else 0)
    needed = {"boardroom": 0, "banquet": 60}.get(layout, 15)
    if layout in LARGE and len(attendees) >= LARGE[layout]:
        needed = 15 if fault == "large-classes-as-fast-as-small-ones" else 30
    if setup < needed:
        yield "setup-time-by-layout"


def meal_rules(meal, first, fault):
    served = moment(meal["served_at"])
    due = first if fault == "portions-final-two-days-before-the-first-meal" else meal
    if moment(meal["final_at"]) > moment(due["served_at"]) - timedelta(hours=48):
        yield "caterer-has-two-days"
    is_whole = served.second == 0 and served.microsecond == 0 or fault == "meals-to-the-minute"
    if served.minute % 15 or not is_whole:
        yield "kitchen-serves-on-the-quarter"
    diets = meal.get("diets", {}).values()
    together = max(diets, default=0) if fault == "diets-counted-once-each" else sum(diets)
    if together > meal["portions"]:
        yield "diets-within-portions"


def access_rules(booking, who, manager, fault, unchecked):
    is_own = who == booking["booked_by"] or fault == unchecked
    if not (is_own or who == manager and fault != "managers-own-nothing"):
        yield "own-bookings"


def move_rules(body, booking, fault):
    if moment(body["ends_at"]) - moment(body["starts_at"]) != booking["length"]:
        if fault != "length-of-the-move-unchecked":
            yield "move-keeps-the-length"
    if booking["cancelled"] and fault != "moves-what-is-cancelled":
        yield "no-move-after-cancelling"


def cancel_rules(body, booking, fault):
    if booking["cancelled"] and fault != "cancels-twice":
        yield "is-cancelled"
    hours = body["notice_hours"]
    is_day = hours > 24 if fault == "notice-of-exactly-a-day-is-late" else hours >= 24
    percent = 0 if hours >= 72 else 25 if is_day else 80
    if body["reason"] == "room_unusable" and fault != "fee-for-a-broken-room":
        percent = 0
    mode = ROUND_HALF_UP if fault == "fee-rounds-half-up" else ROUND_HALF_EVEN
    fee = (Decimal(booking["price"]) * percent / 100).quantize(Decimal("0.01"), mode)
    if body["fee"] != fee:
        yield "fee-by-notice"


def series_rules(body, fault):
    if ("until" in body) == ("count" in body):
        if not ("until" in body and fault == "count-beside-until"):
            yield "series-ends-by-date-or-count"
    first = date.fromisoformat(body["first_on"])
    day = first.weekday() + (fault == "weeks-begin-on-monday")
    if WEEKDAYS[day % 7] not in body["weekdays"]:
        yield "first-day-is-one-of-the-weekdays"
    if "until" in body:
        until = date.fromisoformat(body["until"])
        days = (until - first).days
        is_elsewhere = until.year != body["budget_year"] and fault != "any-budget"
        weeks = 1 if fault == "weeks-without-interval" else body["every_weeks"]
        if is_elsewhere or days < 0 or days // (7 * weeks) >= 26:
            yield "series-of-at-most-26-weeks"


CONFLICTS = {"no-move-after-cancelling", "is-cancelled"}
FORBIDDEN = {"managers-open-rooms", "own-bookings"}


class Rooms(Service):
    rooms, bookings, keys = {}, {}, {}

    def answer(self, body):
        fault = self.options.fault
        who = self.headers.get("Authorization", "").removeprefix("Bearer ")
        match [self.command, *self.path.strip("/").split("/")]:
            case _ if not who:
                return error(401, "unauthorized")
            case ["POST", "rooms"]:
                if who != self.options.manager and fault != "rooms-by-anybody":
                    return error(403, "managers-open-rooms")
                return self.made("room", self.rooms, room_rules(body, fault), body)
            case ["DELETE", "rooms", key] if key in self.rooms:
                return self.close(key, who)
            case ["POST", "bookings"]:
                return self.book(body, who)
            case ["GET", "bookings", key] if key in self.bookings:
                unchecked = "bookings-looked-up-by-anybody"
                rules = access_rules(self.bookings[key], who, self.options.manager, fault, unchecked)
                return refused(rules, CONFLICTS, FORBIDDEN) or (200, {"id": key})
            case ["POST", "bookings", key, ("cancel" | "reschedule") as what] if key in self.bookings:
                return self.change(what, key, body, who)
            case ["POST", "booking-series"] if not self.has_room(body, "series-of-no-room"):
                return error(422, "no-such-room")
            case ["POST", "booking-series"]:
                return refused(series_rules(body, fault)) or (201, {"id": "series"})
        return error(404, "not-found")

    def book(self, body, who):
        key = self.headers.get("Idempotency-Key")
        if key in self.keys:
            return 201, {"id": self.keys[key]}
        if not self.has_room(body, "bookings-of-no-room"):
            return error(422, "no-such-room")
        room = self.rooms.get(body["room_id"])
        length = moment(body["ends_at"]) - moment(body["starts_at"])
        booking = {"length": length, "price": body["price"], "cancelled": False, "booked_by": who}
        if self.options.fault == "bookings-belong-to-managers":
            booking["booked_by"] = self.options.manager
        rules = booking_rules(body, room, self.options.fault) if room else []
        status, answer = self.made("bk", self.bookings, rules, booking)
        if status == 201:
            self.keys[key] = answer["id"]
        return status, answer

    def has_room(self, body, unchecked):
        return body["room_id"] in self.rooms or self.options.fault == unchecked

    def close(self, key, who):
        fault = self.options.fault
        if who != self.options.manager and fault != "rooms-closed-by-anybody":
            return error(403, "managers-close-rooms")
        if fault != "closed-rooms-stay":
            del self.rooms[key]
        return 200, {"id": key}

    def change(self, what, key, body, who):
        booking, fault = self.bookings[key], self.options.fault
        is_move = what == "reschedule"
        unchecked = "anybody-moves" if is_move else "anybody-cancels"
        access = access_rules(booking, who, self.options.manager, fault, unchecked)
        own = move_rules(body, booking, fault) if is_move else cancel_rules(body, booking, fault)
        answer = refused([*access, *own], CONFLICTS, FORBIDDEN)
        if not is_move and not answer:
            booking["cancelled"] = True
        return answer or (200, {"id": key})

    def made(self, prefix, kept, rules, entry):
        answer = refused(rules)
        if answer:
            return answer
        key = f"{prefix}_{next(self.numbers):04x}"
        kept[key] = entry
        return 201, {"id": key}


if __name__ == "__main__":
    serve(Rooms, FAULTS, manager="manager")
