"""A server that reads every way of writing a value, for tests of emitted suites.

    python parsing_server.py FORGOTTEN

prints its address and serves until it is killed. It reads requests by the styles of
OpenAPI, with the parsers of the standard library where there are some, refuses what it
can't read (400), and what breaks a rule (422) but for the FORGOTTEN one ("all": every one).
"""

import email.parser
import email.policy
import http.cookies
import json
import re
import sys
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

FORGOTTEN = sys.argv[1]


def number(text):
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise ValueError(f"{text!r} is no number")
    return Decimal(text)


def pairs(parts):
    """A list of keys and values as an object."""
    if len(parts) % 2:
        raise ValueError(f"{parts} are no pairs")
    return dict(zip(parts[::2], parts[1::2]))


def assigned(parts, separator="="):
    return dict(part.split(separator, 1) for part in parts)


def numbers(value):
    if isinstance(value, dict):
        return {key: number(text) for key, text in value.items()}
    return [number(text) for text in value]


def deep(items, name):
    found = {}
    for key, text in items:
        inside = re.fullmatch(re.escape(name) + r"\[([^\[\]]+)\]", key)
        if inside:
            found[inside[1]] = text
    return found


def search(handler):
    url = urlsplit(handler.path)
    ids, point = url.path.removeprefix("/search/").split("/")
    raw = [pair.split("=", 1) for pair in url.query.split("&")] if url.query else []
    items = parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(raw))
    raw = {unquote(key): text for key, text in raw}
    read = {
        "ids": numbers(ids.split(",")),
        "point": numbers(assigned(point.removeprefix(";").split(";"))),
    }
    # Delimited lists are split before their items are decoded.
    if "tags" in raw:
        read["tags"] = [unquote(item) for item in raw["tags"].split(",")]
    if "near" in raw:
        read["near"] = numbers(raw["near"].split("%20"))
    if "codes" in raw:
        read["codes"] = raw["codes"].split("%7C")
        for code in read["codes"]:
            if not re.fullmatch("[a-z]{2}", code):
                raise ValueError(f"{code!r} is no code")
    found = deep(items, "filter")
    if found:
        read["filter"] = {key: number(text) if key in ("min", "max") else text for key, text in found.items()}
    page = {key: number(text) for key, text in items if key in ("limit", "offset")}
    if page:
        read["page"] = page
    sort = [text for key, text in items if key == "sort"]
    if sort:
        read["sort"] = sort
    where = [text for key, text in items if key == "where"]
    if where:
        read["where"] = json.loads(where[0], parse_float=Decimal)
    known = {"tags", "near", "codes", "sort", "where", "limit", "offset"}
    strangers = [key for key, _ in items if key not in known and not key.startswith("filter[")]
    if strangers:
        raise ValueError(f"{strangers} aren't declared")
    if "X-Range" in handler.headers:
        read["range"] = numbers(handler.headers["X-Range"].split(","))
    if "X-Box" in handler.headers:
        read["box"] = numbers(assigned(handler.headers["X-Box"].split(",")))
    cookies = http.cookies.SimpleCookie(handler.headers.get("Cookie", ""))
    if "session" in cookies:
        read["session"] = unquote(cookies["session"].value)
    if "prefs" in cookies:
        read["prefs"] = [unquote(item) for item in cookies["prefs"].value.split(",")]
    return read


def labels(handler):
    scale, steps, spread = urlsplit(handler.path).path.removeprefix("/labels/").split("/")
    if not (scale.startswith(".") and steps.startswith(".") and spread.startswith(";range=")):
        raise ValueError(f"{scale} {steps} {spread}")
    return {
        "scale": number(scale[1:]),
        "steps": numbers(steps[1:].split(".")),
        "range": numbers(spread.removeprefix(";range=").split(",")),
    }


