"""A server of bookings with rooms, closures and vouchers that are there before: `python halls.py FAULT`."""

import itertools
import sys
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service  # noqa: E402
import serving  # noqa: E402

FAULT = sys.argv.pop(1)
ROOMS = {"room-h": 40, "room-a": 6}
CLOSURES = [("room-h", 14, 16), ("room-a", 6, 8)]
VOUCHERS = [("room-h", Decimal("12.5")), ("room-h", Decimal(30)), ("room-a", Decimal(7))]
OLD = 4711
BOOKINGS = {OLD: {"room": "room-h", "guests": 12, "status": "archived"}}
NUMBERS = itertools.count(1)
if FAULT == "other-data":
    BOOKINGS[OLD]["status"] = "held"


def is_closed(body):
    for room, start, end in CLOSURES[:1] if FAULT == "first-closure" else CLOSURES:
        if room != body["room"] and FAULT != "closed-everywhere" or FAULT == "never-closed":
            continue
        apart = end <= body["from"] or start >= body["until"]
        if FAULT == "closed-touching":
            apart = end < body["from"] or start > body["until"]
        if not apart:
            return True
    return False


def worth(room):
    own = [amount for of, amount in VOUCHERS if of == room or FAULT == "vouchers-of-all"]
    return {"first-voucher": own[:1], "last-voucher": own[-1:]}.get(FAULT, own)


def create(body):
    room, guests = body["room"], body["guests"]
    if room not in ROOMS and FAULT != "any-room":
        return 422, {}
    seats = ROOMS.get(room, 40)
    full = guests >= seats if FAULT == "seats-below" else guests > seats and FAULT != "any-guests"
    if body["from"] >= body["until"] or full:
        return 422, {}
    if is_closed(body) or FAULT != "any-discount" and body["discount"] > sum(worth(room)):
        return 409, {}
    key = next(NUMBERS)
    BOOKINGS[key] = {"room": room, "guests": guests, "status": "held"}
    return 201, {"id": key}


class Halls(Service):
    def answer(self, body):
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "bookings"]:
                return create(body)
            case [how, "bookings", key, *more]:
                booking = BOOKINGS.get(int(key))
                if booking is None:
                    return 404, {}
                return self.about(how, booking, body) if not more else self.confirm(booking)
        return 404, {}

    def about(self, how, booking, body):
        if how == "GET":
            return 200, booking
        refused = booking["status"] == "archived" and FAULT != "archived-changes"
        if not refused or FAULT == "refused-changes":
            booking["guests"] = body["guests"]
        return (409 if refused else 200), {}

    def confirm(self, booking):
        archived = booking["status"] == "archived" and FAULT == "archived-confirms"
        if booking["status"] != "held" and not archived:
            return 409, {}
        booking["status"] = "confirmed"
        return 200, {}


serving.serve(Halls, [])
