"""The subscriptions of the example: a server that keeps all rules, or all but one.

    python server.py [--fault NAME]

prints its address and serves until it is killed. `--fault list` names the faults.
"""

import sys
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from serving import Service, error, refused, serve  # noqa: E402

FAULTS = [
    "tiers-may-leave-a-seat-out",
    "first-tier-starts-anywhere",
    "only-the-second-tier-joins",
    "one-seat-makes-no-tier",
    "last-tier-may-end",
    "prices-compared-at-both-ends",
    "each-tier-must-be-cheaper",
    "feature-in-both-lists",
    "sku-in-any-case",
    "sku-without-months",
    "year-rounds-to-the-nearest",
    "year-without-price",
    "extra-seats-ignored",
    "one-seat-too-many",
    "no-most-of-all-seats",
    "packs-rounded-down",
    "trial-ends-on-the-first-billed-day",
    "trial-of-31-days",
    "quarters-begin-in-february-too",
    "anniversary-on-the-29th",
    "year-begins-in-any-month",
    "currency-of-the-first-addon",
    "addons-are-free",
    "addons-without-quantity",
    "coupon-of-both-kinds",
    "coupon-until-the-day-before",
    "coupon-by-the-trial",
    "each-coupon-leaves-half",
    "campaigns-mix",
    "tax-rounds-half-up",
    "tax-before-addons",
    "persons-abroad-pay-nothing",
    "company-abroad-without-number",
    "prorates-all-seats",
    "proration-rounds-half-up",
    "proration-of-the-first-seats",
    "yen-with-cents",
]
PLANS = {"SOLO-1": 1, "TEAM-25": 25, "BUSINESS-100": 100}
CENT = Decimal("0.01")


def plan_rules(body, fault):
    """The rules that a plan breaks."""
    tiers = body["tiers"]
    if not is_joined(tiers, fault):
        yield "tiers-join"
    least = 1 if fault == "one-seat-makes-no-tier" else 0
    if any("to" in tier and tier["to"] - tier["from"] < least for tier in tiers):
        yield "tiers-end-after-their-start"
    if "to" in tiers[-1] and fault != "last-tier-may-end":
        yield "last-tier-is-open"
    prices = [tier["unit_price"] for tier in tiers]
    if fault == "prices-compared-at-both-ends":
        prices = [prices[0], prices[-1]]
    pairs = zip(prices, prices[1:])
    strict = fault == "each-tier-must-be-cheaper"
    if any(other >= one if strict else other > one for one, other in pairs):
        yield "later-tiers-cost-no-more"
    lists = [body["included"] + body["optional"]]
    if fault == "feature-in-both-lists":
        lists = [body["included"], body["optional"]]
    if any(len(set(features)) < len(features) for features in lists):
        yield "features-once"
    parts = [body["product"], body["edition"], str(body["months"])]
    sku = body["sku"]
    if fault == "sku-without-months":
        sku, parts = sku.rsplit("-", 1)[0], parts[:2]
    wanted = "-".join(parts).upper()
    if sku != wanted and not (fault == "sku-in-any-case" and sku.upper() == wanted):
        yield "sku-names-the-plan"
    mode = ROUND_HALF_UP if fault == "year-rounds-to-the-nearest" else ROUND_DOWN
    price = (Decimal(body["monthly_price"]) * 10).quantize(Decimal(1), mode)
    given = body.get("yearly_price", price if fault == "year-without-price" else None)
    if body["months"] == 12 and given != price:
        yield "year-costs-ten-months"


def is_joined(tiers, fault):
    if tiers[0]["from"] != 1 and fault != "first-tier-starts-anywhere":
        return False
    pairs = list(zip(tiers, tiers[1:]))
    if fault == "only-the-second-tier-joins":
        pairs = pairs[:1]
    for one, other in pairs:
        gap = other["from"] - one["to"] if "to" in one else None
        if gap != 1 and not (gap == 2 and fault == "tiers-may-leave-a-seat-out"):
            return False
    return True


def subscription_rules(body, fault):
    """The rules that a subscription breaks."""
    most = PLANS[body["plan"]] + body.get("extra_seats", 0)
    most = PLANS[body["plan"]] if fault == "extra-seats-ignored" else most
    most = most if fault == "no-most-of-all-seats" else min(most, 180)
    most += fault == "one-seat-too-many"
    if body["seats"] > most:
        yield "seats-within-plan"
    full = 0 if fault == "packs-rounded-down" else 4
    if body["packs"] != (body["seats"] + full) // 5:
        yield "packs-hold-all-seats"
    yield from date_rules(body, fault)
    yield from coupon_rules(body.get("coupons"), body, fault)
    price = body["unit_price"]
    if price["currency"] == "jpy" and price["amount"] % 1 and fault != "yen-with-cents":
        yield "yen-are-whole"
    addons = list(body.get("addons", {}).values())
    checked = addons[:1] if fault == "currency-of-the-first-addon" else addons
    if any(addon["currency"] != price["currency"] for addon in checked):
        yield "one-currency"
    seats = body["seats"] * price["amount"]
    extra = sum(cost(addon, fault) for addon in addons)
    if body["subtotal"] != seats + extra:
        yield "subtotal-of-seats-and-addons"
    tax = body["tax"]
    base = seats if fault == "tax-before-addons" else body["subtotal"]
    mode = ROUND_HALF_UP if fault == "tax-rounds-half-up" else ROUND_UP
    if tax["amount"] != (base * Decimal(tax["rate"])).quantize(CENT, mode):
        yield "tax-rounded-up"
    if tax["rate"] != rate_for(body["customer"], fault):
        yield "who-pays-tax"


