"""Bookings of seats with three rules about them, or one thing about these wrong.

    python seats.py FAULT
"""

import sys
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service, error  # noqa: E402
import serving  # noqa: E402


class Seats(Service):
    def answer(self, body):
        if self.command != "POST" or self.path != "/bookings":
            return error(404, "not-found")
        fault = self.options.what
        seats, price, paid = body["seats"], Decimal(str(body["price"])), Decimal(str(body["paid"]))
        few = {"seven-seats": 7, "nine-seats": 9}.get(fault, 8)
        if (body["tier"] == "basic" or fault == "few-in-plus") and seats > few and fault != "any-seats":
            return error(422, "few-seats-in-basic")
        too_much = paid >= price if fault == "never-all-paid" else paid > price
        too_much = too_much or fault == "half-paid" and paid > price / 2
        if too_much and fault != "any-payment" and not (fault == "plus-pays-more" and body["tier"] == "plus"):
            return error(422, "paid-at-most-the-price")
        least = seats * {"four-each": 4, "six-each": 6}.get(fault, 5)
        least = 5 if fault == "five-in-all" else least
        if price < least or fault == "dearer-than-least" and price == least:
            return error(422, "seats-have-a-price")
        return 201, {"id": "b1"}


if __name__ == "__main__":
    what = sys.argv.pop(1)
    serving.serve(Seats, [], what=what)
