"""Payments that are made once for each key, or one thing about it wrong.

    python wallets.py FAULT
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service, error  # noqa: E402
import serving  # noqa: E402

FAULTS = ["none", "no-keys", "repeats-anything", "any-method", "any-note", "one-key", "refuses-repeats"]


class Wallets(Service):
    made, closed, ids = {}, set(), itertools.count(1)

    def answer(self, body):
        fault = self.options.what
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "payments"]:
                return self.pay(body, fault)
            case ["DELETE", "payments", key]:
                if key not in {own["id"] for own in self.made.values()} or key in self.closed:
                    return error(404, "not-found")
                self.closed.add(key)
                return 200, {"id": key}
        return error(404, "not-found")

    def pay(self, body, fault):
        key = "any" if fault == "one-key" else self.headers["Idempotency-Key"]
        if fault == "no-keys":
            key = next(self.ids)
        first = self.made.get(key)
        if first:
            left = {"any-method": "method", "any-note": "note"}.get(fault)
            told = [{name: own for name, own in one.items() if name != left} for one in (first["body"], body)]
            if told[0] != told[1] and fault != "repeats-anything":
                return error(409, "key-reused")
            if fault == "refuses-repeats":
                return error(409, "key-used")
            return 201, {"id": first["id"]}
        if body["method"] == "sepa" and body["currency"] != "EUR":
            return error(422, "sepa-in-euro")
        self.made[key] = {"id": f"pay_{next(self.ids)}", "body": body}
        return 201, {"id": self.made[key]["id"]}


if __name__ == "__main__":
    what = sys.argv.pop(1)
    Wallets.made, Wallets.closed = {}, set()
    serving.serve(Wallets, [], what=what)
