# Written by Crossfield: edits are lost when it runs again.
"""What the environment says: where the API is, and who asks."""

import os
from urllib.parse import urlsplit

# Variables of credentials, and credentials that setup steps saved.
SECRETS = {"API_TOKEN", "API_USER", "API_PASSWORD", "API_KEY"}
HIDDEN = set()


def problem():
    """Why no request can be sent, or None."""
    url = os.environ.get("API_BASE_URL", "")
    if not url:
        return "API_BASE_URL is not set: set it to the address of the API, such as https://staging.example/v1"
    wrong = bad_address("API_BASE_URL", url)
    if wrong:
        return wrong
    try:
        timeout()
    except ValueError:
        return "API_TIMEOUT is not a number of seconds"
    return None


def bad_address(name, url):
    """Why a variable holds no address of an API, or None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        return f"{name} is not an address such as https://staging.example/v1"
    if "@" in parts.netloc:
        return f"{name} holds a user name: use API_USER and API_PASSWORD, or API_TOKEN"
    return None


def first_problem(unset):
    """Why no request can be sent, all variables that aren't set in one message, or None."""
    if not unset:
        return problem()
    lines = [f"{', '.join(unset)}; set each to what the server under test has"]
    if not value("API_BASE_URL"):
        lines.insert(0, "API_BASE_URL, the address of the API, such as https://staging.example/v1")
    return "not set: " + "\n  and ".join(lines)


def base_url(variable=None):
    return os.environ[variable or "API_BASE_URL"].rstrip("/")


def timeout():
    return float(os.environ.get("API_TIMEOUT") or 30)


def value(name):
    return os.environ.get(name, "")


def redact(text):
    """The text without the credentials, should a server or a library repeat them."""
    for secret in sorted(filter(None, {*map(value, SECRETS), *HIDDEN}), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
