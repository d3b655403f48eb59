"""The parcel office of the example: a server that keeps all rules, or all but one.

    python server.py [--fault NAME] [--merchant ID]

prints its address and serves until it is killed. `--fault list` names the faults.
"""

import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from serving import Service, fits, serve  # noqa: E402

FAULTS = [
    "any-merchant",
    "first-line-only",
    "discount-needs-nothing",
    "tags-of-the-first-line",
    "no-limit-of-notes",
    "express-is-paid-by-the-sender",
    "heavy-goes-fast",
    "insurance-from-20000",
    "customs-in-fractions-of-yen",
    "collected-at-once",
    "collected-within-three-weeks",
    "orders-by-any-code",
    "small-numbers-of-orders",
    "orders-without-numbers",
]


# What the API document says of bodies.
MONEY = {
    "type": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 100000},
        "currency": {"type": "string", "enum": ["EUR", "USD", "JPY"]},
    },
}
LINE = {
    "type": "object",
    "required": ["sku", "quantity"],
    "additionalProperties": False,
    "properties": {
        "sku": {"type": "string", "minLength": 1, "maxLength": 12},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 100},
        "price": MONEY,
        "discount": {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1000},
        "reason": {"type": "string", "maxLength": 40},
        "tags": {"type": "array", "maxItems": 3, "items": {"type": "string", "enum": ["fragile", "cold", "liquid"]}},
    },
}
PARCEL = {
    "type": "object",
    "required": ["merchant", "speed", "weight", "value"],
    "additionalProperties": False,
    "properties": {
        "merchant": {"type": "string", "minLength": 1, "maxLength": 20},
        "speed": {"type": "string", "enum": ["standard", "express", "overnight"]},
        "payer": {"type": "string", "enum": ["sender", "receiver"]},
        "insured": {"type": "boolean"},
        "weight": {"type": "integer", "minimum": 1, "maximum": 30000},
        "value": MONEY,
        "customs": MONEY,
        "collect": {"type": "string", "format": "date-time"},
        "order": {},
        "notes": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 20}},
        "lines": {"type": "array", "maxItems": 4, "items": LINE},
    },
}
QUOTE = {"type": "object", "required": ["limit"], "properties": {"limit": MONEY}}


def broken(body, fault, merchant):
    """The rules that a parcel breaks."""
    lines = body.get("lines", [])
    checked = lines[:1] if fault == "first-line-only" else lines
    price = lambda line: line.get("price", {}).get("amount")  # noqa: E731
    if body["merchant"] != merchant and fault != "any-merchant":
        yield "our-merchant"
    if body["speed"] == "standard" and body["value"]["currency"] != "EUR":
        yield "standard-is-at-home"
    if "collect" in body and not is_soon(body["collect"], fault):
        yield "collected-within-two-weeks"
    if "order" in body and not is_order(body["order"], fault):
        yield "orders-have-numbers-or-codes"
    if any(price(line) is not None and price(line) * line["quantity"] > 500 for line in checked):
        yield "line-limit"
    if any("discount" in line and "reason" not in line for line in lines) and fault != "discount-needs-nothing":
        yield "discount-has-a-reason"
    pairs = [(price(one), price(other)) for one, other in zip(lines, lines[1:])]
    if any(other > one for one, other in pairs if None not in (one, other)):
        yield "dearest-lines-first"
    tagged = lines[:1] if fault == "tags-of-the-first-line" else lines
    if body["speed"] == "standard" and any("cold" in line.get("tags", []) for line in tagged):
        yield "cold-goes-fast"
    if any(len(note) > 10 for note in body.get("notes", {}).values()) and fault != "no-limit-of-notes":
        yield "notes-are-short"
    if not is_way(body["speed"], body.get("payer"), body["weight"] > 10000, fault):
        yield "ways-to-send"
    if is_uninsured(body, 20000 if fault == "insurance-from-20000" else 20001):
        yield "not-insured"
    money = [body["value"], *(line["price"] for line in lines if "price" in line)]
    if "customs" in body and fault != "customs-in-fractions-of-yen":
        money.append(body["customs"])
    if any(not is_whole(one) for one in money):
        yield "yen-are-whole"


def is_soon(text, fault):
    wait = datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.now(timezone.utc)
    least = timedelta(0 if fault == "collected-at-once" else 2 / 24)
    return least <= wait <= timedelta(days=21 if fault == "collected-within-three-weeks" else 14)


def is_order(order, fault):
    if isinstance(order, str):
        return order.startswith("SO-") or fault == "orders-by-any-code"
    is_number = isinstance(order, (int, Decimal)) and not isinstance(order, bool) and order == int(order)
    least = 0 if fault == "small-numbers-of-orders" else 9999
    return is_number and order > least and fault != "orders-without-numbers"


def is_way(speed, payer, heavy, fault):
    if speed == "standard":
        return True
    if heavy and fault != "heavy-goes-fast":
        return False
    if payer == "sender":
        return True
    return speed == "express" and fault != "express-is-paid-by-the-sender"


def is_uninsured(body, limit):
    insured = body.get("insured")
    if insured is False and body["speed"] == "overnight":
        return True
    return insured is True and body["speed"] in ("standard", "express") and limit <= body["weight"] <= 30000


def is_whole(money):
    return money["currency"] != "JPY" or money["amount"] == int(money["amount"])


class Office(Service):
    keys = set()

    def answer(self, body):
        key = self.headers.get("Idempotency-Key", "")
        is_quote = self.path == "/quotes"
        if not fits(QUOTE if is_quote else PARCEL, body) or not is_quote and not 8 <= len(key) <= 40:
            return 400, {"error": "the document says otherwise"}
        if is_quote:
            return (200, {}) if is_whole(body["limit"]) else (422, {"rule": "yen-are-whole"})
        if key in self.keys:
            return 409, {"error": f"{key} was used before"}
        self.keys.add(key)
        rules = list(broken(body, self.options.fault, self.options.merchant))
        return (422, {"rule": rules[0]}) if rules else (201, {"id": f"parcel-{len(self.keys)}"})


if __name__ == "__main__":
    serve(Office, FAULTS, merchant="acme")
