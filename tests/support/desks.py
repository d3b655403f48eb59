"""A server of bookings that knows who asks by a token, and can get that wrong: `python desks.py FAULT`."""

import itertools
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULT = sys.argv[1]
PEOPLE = {
    "Bearer of-ann": {"id": "ann", "role": "customer", "limit": 10},
    "Bearer of-bob": {"id": "bob", "role": "customer", "limit": 5},
    "Bearer of-staff": {"id": "staff", "role": "staff", "limit": 100},
}
BOOKINGS = {}
NUMBERS = itertools.count()


def answer(path, who, body):
    match path.strip("/").split("/"):
        case ["bookings"]:
            limit = 10 if FAULT == "one-limit-for-all" else who["limit"]
            if body["seats"] > limit:
                return 403, {}
            key = f"b{next(NUMBERS)}"
            owner = "staff" if FAULT == "staff-owns-all" else who["id"]
            BOOKINGS[key] = {"owner": owner, "cancelled": False}
            return 201, {"id": key}
        case ["bookings", key, "cancel"] if key in BOOKINGS:
            booking = BOOKINGS[key]
            is_staff = who["role"] == "staff" and FAULT != "staff-is-nobody"
            is_own = booking["owner"] == who["id"] or FAULT == "anybody-cancels"
            if not (is_staff or is_own and FAULT != "owners-are-nobody"):
                return 403, {}
            if booking["cancelled"] and FAULT != "cancels-twice":
                return 409, {}
            booking["cancelled"] = True
            return 200, {}
    return 404, {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        who = PEOPLE.get(self.headers.get("Authorization", ""))
        status, said = (401, {}) if who is None else answer(self.path, who, json.loads(raw or b"{}"))
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
