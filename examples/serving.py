"""What the servers of the examples have in common: JSON over HTTP, and one rule at a time to get wrong."""

import argparse
import itertools
import json
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Service(BaseHTTPRequestHandler):
    """A server; `answer(body)` gives the status and the answer to a request."""

    protocol_version = "HTTP/1.1"
    # What the command line says: `options.fault`.
    options = None
    # Of what it makes: requests may come at the same time.
    numbers = itertools.count()

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, answer = self.answer(json.loads(raw or "null", parse_float=Decimal))
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PATCH = do_DELETE = do_POST


def refused(rules, conflicts=(), forbidden=()):
    """The answer to a request that breaks rules: it names the first; None where it breaks none."""
    rule = next(iter(rules), None)
    return rule and error(403 if rule in forbidden else 409 if rule in conflicts else 422, rule)


def error(status, code):
    return status, {"error": {"code": code, "message": code.replace("-", " ")}}


def serve(service, faults, **settings):
    """Serves by the command line until killed; `settings` are options of one's own, with their defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault", choices=[*faults, "list"])
    parser.add_argument("--port", type=int, default=0)
    for name, default in settings.items():
        parser.add_argument(f"--{name}", default=default)
    service.options = parser.parse_args()
    if service.options.fault == "list":
        print("\n".join(faults))
        return
    server = ThreadingHTTPServer(("127.0.0.1", service.options.port), service)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
