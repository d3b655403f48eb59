# Written by Crossfield: edits are lost when it runs again.
"""From values to the text of parameters and forms, by the styles of OpenAPI."""

from dataclasses import dataclass
from urllib.parse import quote

from . import exact_json

# What no cookie needs to escape.
COOKIE = "!#$&()*+-./:<=>?@[]^_`{|}~"
BETWEEN = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True)
class Encoding:
    style: str
    explode: bool = False
    media_type: str = None


COMMON = {
    "path": Encoding("simple"),
    "query": Encoding("form", explode=True),
    "header": Encoding("simple"),
    "cookie": Encoding("form", explode=True),
    "body": Encoding("field"),
}


def named(words):
    """What "label explode" or "file image/png" means."""
    style, *others = words.split()
    kinds = [word for word in others if "/" in word]
    return Encoding(style, "explode" in others, kinds[0] if kinds else None)


def text(value):
    return value if isinstance(value, str) else exact_json.dumps(value)


def escaped(value):
    return quote(text(value), safe="")


def items(value, explode, write):
    """The texts between separators: one, those of a list, or keys and values of an object."""
    if isinstance(value, dict) and explode:
        return [f"{write(key)}={write(item)}" for key, item in value.items()]
    if isinstance(value, dict):
        return [write(part) for pair in value.items() for part in pair]
    return [write(item) for item in (value if isinstance(value, list) else [value])]


def path_text(encoding, name, value):
    """What stands for {name} in a path."""
    if encoding.style == "json":
        return escaped(exact_json.dumps(value))
    found = items(value, encoding.explode, escaped)
    if encoding.style == "label":
        return "." + ("." if encoding.explode else ",").join(found)
    if encoding.style == "matrix" and encoding.explode and isinstance(value, dict):
        return "".join(f";{pair}" for pair in found)
    if encoding.style == "matrix":
        found = found if encoding.explode else [",".join(found)]
        return "".join(f";{escaped(name)}={item}" for item in found)
    return ",".join(found)


def pairs(encoding, name, value, write=escaped):
    """The names and texts of a query, or of a form, that a value becomes."""
    if encoding.style == "json":
        return [(write(name), write(exact_json.dumps(value)))]
    if encoding.style in ("field", "file"):
        return [(write(name), write(item)) for item in (value if isinstance(value, list) else [value])]
    if encoding.style == "deepObject" and isinstance(value, dict):
        return [(write(f"{name}[{key}]"), write(item)) for key, item in value.items()]
    if encoding.explode and isinstance(value, dict):
        return [(write(key), write(item)) for key, item in value.items()]
    found = items(value, False, write)
    if encoding.explode:
        return [(write(name), item) for item in found]
    between = BETWEEN.get(encoding.style, ",")
    # A comma stays as it is: it separates. Blanks and bars may not stand in a query.
    between = between if between == "," else write(between)
    return [(write(name), between.join(found))]


def query_text(encodings, values):
    found = [pair for name, value in values.items() for pair in pairs(encodings("query", name), name, value)]
    return "&".join(f"{name}={item}" for name, item in found)


def header_text(encoding, value):
    if encoding.style == "json":
        return exact_json.dumps(value)
    return ",".join(items(value, encoding.explode, text))


def cookie_text(encodings, values):
    def write(value):
        return quote(text(value), safe=COOKIE)

    found = [pair for name, value in values.items() for pair in pairs(encodings("cookie", name), name, value, write)]
    return "; ".join(f"{name}={item}" for name, item in found)


def form_text(encodings, fields):
    """An application/x-www-form-urlencoded body."""
    found = [pair for name, value in fields.items() for pair in pairs(encodings("body", name), name, value)]
    return "&".join(f"{name}={item}" for name, item in found)


def multipart_text(encodings, fields):
    """The boundary of a multipart/form-data body, and the body."""
    parts = [
        (part_head(encoding, field, value), item)
        for name, value in fields.items()
        for encoding in [encodings("body", name)]
        for field, item in pairs(encoding, name, value, text)
    ]
    boundary = "crossfield"
    while any(boundary in item or boundary in head for head, item in parts):
        boundary += "-"
        boundary += str(len(boundary))
    body = "".join(f"--{boundary}\r\n{head}\r\n\r\n{item}\r\n" for head, item in parts)
    return boundary, f"{body}--{boundary}--\r\n"


def part_head(encoding, name, value):
    shown = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'Content-Disposition: form-data; name="{shown}"'
    media_type = encoding.media_type
    if encoding.style == "file":
        head += f'; filename="{shown}"'
        media_type = media_type or "application/octet-stream"
    is_json = encoding.style == "json" or encoding.style == "field" and holds_objects(value)
    if is_json and not media_type:
        media_type = "application/json"
    return head + (f"\r\nContent-Type: {media_type}" if media_type else "")


def holds_objects(value):
    return isinstance(value, dict) or isinstance(value, list) and any(isinstance(item, dict) for item in value)
