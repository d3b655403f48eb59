"""Whether what emitted tests write is read back as it was meant.

    python read_back.py FOLDER < LINES

FOLDER holds the runtime of emitted tests; each line is a value and a style, as JSON.
Prints what isn't read back, and how many values were. The reader is of its own.
"""

import email.parser
import email.policy
import json
import sys
from urllib.parse import parse_qsl, unquote

sys.path.insert(0, sys.argv[1])
from runtime import encoding as writer  # noqa: E402


def shaped(parts, value, explode):
    """The parts of a list or object, with the shape that the schema says."""
    if isinstance(value, dict) and explode:
        return dict(part.split("=", 1) for part in parts)
    if isinstance(value, dict):
        return dict(zip(parts[::2], parts[1::2]))
    if isinstance(value, list):
        return parts
    return parts[0]


def split(text, separator, value, explode, decode=unquote):
    if not isinstance(value, (list, dict)):
        return decode(text)
    found = shaped(text.split(separator), value, explode)
    if isinstance(found, dict):
        return {decode(key): decode(item) for key, item in found.items()}
    return [decode(item) for item in found]


def in_path(text, style, explode, value):
    if style == "json":
        return json.loads(unquote(text))
    if style == "simple":
        return split(text, ",", value, explode)
    if style == "label":
        return split(text.removeprefix("."), "." if explode else ",", value, explode)
    pairs = [pair.split("=", 1) for pair in text.removeprefix(";").split(";")]
    if explode and isinstance(value, dict):
        return {unquote(key): unquote(item) for key, item in pairs}
    assert {key for key, _ in pairs} == {"own"}, pairs
    if explode and isinstance(value, list):
        return [unquote(item) for _, item in pairs]
    return split(pairs[0][1], ",", value, False)


def spread(raw, style, explode, value, decode):
    """A query, a form or its parts: pairs of names and texts, not decoded yet."""
    pairs = [(decode(name), item) for name, item in raw]
    own = [item for name, item in pairs if name == "own"]
    if style == "json":
        return json.loads(decode(own[0]))
    if style == "field" and isinstance(value, dict):
        return json.loads(decode(own[0]))
    if style == "field":
        return [decode(item) for item in own] if isinstance(value, list) else decode(own[0])
    if style == "deepObject" and isinstance(value, dict):
        return {name.removeprefix("own[").removesuffix("]"): decode(item) for name, item in pairs}
    if explode and isinstance(value, dict):
        return {name: decode(item) for name, item in pairs}
    if explode or not isinstance(value, (list, dict)):
        return [decode(item) for item in own] if isinstance(value, list) else decode(own[0])
    separator = {"form": ",", "spaceDelimited": " ", "pipeDelimited": "|", "deepObject": ","}[style]
    encoded = separator if separator == "," or decode is same else {" ": "%20", "|": "%7C"}[separator]
    return split(own[0], encoded, value, False, decode)


def same(text):
    return text


def multipart(boundary, text):
    head = f"Content-Type: multipart/form-data; boundary={boundary}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + text.encode())
    for part in message.iter_parts():
        name = part.get_param("name", header="Content-Disposition")
        yield name, part.get_payload(decode=True).decode()


def read_back(line):
    group, style, explode, value = line["group"], line["style"], line["explode"], line["value"]
    own = writer.Encoding(style, explode)

    def encodings(*_):
        return own

    if group == "path":
        return in_path(writer.path_text(own, "own", value), style, explode, value)
    if group == "header":
        text = writer.header_text(own, value)
        return json.loads(text) if style == "json" else split(text, ",", value, explode, same)
    if group == "cookie":
        name, text = writer.cookie_text(encodings, {"own": value}).split("=", 1)
        assert name == "own" and not set(text) & set('; "\\'), text
        return json.loads(unquote(text)) if style == "json" else split(text, ",", value, False)
    if group == "query":
        text = writer.query_text(encodings, {"own": value})
    elif line["form"] == "urlencoded":
        text = writer.form_text(encodings, {"own": value})
    else:
        parts = list(multipart(*writer.multipart_text(encodings, {"own": value})))
        return spread(parts, style, explode, value, same)
    assert parse_qsl(text, keep_blank_values=True, strict_parsing=True) and not set(text) & set(' "#<>[]|'), text
    return spread([pair.split("=", 1) for pair in text.split("&")], style, explode, value, unquote)


count = 0
for line in map(json.loads, sys.stdin):
    try:
        found = read_back(line)
    except Exception as error:  # what can't be read at all is a finding as well
        found = repr(error)
    if found == line["value"]:
        count += 1
    else:
        print(f"{line} is read back as {found!r}")
print(f"{count} read back")
