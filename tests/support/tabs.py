"""A server of tabs in a bar, which can remember them wrong: `python tabs.py FAULT`."""

import itertools
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))

from serving import Service  # noqa: E402
import serving  # noqa: E402

FAULT = sys.argv.pop(1)
PEOPLE = {"of-ann": "ann", "of-bob": "bob", "of-boss": "boss"}
TABLES, TABS = [], {}
NUMBERS = itertools.count(1)


def open_tab(who, body):
    if body["table_id"] not in TABLES:
        return 422, {}
    at = datetime.fromisoformat(body["opened"].upper().replace("Z", "+00:00"))
    if at <= datetime.now(timezone.utc):
        return 422, {}
    key = f"b{next(NUMBERS)}"
    TABS[key] = {
        "waiter": who,
        "limit": body["limit"],
        "spent": Decimal(0),
        "table": TABLES[0] if FAULT == "first-table" else body["table_id"],
        "house": "house_1" if FAULT == "house-of-the-example" else body["house"],
        "opened": at + timedelta(hours=1) if FAULT == "opened-later" else at,
        "note": None if FAULT == "forgets-note" else body.get("note"),
        "last": "none",
        "status": "open",
    }
    return 201, {"id": key}


def add_drink(tab, body):
    if tab["status"] != "open":
        return 409, {}
    total = tab["spent"] + body["price"]
    if total > tab["limit"] or FAULT == "limit-exclusive" and total == tab["limit"]:
        return 409, {}
    tab["spent"] = total + body["price"] if FAULT == "counts-twice" else total
    if FAULT != "forgets-last":
        tab["last"] = body["name"]
    return 201, {}


def shown(tab):
    """Times and numbers are written in other ways than they were sent."""
    said = {name: value for name, value in tab.items() if value is not None and name not in ("limit", "waiter")}
    said["table"] = {"id": tab["table"]}
    said["spent"] = f"{tab['spent']:.2f}"
    zone = timezone(timedelta(hours=2))
    said["opened"] = tab["opened"].astimezone(zone).isoformat(timespec="milliseconds")
    if FAULT == "hides-status":
        del said["status"]
    return said


def answer(method, path, who, body):
    match [method, *path.strip("/").split("/")]:
        case ["POST", "tables"]:
            TABLES.append(f"t{next(NUMBERS)}")
            return 201, {"id": TABLES[-1]}
        case ["POST", "tabs"]:
            return open_tab(who, body)
        case [_, "tabs", key, *_] if key not in TABS:
            return 404, {}
        case ["POST", "tabs", key, "close"]:
            tab = TABS[key]
            if tab["status"] != "open":
                return 409, {}
            tab["status"] = "closed"
            return 200, {}
        case [_, "tabs", key, *_] if who not in ("boss", TABS[key]["waiter"]):
            return 403, {}
        case ["GET", "tabs", key]:
            return 200, shown(TABS[key])
        case ["POST", "tabs", key, "drinks"]:
            return add_drink(TABS[key], body)
    return 404, {}


class Tabs(Service):
    def answer(self, body):
        who = PEOPLE.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        return (401, {}) if who is None else answer(self.command, self.path, who, body)


serving.serve(Tabs, [])
