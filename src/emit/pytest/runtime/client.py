# Written by Crossfield: edits are lost when it runs again.
"""Sends requests, and shows them as commands that anybody can repeat."""

import base64
import functools
import re
import shlex
from urllib.parse import quote

import requests

from . import encoding, environment, exact_json
from .request import FromSetup


class Unreachable(Exception):
    """The server doesn't answer at all."""


class TooSlow(Exception):
    """The server doesn't answer in time."""


class Answer:
    def __init__(self, status, text, headers=(), cookies=()):
        self.status = status
        self.text = text
        # Pairs of names and texts.
        self.headers = list(headers)
        self.cookies = list(cookies)

    def json(self):
        """The body, or None where it is no JSON."""
        try:
            return exact_json.loads(self.text)
        except ValueError:
            return None

    def __str__(self):
        body = environment.redact(self.text.strip())
        return f"{self.status} {body[:2000]}{' ...' if len(body) > 2000 else ''}".strip()


def send(request):
    """The answer to a request. The values of earlier answers are in it already."""
    headers = {"Accept": "application/json", "Connection": "close", "User-Agent": "crossfield"}
    cookies = [f"{secret.cookie}={secret.value()}" for secret in secrets(request) if secret.cookie]
    headers |= {name: text.encode() for name, text in plain_headers(request, cookies)}
    url = environment.base_url(request.operation.base_url) + target(request)
    for secret in secrets(request):
        if secret.cookie:
            continue
        if secret.query:
            url += f"{'&' if '?' in url else '?'}{quote(secret.query, safe='')}={quote(secret.value(), safe='')}"
        else:
            headers[secret.header] = secret.value().encode()
    try:
        answer = requests.request(
            request.operation.method,
            url,
            headers=headers,
            data=body_of(request)[1].encode() if "body" in request.parts else None,
            timeout=environment.timeout(),
            allow_redirects=False,
            # A function of its own, for otherwise a .netrc file overrides the header.
            auth=lambda prepared: prepared,
        )
    except requests.exceptions.RequestException as error:
        said = environment.redact(str(error))
        if isinstance(error, requests.exceptions.ReadTimeout) or "Read timed out" in said:
            raise TooSlow(f"no answer within {environment.timeout():g} s") from None
        raise Unreachable(said) from None
    text = answer.content.decode("utf-8", "replace")
    return Answer(answer.status_code, text, answer.headers.items(), cookies_of(answer))


def cookies_of(answer):
    """The cookies that an answer sets."""
    for line in answer.raw.headers.getlist("Set-Cookie"):
        name, _, text = line.partition(";")[0].strip().partition("=")
        yield name, text


def target(request):
    """The path and the query."""
    operation = request.operation
    values = request.parts["path"]
    texts = {name: encoding.path_text(operation.encoding("path", name), name, values[name]) for name in values}
    # All at once: a value may look like a name in braces.
    path = re.sub(r"\{([^{}]*)\}", lambda found: texts.get(found[1], found[0]), operation.path)
    query = encoding.query_text(operation.encoding, request.parts["query"])
    return f"{path}?{query}" if query else path


def plain_headers(request, secret_cookies=()):
    operation = request.operation
    if "body" in request.parts:
        yield "Content-Type", body_of(request)[0]
    cookies = encoding.cookie_text(operation.encoding, request.parts["cookie"])
    cookies = "; ".join([*filter(None, [cookies]), *secret_cookies])
    if cookies:
        yield "Cookie", cookies
    for name, value in request.parts["header"].items():
        yield name, encoding.header_text(operation.encoding("header", name), value)


def body_of(request):
    """The media type and the text of the body."""
    operation, body = request.operation, request.parts["body"]
    media_type = operation.media_type or "application/json"
    kind = media_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return media_type, encoding.form_text(operation.encoding, body)
    if kind == "multipart/form-data":
        boundary, text = encoding.multipart_text(operation.encoding, body)
        return f"{kind}; boundary={boundary}", text
    return media_type, exact_json.dumps(body)


class Secret:
    """A credential: its value for the server, its name for people."""

    def __init__(self, needs, shown, value, header="Authorization", query=None, cookie=None, read=environment.value):
        self.needs = needs
        self.shown = shown
        self.value = value
        self.read = read
        self.header = header
        self.query = query
        self.cookie = cookie

    def is_there(self):
        return all(map(self.read, self.needs))


def ways(operation, credential=None, saved=None):
    """How the operation takes credentials: those of everybody, what a variable of the environment holds, or
    what a setup step saved."""
    read = environment.value
    if isinstance(credential, FromSetup):
        text = str((saved or {}).get(credential.name, ""))
        credential, read = credential.name.upper(), lambda _: text
    token, key = credential or "API_TOKEN", credential or "API_KEY"
    for kind in operation.security:
        kind, _, name = kind.partition(" ")
        if kind == "bearer":
            yield Secret([token], f"Bearer ${token}", lambda: "Bearer " + read(token), read=read)
        elif kind == "basic":
            needs = [credential] if credential else ["API_USER", "API_PASSWORD"]
            yield Secret(needs, None, functools.partial(basic, needs, read), read=read)
        elif kind == "header":
            yield Secret([key], f"${key}", lambda: read(key), header=name, read=read)
        elif kind == "cookie":
            yield Secret([key], f"${key}", lambda: read(key), cookie=name, read=read)
        elif kind == "query":
            yield Secret([key], f"${key}", lambda: read(key), query=name, read=read)


def basic(needs, read):
    """A user and a password: one variable of the environment each, or both in one."""
    pair = ":".join(map(read, needs))
    return "Basic " + base64.b64encode(pair.encode()).decode()


def secrets(request):
    """The credentials of who sends the request."""
    actor = request.parts.get("actor")
    credential = request.operation.actors.get(actor)
    if actor is not None and not credential:
        return []
    return [way for way in ways(request.operation, credential, request.saved) if way.is_there()]


def lacking(request):
    """A hint where the operation asks for credentials and there are none."""
    if request.parts.get("actor") is not None:
        return ""
    needs = [" and ".join(way.needs) for way in ways(request.operation)]
    if needs and not secrets(request):
        return f" ({' or '.join(dict.fromkeys(needs))} not set)"
    return ""


def curl(request):
    """A command that sends the request; credentials stay in the environment."""
    url = f'"${request.operation.base_url or "API_BASE_URL"}"' + shlex.quote(target(request))
    options = []
    for secret in secrets(request):
        if secret.query:
            joint = "&" if "?" in target(request) else "?"
            url += shlex.quote(f"{joint}{quote(secret.query, safe='')}=") + f'"{secret.shown}"'
        elif secret.cookie:
            # A second cookie header: servers join them.
            options.append(f'-H "Cookie: {secret.cookie}={secret.shown}"')
        elif secret.shown:
            options.append(f'-H "{secret.header}: {secret.shown}"')
        else:
            pair = ":".join(f"${name}" for name in secret.needs)
            options.append(f'-u "{pair}"')
    options += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in plain_headers(request)]
    if "body" in request.parts:
        body = body_of(request)[1]
        if "\r" in body:
            options.append(f"--data-binary {ansi(body)}")
        else:
            options.append(f"--data-raw {shlex.quote(body)}")
    return environment.redact(" \\\n    ".join([f"curl -X {request.operation.method} {url}", *options]))


def ansi(text):
    """A text with line ends, as shells read it."""
    for char, shown in (("\\", "\\\\"), ("'", "\\'"), ("\r", "\\r"), ("\n", "\\n")):
        text = text.replace(char, shown)
    return f"$'{text}'"
