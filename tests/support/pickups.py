"""A server for pickups, for tests of suites whose times are counted from now.

    python pickups.py RULES FAULT

prints its address and serves until it is killed. RULES is "pickups", "invoices", "opening" or
"staged", FAULT the name of a mistake, or "none". The clock of "staged" is what PUT /test/clock says.
"""

import json
import re
import sys
from datetime import date, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

RULES, FAULT = sys.argv[1:]


def moment(text):
    return datetime.fromisoformat(re.sub("[Zz]$", "+00:00", text))


def broken(body):
    """The first rule that a request breaks."""
    rules = {"invoices": invoices, "opening": opening, "pickups": pickups, "staged": staged}
    return rules[RULES](body)


def pickups(body):
    now = datetime.now(timezone.utc)
    start, until = moment(body["from"]), moment(body["until"])
    lead = timedelta(hours=2 if body["express"] or FAULT == "lead-of-express" else 8)
    if FAULT == "lead-in-minutes":
        lead = timedelta(minutes=lead.total_seconds() / 3600)
    if FAULT == "lead-by-an-hour":
        lead += timedelta(hours=1)
    if start < now + lead and FAULT != "no-lead":
        return "lead-time"
    limit = timedelta(days=31 if FAULT == "far-by-a-day" else 30)
    measured = start if FAULT == "far-from-start" else until
    if measured - now > limit and FAULT != "no-limit":
        return "not-too-far"
    if start == until if FAULT == "unordered" else start >= until:
        return "ordered"
    if "promised" in body:
        promised = moment(body["promised"])
        if promised < (start if FAULT == "promise-of-start" else until):
            return "promise"
        if not body["express"] and FAULT != "promise-for-all":
            return "promise"
    return None


def opening(body):
    now, start = datetime.now(timezone.utc), moment(body["from"])
    local = start.astimezone(timezone.utc if FAULT == "hours-in-utc" else ZoneInfo("Europe/Berlin"))
    closes = 13 if local.weekday() == 5 and FAULT != "long-saturdays" else 18
    closes += FAULT == "closes-late"
    opens = 8 if FAULT == "opens-early" else 9
    if not opens <= local.hour < closes:
        return "open"
    if local.weekday() == 6 and FAULT != "open-on-sundays":
        return "never-on-sundays"
    if start <= now and FAULT != "also-in-the-past":
        return "ahead"
    days = {"two-weeks": 14, "no-limit": 9999}.get(FAULT, 60)
    return "within-two-months" if start - now > timedelta(days=days) else None


def invoices(body):
    today = datetime.now(timezone.utc).date()
    if FAULT == "invoice-needed" and "invoice_day" not in body:
        return "invoice-later"
    if FAULT == "invoice-any-day" or "invoice_day" not in body:
        return None
    day = date.fromisoformat(body["invoice_day"])
    off = {"invoice-today": -1, "invoice-after-tomorrow": 1}.get(FAULT, 0)
    return "invoice-later" if day <= today + timedelta(days=off) else None


CLOCK = {}


def staged(body):
    now, start = CLOCK["now"], moment(body["from"])
    lead = timedelta(hours=2 if body["express"] else 8)
    late = start <= now + lead if FAULT == "no-lead-at-the-border" else start < now + lead
    if late and FAULT != "no-lead":
        return "lead-time"
    berlin = now.astimezone(ZoneInfo("Europe/Berlin"))
    if berlin.weekday() == (5 if FAULT == "saturdays" else 6) and not body["express"]:
        return "not-booked-on-sundays"
    first = moment("2024-05-02T00:00:00Z" if FAULT == "a-day-later" else "2024-05-01T00:00:00Z")
    last = 10 if FAULT == "a-month-longer" else 9
    if body["express"] and not (now >= first and berlin.month <= last):
        return "summer-only"
    return None


class Handler(BaseHTTPRequestHandler):
    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        CLOCK["now"] = moment(body["now"])
        self.send_response(500 if FAULT == "broken-clock" else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rule = broken(body)
        text = json.dumps({"error": {"code": rule}} if rule else {"id": "p_1"}).encode()
        self.send_response(422 if rule else 201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