def order(handler, body):
    if handler.headers["Content-Type"] != "application/x-www-form-urlencoded":
        raise ValueError(handler.headers["Content-Type"])
    items = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    plain = dict(items)
    read = {"name": plain["name"], "amount": number(plain["amount"])}
    if "paid" in plain:
        read["paid"] = number(plain["paid"])
    tags = [text for key, text in items if key == "tags"]
    if tags:
        read["tags"] = tags
    if "codes" in plain:
        read["codes"] = plain["codes"].split(",")
    if "address" in plain:
        read["address"] = json.loads(plain["address"])
    limits = deep(items, "limits")
    if limits:
        read["limits"] = numbers(limits)
    return read


def upload(handler, body):
    head = f"Content-Type: {handler.headers['Content-Type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    read = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="Content-Disposition")
        text = part.get_payload(decode=True).decode()
        kind = part.get_content_type() if "Content-Type" in part else None
        expected = {"document": "text/csv", "meta": "application/json"}.get(name)
        if kind != expected or (part.get_filename() is not None) != (name == "document"):
            raise ValueError(f"{name} is {kind} {part.get_filename()}")
        if name == "labels":
            read.setdefault(name, []).append(text)
        elif name == "meta":
            read[name] = json.loads(text)
        elif name in ("pages", "first"):
            read[name] = number(text)
        else:
            read[name] = text
    return {"title": read["title"], "pages": read["pages"], **read}


def broken(operation, read):
    """The rules that a request breaks."""
    get = read.get
    inside = {name: read[name] if isinstance(get(name), dict) else {} for name in ("page", "filter", "where", "box")}
    page, wanted, where, box = inside.values()
    if operation == "search":
        yield "ids-rise", not read["ids"][0] < read["ids"][1]
        yield "point-on-id", read["point"]["x"] != read["ids"][0]
        yield "tags-per-page", "tags" in read and "limit" in page and len(read["tags"]) > page["limit"]
        yield "codes-for-near", "near" in read and "codes" in read and len(read["near"]) != len(read["codes"])
        yield "filter-range", "max" in wanted and wanted["min"] > wanted["max"]
        yield "sorted-pages", "offset" in page and "sort" not in read
        yield "where-range", "from" in where and where.get("to") is not None and where["from"] > where["to"]
        yield "range", "range" in read and read["range"][0] > read["range"][1]
        yield "wide", "w" in box and "h" in box and not box["w"] < box["h"]
        yield "prefs-of-session", "prefs" in read and "session" not in read
        yield "known-pref", "prefs" in read and read["prefs"][0] != "x y"
    elif operation == "labels":
        yield "scaled", not (read["scale"] > read["steps"][0] and read["steps"][0] < read["steps"][1])
        yield "range-rises", not read["range"][0] < read["range"][1]
    elif operation == "order":
        address, limits = get("address", {}), get("limits", {})
        yield "paid-within-amount", "paid" in read and read["paid"] > read["amount"]
        yield "tags-and-codes", "tags" in read and "codes" in read and len(read["tags"]) != len(read["codes"])
        yield "zip-with-city", "zip" in address and "city" not in address
        yield "limits", "low" in limits and "high" in limits and limits["low"] > limits["high"]
    else:
        meta = get("meta", {})
        yield "first-page", "first" in read and read["first"] > read["pages"]
        yield "year-with-author", "year" in meta and "author" not in meta
        yield "labels-for-document", "labels" in read and "document" not in read


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        operation = search if self.path.startswith("/search/") else labels
        self.answer(operation.__name__, lambda: operation(self))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = order if self.path == "/orders" else upload
        self.answer(operation.__name__, lambda: operation(self, body))

    def answer(self, operation, read):
        try:
            cookies = http.cookies.SimpleCookie(self.headers.get("Cookie", ""))
            if operation == "labels" and cookies["sid"].value != "sesame":
                raise ValueError("who?")
            found = [rule for rule, is_broken in broken(operation, read()) if is_broken and FORGOTTEN not in (rule, "all")]
            status, said = (422, {"rule": found[0]}) if found else (200, {})
        except (ValueError, KeyError, IndexError) as error:
            status, said = 400, {"unreadable": str(error)}
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
