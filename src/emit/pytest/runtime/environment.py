# Written by Crossfield: edits are lost when it runs again.
"""What the environment says: where the API is, and who asks."""

import os
from urllib.parse import urlsplit

SECRETS = {"API_TOKEN", "API_USER", "API_PASSWORD", "API_KEY"}


def problem():
    """Why no request can be sent, or None."""
    url = os.environ.get("API_BASE_URL", "")
    if not url:
        return "API_BASE_URL is not set: set it to the address of the API, such as https://staging.example/v1"
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        return "API_BASE_URL is not an address such as https://staging.example/v1"
    if "@" in parts.netloc:
        return "API_BASE_URL holds a user name: use API_USER and API_PASSWORD, or API_TOKEN"
    try:
        timeout()
    except ValueError:
        return "API_TIMEOUT is not a number of seconds"
    return None


def base_url():
    return os.environ["API_BASE_URL"].rstrip("/")


def timeout():
    return float(os.environ.get("API_TIMEOUT") or 30)


def value(name):
    return os.environ.get(name, "")


def redact(text):
    """The text without the credentials, should a server or a library repeat them."""
    for secret in sorted(filter(None, map(value, SECRETS)), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
