"""Orders and their payments, whose answers show what was calculated, or one
thing about it wrong.

    python orders.py FAULT
"""

import itertools
import sys
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service, error  # noqa: E402
import serving  # noqa: E402

CENT = Decimal("0.01")


def exact(value):
    return Decimal(str(value))


class Orders(Service):
    made, ids = {}, itertools.count(1)

    def answer(self, body):
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "orders"]:
                return self.order(body, self.options.what)
            case ["POST", "orders", key, "payments"]:
                return self.pay(self.made.get(key), key, exact(body["amount"]), self.options.what)
        return error(404, "not-found")

    def order(self, body, fault):
        price, discount, rate = (exact(body[name]) for name in ["price", "discount", "rate"])
        if discount > price and fault != "any-discount":
            return error(422, "discount")
        rounding = ROUND_DOWN if fault == "rounds-down" else ROUND_HALF_UP
        total = (price * body["count"] - discount) * rate
        if fault == "rate-first":
            total = price * body["count"] * rate - discount
        if fault == "one-item":
            total = (price - discount) * rate
        total = total if fault == "unrounded" else total.quantize(CENT, rounding)
        key = f"order_{next(self.ids)}"
        self.made[key] = {"total": total, "paid": Decimal(0)}
        fee = (price * Decimal("0.029")).quantize(CENT, ROUND_HALF_UP)
        if body["method"] != "card" and fault != "fee-for-all":
            fee = Decimal("0.25")
        shown = {"id": key, "total": float(total), "fee": float(fee), "paid": 0}
        if "note" in body and fault != "no-note":
            shown["note"] = body["note"]
        if "note" not in body and fault == "always-note":
            shown["note"] = ""
        if fault == "no-total":
            del shown["total"]
        return 201, shown

    def pay(self, order, key, amount, fault):
        if order is None:
            return error(404, "order")
        if order["paid"] + amount > order["total"]:
            return error(409, "too-much")
        before = order["paid"]
        order["paid"] = amount if fault == "last-only" else before + amount
        paid = before if fault == "paid-before" else order["paid"]
        shown = {"order": key, "paid": float(paid), "before": float(before), "open": float(order["total"] - order["paid"])}
        if fault == "key-of-another":
            shown["order"] = next(iter(self.made))
        if fault == "old-after":
            shown["before"] = float(order["paid"])
        if fault == "open-total":
            shown["open"] = float(order["total"])
        return 200, shown


if __name__ == "__main__":
    what = sys.argv.pop(1)
    Orders.made = {}
    serving.serve(Orders, [], what=what)