def cost(addon, fault):
    if fault == "addons-are-free":
        return 0
    return addon["unit_price"] * (1 if fault == "addons-without-quantity" else addon["quantity"])


def rate_for(customer, fault):
    if customer["country"] == "US":
        return "0.00"
    is_company = customer["kind"] == "company" or fault == "persons-abroad-pay-nothing"
    has_number = "vat_number" in customer or fault == "company-abroad-without-number"
    return "0.00" if customer["country"] == "FR" and is_company and has_number else "0.19"


def date_rules(body, fault):
    starts, renews = date.fromisoformat(body["starts_on"]), date.fromisoformat(body["renews_on"])
    if "trial" in body:
        first, last = (date.fromisoformat(body["trial"][key]) for key in ("starts_on", "ends_on"))
        over = last <= starts if fault == "trial-ends-on-the-first-billed-day" else last < starts
        longest = 31 if fault == "trial-of-31-days" else 30
        if not (first <= last and over and (last - first).days < longest):
            yield "trial-before-billing"
    day, month = renews.day, renews.month
    match body.get("alignment", "anniversary"):
        case "year":
            fits = day == 1 and (month == 1 or fault == "year-begins-in-any-month")
        case "quarter":
            also = [2] if fault == "quarters-begin-in-february-too" else []
            fits = day == 1 and month in [1, 4, 7, 10, *also]
        case _:
            fits = day <= (29 if fault == "anniversary-on-the-29th" else 28)
    if renews <= starts or not fits:
        yield "renewal-as-aligned"


def coupon_rules(coupons, body, fault):
    if coupons is None:
        return
    begins = body["starts_on"]
    if fault == "coupon-by-the-trial":
        begins = body.get("trial", body)["starts_on"]
    for coupon in coupons:
        kinds = ("percent_off" in coupon) + ("amount_off" in coupon)
        if kinds != 1 and not (kinds == 2 and fault == "coupon-of-both-kinds"):
            yield "coupon-is-percent-or-amount"
        until = coupon["valid_until"]
        in_time = begins < until if fault == "coupon-until-the-day-before" else begins <= until
        if not (coupon["valid_from"] <= begins and in_time):
            yield "coupon-valid-at-start"
    shares = [coupon.get("percent_off", 0) for coupon in coupons]
    taken = max(shares, default=0) if fault == "each-coupon-leaves-half" else sum(shares)
    if taken > 50:
        yield "coupons-leave-half"
    if len({coupon["campaign"] for coupon in coupons}) > 1 and fault != "campaigns-mix":
        yield "coupons-of-one-campaign"


def change_rules(body, subscription, fault):
    """The rules that a change of seats breaks."""
    before = 0 if fault == "prorates-all-seats" else subscription["seats"]
    if fault == "proration-of-the-first-seats":
        before = subscription["first"]
    whole = (body["seats"] - before) * Decimal(subscription["price"])
    mode = ROUND_HALF_UP if fault == "proration-rounds-half-up" else ROUND_DOWN
    amount = (whole * body["days_left"] / body["days_in_period"]).quantize(CENT, mode)
    if body["prorated_amount"] != amount:
        yield "proration-by-days"


class Subscriptions(Service):
    subscriptions = {}

    def answer(self, body):
        fault, kept = self.options.fault, self.subscriptions
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "plans"]:
                return refused(plan_rules(body, fault)) or (201, {"id": "plan"})
            case ["POST", "subscriptions"]:
                answer = refused(subscription_rules(body, fault))
                if answer:
                    return answer
                key, seats = f"sub_{next(self.numbers):04x}", body["seats"]
                kept[key] = {"seats": seats, "first": seats, "price": body["unit_price"]["amount"]}
                return 201, {"id": key}
            case ["GET", "subscriptions", key] if key in kept:
                return 200, {"id": key}
            case ["POST", "subscriptions", key, "seats"] if key in kept:
                answer = refused(change_rules(body, kept[key], fault))
                if not answer:
                    kept[key]["seats"] = body["seats"]
                return answer or (200, {"id": key})
        return error(404, "not-found")


if __name__ == "__main__":
    serve(Subscriptions, FAULTS)
