"""Prepaid cards whose top-ups are booked once for each key, or one thing about it wrong.

    python topups.py FAULT

`last` looks for repeats behind all other rules.
"""

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service, error  # noqa: E402
import serving  # noqa: E402


class Cards(Service):
    cards, booked, ids = {}, {}, itertools.count(1)

    def answer(self, body):
        what = self.options.what.split("+")
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "cards"]:
                key = f"card_{next(self.ids)}"
                self.cards[key] = {"limit": body["limit"], "balance": 0}
                return 201, {"id": key}
            case ["POST", "cards", key, "topups"]:
                if key not in self.cards:
                    return error(404, "not-found")
                return self.top_up(key, self.cards[key], body["amount"], what)
        return error(404, "not-found")

    def top_up(self, key, card, amount, what):
        token = self.headers["Idempotency-Key"]
        known = self.booked.get(token)
        if "no-keys" in what:
            known = None
        if known and known["about"] != (key, amount):
            return error(409, "key-reused")
        if not (known and "last" not in what) and card["balance"] + amount > card["limit"]:
            return error(409, "limit")
        if known:
            if "books-repeats" in what:
                card["balance"] += amount
            return 201, {"id": known["id"]}
        card["balance"] += amount
        self.booked[token] = {"about": (key, amount), "id": f"top_{next(self.ids)}"}
        return 201, {"id": self.booked[token]["id"]}


if __name__ == "__main__":
    what = sys.argv.pop(1)
    Cards.cards, Cards.booked = {}, {}
    serving.serve(Cards, [], what=what)
