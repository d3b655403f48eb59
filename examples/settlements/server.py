"""The server of the example, where people log in and payments settle later: right, or with a fault.

    python server.py [--port NUMBER] [--fault NAME] [--log FILE]

prints its address and serves until it is killed. `--fault list` names the faults;
each request and its answer is appended to the log as a line of JSON. Who may log
in is clara, with the password "open sesame".
"""

import argparse
import itertools
import json
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Rules that are got wrong, and ways to let tests down.
FAULTS = ["fee-up-to-amount", "others-pay", "refunds-too-much", "deletes-nothing"]
TROUBLES = ["never-settles", "no-login", "no-customers", "keeps-payments", "forgets-tokens"]

parser = argparse.ArgumentParser()
parser.add_argument("--fault", choices=[*FAULTS, *TROUBLES, "list"])
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--log")
OPTIONS = parser.parse_args()
FAULT = OPTIONS.fault
if FAULT == "list":
    print("\n".join(FAULTS))
    sys.exit()

# How many seconds it takes.
SETTLES = 0.15
# Payments that were deleted, and are there nevertheless.
KEPT = set()
CUSTOMERS, PAYMENTS, EMAILS, REFERENCES = {}, {}, set(), set()
TOKENS = set()
NUMBERS = itertools.count(1)
LOCK = threading.Lock()


def log_in(body):
    if body != {"user": "clara", "password": "open sesame"} or FAULT == "no-login":
        return 401, {"given": body}
    token = f"token-{secrets.token_hex(4)}"
    TOKENS.add(token)
    return 200, {"token": token}


def create_customer(body):
    if FAULT == "no-customers" or body["email"] in EMAILS:
        return 422, {}
    EMAILS.add(body["email"])
    key = f"cus_{next(NUMBERS)}x{secrets.token_hex(2)}"
    CUSTOMERS[key] = body
    return 201, {"id": key}


def create_payment(body):
    fee, amount = body.get("fee", 0), body["amount"]
    if body["customer"] not in CUSTOMERS or body["reference"] in REFERENCES:
        return 404, {}
    if fee > amount or fee == amount and FAULT != "fee-up-to-amount":
        return 422, {}
    if fee and not CUSTOMERS[body["customer"]].get("contract") and FAULT != "others-pay":
        return 422, {}
    REFERENCES.add(body["reference"])
    key = f"pay_{next(NUMBERS)}"
    PAYMENTS[key] = {"amount": amount, "refunded": 0, "since": time.monotonic(), "of": body["customer"]}
    return 202, {"id": key}


def is_settled(payment):
    return FAULT != "never-settles" and time.monotonic() - payment["since"] > SETTLES


def refund(payment, body):
    if not is_settled(payment):
        return 425, {}
    limit = payment["amount"] + (1 if FAULT == "refunds-too-much" else 0)
    if payment["refunded"] + body["amount"] > limit or body["by"] != "clara-7":
        return 409, {}
    payment["refunded"] += body["amount"]
    # It takes its time as well.
    payment["since"] = time.monotonic()
    return 200, {}


def delete_customer(key):
    """Customers with payments stay: what is made last has to be deleted first."""
    if any(payment["of"] == key for payment in PAYMENTS.values()):
        return 409, {}
    del CUSTOMERS[key]
    return 204, None


def answer(method, path, body):
    match method, *path.strip("/").split("/"):
        case "POST", "customers":
            return create_customer(body)
        case "DELETE", "customers", key if key in CUSTOMERS:
            return delete_customer(key)
        case "POST", "payments":
            return create_payment(body)
        case "GET" | "DELETE", "payments", key if key in KEPT:
            return 200, {"id": key, "status": "settled"}
        case "GET", "payments", key if key in PAYMENTS:
            return 200, {"id": key, "status": "settled" if is_settled(PAYMENTS[key]) else "pending"}
        case "DELETE", "payments", key if key in PAYMENTS:
            if FAULT == "keeps-payments":
                return 500, {}
            del PAYMENTS[key]
            if FAULT == "deletes-nothing":
                KEPT.add(key)
            return 204, None
        case "POST", "payments", key, "refunds" if key in PAYMENTS:
            return refund(PAYMENTS[key], body)
    return 404, {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(raw) if raw else None
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with LOCK:
            if (self.command, self.path) == ("POST", "/login"):
                status, said = log_in(body)
            elif token in TOKENS and FAULT != "forgets-tokens":
                status, said = answer(self.command, self.path, body)
            else:
                status, said = 401, {"given": token}
            left = [*CUSTOMERS, *PAYMENTS]
            entry = {"method": self.command, "path": self.path, "body": body, "status": status, "left": left}
            if OPTIONS.log:
                with open(OPTIONS.log, "a") as log:
                    log.write(json.dumps(entry) + "\n")
        data = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Clerk", "clara-7")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_DELETE = handle_any


server = ThreadingHTTPServer(("127.0.0.1", OPTIONS.port), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
