"""A server of bookings that knows who asks by a token, and can get that wrong: `python desks.py FAULT [BY]`.

BY says where requests carry the token: bearer, basic, header, query or cookie.
"""

import base64
import itertools
import json
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FAULT, BY = [*sys.argv[1:], "bearer"][:2]
PEOPLE = {
    "of-ann": {"id": "ann", "role": "customer", "limit": 10},
    "of-bob": {"id": "bob", "role": "customer", "limit": 5},
    "of-staff": {"id": "staff", "role": "staff", "limit": 100},
}
BOOKINGS = {}
NUMBERS = itertools.count()


def token(target, headers):
    """What a request says of who sends it."""
    authorization = headers.get("Authorization", "")
    match BY:
        case "bearer":
            return authorization.removeprefix("Bearer ")
        case "basic":
            return base64.b64decode(authorization.removeprefix("Basic ")).decode()
        case "header":
            return headers.get("X-Key", "")
        case "query":
            return "".join(parse_qs(urlsplit(target).query).get("key", []))
        case "cookie":
            cookie = SimpleCookie(headers.get("Cookie", "")).get("key")
            return cookie.value if cookie else ""


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
                return 410, {}
            booking["cancelled"] = True
            return 200, {}
    return 404, {"code": "cancelBooking-exists"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        who = PEOPLE.get(token(self.path, self.headers))
        path = urlsplit(self.path).path
        status, said = (401, {}) if who is None else answer(path, who, json.loads(raw or b"{}"))
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
