"""A small payments server in one of several moods, for tests of emitted suites.

    python fake_payments.py MOOD LOG

prints its address, serves until it is killed, and appends each request to LOG
as a line of JSON.
"""

import itertools
import json
import re
import sys
import time
from decimal import Decimal
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOOD, LOG = sys.argv[1:]
CAP = Decimal(300)
# How moods refuse a fee above the cap.
REFUSED = {"crashing": 503, "hiding": 404, "tired": 429, "moved": 302}
# What moods ask for that want to be asked again later.
WAITING = {
    "recovering": lambda: "1",
    "recovering-by-date": lambda: formatdate(time.time() + 2, usegmt=True),
    "overloaded": lambda: "0",
    "away": lambda: "3600",
}
payments = {}
numbers = itertools.count(1)
seen = itertools.count()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        record = {"path": self.path, "headers": dict(self.headers), "body": raw}
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps(record) + "\n")
        status, answer = self.answer(raw)
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status == 302:
            self.send_header("Location", "/v1/payments/elsewhere")
        if status == 429 and MOOD in WAITING:
            self.send_header("Retry-After", WAITING[MOOD]())
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def answer(self, raw):
        if MOOD == "unauthorized":
            return 401, {"error": {"code": "who", "given": self.headers.get("Authorization")}}
        if MOOD == "refuses":
            return 400, {"error": {"code": "invalid"}}
        if MOOD == "broken":
            return 500, {"error": {"code": "oops"}}
        if MOOD.startswith("recovering") and next(seen) < 2:
            return 429, {"error": {"code": "slow down"}}
        if MOOD in ("overloaded", "away"):
            return 429, {"error": {"code": "slow down"}}
        if MOOD == "busy":
            return 429, {"error": {"code": "slow down"}}
        if MOOD == "slow":
            time.sleep(3)
        if self.headers.get("Authorization") != "Bearer sesame-4711":
            return 401, {"error": {"code": "who"}}
        body = json.loads(raw, parse_float=Decimal)
        path = self.path.split("?")[0]
        if path == "/v1/payments":
            return self.pay(body)
        refund = re.fullmatch(r"/v1/payments/(pay%2F\d+)/refunds", path)
        if refund and refund[1] in payments:
            return self.refund(payments[refund[1]], body)
        return 404, {"error": {"code": "not_found"}}

    def pay(self, body):
        capped = body["tier"] == "standard"
        if MOOD == "mistaken":
            return 422, {"error": {"code": "fee-within-cap"}}
        too_much = body["fee"] >= CAP if MOOD == "strict" else body["fee"] > CAP
        if capped and too_much and MOOD != "careless":
            return REFUSED.get(MOOD, 422), {"error": {"code": "other" if MOOD == "mute" else "fee-within-cap"}}
        key = f"pay%2F{next(numbers)}"
        payments[key] = {"amount": body["amount"], "refunded": 0}
        return 201, {} if MOOD == "forgetful" else {"data": {"id": key.replace("%2F", "/")}}

    def refund(self, payment, body):
        refunded = 0 if MOOD == "careless" else payment["refunded"]
        if refunded + body["amount"] > payment["amount"]:
            return 409, {}
        payment["refunded"] += body["amount"]
        return 201, {"id": 1}


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}/v1/", flush=True)
server.serve_forever()
