"""Orders of a chain of shops whose keys are numbers, or one thing about them wrong.

    python chain.py FAULT
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service, error  # noqa: E402
import serving  # noqa: E402



class Chain(Service):
    # Customers are counted from where no made-up number is.
    orders, ids, customers = {}, itertools.count(1), itertools.count(5012)

    def answer(self, body):
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "customers"]:
                return 201, {"id": next(self.customers)}
            case ["POST", "shops", shop, "orders"]:
                return self.order(int(shop), body)
            case ["POST", "orders", key, "transfers"]:
                return self.transfer(int(key), body["customer_id"])
        return error(404, "not-found")

    def order(self, shop, body):
        what = self.options.what
        lines = body["lines"][:1] if what == "first-line" else body["lines"]
        shops = {line["from_shop"] for line in lines}
        # `shop-31` is right, and has another shop.
        own = int(what.removeprefix("shop-")) if what.startswith("shop-") else 3
        if shop != own and what != "any-shop" or shops != {shop}:
            return error(422, "of-one-shop")
        if body.get("gift_for") == body["customer_id"] and what != "gifts-for-oneself":
            return error(422, "gifts-for-others")
        if any(line["quantity"] > 12 for line in lines):
            return error(422, "few-of-each")
        key = next(self.ids)
        self.orders[key] = body["customer_id"]
        shown = key if what == "shows-the-key" else body["customer_id"]
        return 201, {"id": key, "customer_id": shown}

    def transfer(self, key, customer):
        if key not in self.orders:
            return error(404, "not-found")
        if self.orders[key] == customer and self.options.what != "transfers-to-oneself":
            return error(422, "another-customer")
        if self.options.what != "forgets-transfers":
            self.orders[key] = customer
        return 201, {}


if __name__ == "__main__":
    what = sys.argv.pop(1)
    Chain.orders = {}
    serving.serve(Chain, [], what=what)
