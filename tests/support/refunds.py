"""Payments with refunds and voids, or one thing about them wrong.

    python refunds.py FAULT
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service, error  # noqa: E402
import serving  # noqa: E402

FAULTS = [
    "none",
    "refused-refund-counts",
    "refused-void-voids",
    "refused-payment-takes-key",
    "void-forgotten",
    "voids-refunded",
    "everything-is-refunded",
]


class Refunds(Service):
    made, keys, ids = {}, {}, itertools.count(1)

    def answer(self, body):
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "payments"]:
                return self.pay(body)
            case ["POST", "payments", key, what] if key in self.made:
                payment = self.made[key]
                return self.refund(payment, body["amount"]) if what == "refunds" else self.void(payment)
        return error(404, "not-found")

    def pay(self, body):
        key, is_refused = self.headers["Idempotency-Key"], body["amount"] > 500 and "note" not in body
        if self.keys.get(key, body) != body:
            return error(409, "one-key")
        if not is_refused or self.options.what == "refused-payment-takes-key":
            self.keys[key] = body
        if is_refused:
            return error(400, "note")
        made = f"pay_{next(self.ids)}"
        self.made[made] = {"amount": body["amount"], "refunded": 0, "void": False}
        return 201, {"id": made}

    def refund(self, payment, amount):
        fault = self.options.what
        if payment["void"]:
            return error(422, "not-void")
        total = payment["refunded"] + amount
        if fault == "refused-refund-counts":
            payment["refunded"] = total
        if total > payment["amount"]:
            return error(409, "refund-within")
        for own in self.made.values() if fault == "everything-is-refunded" else [payment]:
            own["refunded"] = total
        return 201, {}

    def void(self, payment):
        fault = self.options.what
        if fault == "refused-void-voids":
            payment["void"] = True
        if payment["refunded"] and fault != "voids-refunded":
            return error(409, "void-unrefunded")
        payment["void"] = fault != "void-forgotten"
        return 200, {}


if __name__ == "__main__":
    what = sys.argv.pop(1)
    Refunds.made, Refunds.keys = {}, {}
    serving.serve(Refunds, [], what=what)
