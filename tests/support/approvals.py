"""Orders that people of two teams approve, or one thing about that wrong.

    python approvals.py FAULT
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service, error  # noqa: E402
import serving  # noqa: E402

TEAMS = {"ann": "sales", "bob": "sales", "eve": "audit"}
FAULTS = ["none", "own-orders", "one-team", "audit-is-sales", "all-orders"]


class Approvals(Service):
    orders, ids = {}, itertools.count(1)

    def answer(self, body):
        fault = self.options.what
        who = self.headers.get("Authorization", "").removeprefix("Bearer of-")
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "orders"] if who in TEAMS:
                key = f"order_{next(self.ids)}"
                self.orders[key] = {"maker": who, "approved": []}
                return 201, {"id": key}
            case ["POST", "orders", key, "approvals"] if key in self.orders:
                return self.approve(self.orders[key], who, fault)
        return error(404, "not-found")

    def approve(self, order, who, fault):
        if order["maker"] == who and fault != "own-orders":
            return error(403, "not-ones-own")
        team = "sales" if fault == "audit-is-sales" else TEAMS[who]
        others = self.orders.values() if fault == "all-orders" else [order]
        approved = [own for one in others for own in one["approved"]]
        if who in [own for own, _ in approved]:
            return error(409, "two-people")
        if team in [own for _, own in approved] and fault != "one-team":
            return error(422, "two-teams")
        order["approved"].append((who, team))
        return 201, {}


if __name__ == "__main__":
    what = sys.argv.pop(1)
    Approvals.orders = {}
    serving.serve(Approvals, [], what=what)
