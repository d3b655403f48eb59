"""What the servers of the examples have in common: JSON over HTTP, and one rule at a time to get wrong."""

import argparse
import itertools
import json
import re
from datetime import datetime
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


TYPES = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, Decimal)) and not isinstance(value, bool),
    "integer": lambda value: TYPES["number"](value) and value == int(value),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
DATE_TIME = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"


def fits(schema, value):
    """Whether a value is what a schema of the API document says, as far as the examples' documents go."""
    if "type" in schema and not TYPES[schema["type"]](value):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if TYPES["number"](value):
        step = schema.get("multipleOf")
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        return low <= value <= high and (step is None or value % Decimal(str(step)) == 0)
    if isinstance(value, str):
        low, high = schema.get("minLength", 0), schema.get("maxLength", len(value))
        return low <= len(value) <= high and (schema.get("format") != "date-time" or is_moment(value))
    if isinstance(value, list):
        items = schema.get("items", {})
        return len(value) <= schema.get("maxItems", len(value)) and all(fits(items, item) for item in value)
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        if not set(schema.get("required", ())) <= value.keys():
            return False
        if others is False and not value.keys() <= known.keys():
            return False
        others = {} if isinstance(others, bool) else others
        return all(fits(known.get(name, others), member) for name, member in value.items())
    return True


def is_moment(text):
    if not re.fullmatch(DATE_TIME, text, re.ASCII):
        return False
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", text.upper()).replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


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
