# Written by Crossfield: edits are lost when it runs again.
"""JSON without binary floating point: 10.10 stays 10.10."""

import json
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Written:
    """JSON text that no value says."""

    text: str


def written(text):
    """A value that is written as this JSON text: 1.0 for 1, half of a character, a name twice."""
    return Written(text)


def loads(text):
    return json.loads(text, parse_float=Decimal)


def dumps(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{dumps(key)}: {dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dumps, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Written):
        return value.text
    if isinstance(value, float):
        raise TypeError(f"write Decimal('{value}') for {value}: a float is not exact")
    return json.dumps(value, ensure_ascii=False)


def equal(a, b):
    """Whether two values are the same as JSON: True is not 1, and 1.0 is 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a == b


def at(value, path):
    """The values (none or one) below the members, or item numbers, of a path."""
    for key in path:
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and str(key).isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return []
    return [value]
