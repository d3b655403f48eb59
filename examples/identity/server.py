"""The identities of the example: a server that keeps all rules, or all but one.

    python server.py [--fault NAME] [--tenant ID]

prints its address and serves until it is killed. `--fault list` names the faults.
"""

import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from serving import Service, error, refused, serve  # noqa: E402

FAULTS = [
    "grants-for-nobody",
    "token-without-implicit",
    "first-response-type-only",
    "code-token-is-one-word",
    "redirect-uris-for-nobody",
    "redirect-uris-for-codes-only",
    "fragments-allowed",
    "first-redirect-uri-only",
    "web-applications-over-http",
    "native-schemes-without-a-period",
    "any-tenant",
    "password-case-matters",
    "password-unlike-the-whole-name",
    "formatted-name-untrimmed",
    "services-numbered-as-employees",
    "several-primary-addresses",
    "primary-address-optional",
    "only-contractors-end",
    "text-false-is-true",
    "patch-in-small-letters",
    "removes-with-a-value",
    "first-operation-only",
    "origin-ends-with-the-domain",
    "first-hyphen-only",
    "any-number",
    "extensions-without-end",
    "privileged-for-a-day",
    "grant-without-length",
    "approver-and-clerk",
    "auditor-and-administrator",
    "scopes-of-the-first-role",
    "first-scope-only",
    "approves-own-grant",
    "user-approves",
    "privileges-by-text-message",
    "keys-for-a-hundred-thousand",
    "test-key-for-live",
    "keys-valid-after-their-second",
    "domain-after-the-first-at",
    "subdomains-invited",
]
LETTERS = {"employee": "E", "contractor": "C", "service": "S"}
LONGEST = {"standard": timedelta(days=90), "privileged": timedelta(hours=8)}
SCOPES = {
    "invoice_clerk": {"invoices.write", "ledger.read"},
    "payment_approver": {"payments.approve", "ledger.read"},
    "auditor": {"ledger.read"},
    "administrator": {"users.write", "ledger.read"},
}
APART = [({"invoice_clerk", "payment_approver"}, "approver-and-clerk"),
         ({"auditor", "administrator"}, "auditor-and-administrator")]


def moment(text):
    return datetime.fromisoformat(text)


def lasts(entry):
    return moment(entry["valid_until"]) - moment(entry["valid_from"])


def client_rules(body, fault):
    """The rules that a client breaks."""
    grants, types = body["grant_types"], body["response_types"]
    types = types[:1] if fault == "first-response-type-only" else types
    words = types if fault == "code-token-is-one-word" else [w for t in types for w in t.split(" ")]
    codes = ("authorization_code" in grants) == ("code" in words)
    tokens = ("implicit" in grants) == ("token" in words) or fault == "token-without-implicit"
    if not (codes and tokens):
        yield "grant-and-response-types-agree"
    flows = {"authorization_code", "implicit"}
    if fault == "redirect-uris-for-codes-only":
        flows = {"authorization_code"}
    uris = body.get("redirect_uris")
    needs = bool(flows & set(grants))
    if needs and uris is None and fault != "redirect-uris-for-nobody":
        yield "redirect-uris-for-redirect-flows"
    uris = uris or []
    for uri in uris[:1] if fault == "first-redirect-uri-only" else uris:
        if body["application_type"] == "web":
            fits = uri.startswith("https://") or fault == "web-applications-over-http"
        else:
            period = "" if fault == "native-schemes-without-a-period" else "[.][a-z.]+"
            fits = re.match(f"[a-z]+{period}:/[a-z]", uri)
        if not fits or ("#" in uri and fault != "fragments-allowed"):
            yield "redirect-uri-for-application-type"


def user_rules(body, tenant, fault):
    """The rules that a user breaks."""
    if body["tenant"] != tenant and fault != "any-tenant":
        yield "our-tenant"
    password = body["password"] if fault == "password-case-matters" else body["password"].lower()
    if fault == "password-unlike-the-whole-name":
        is_bad = password == body["user_name"]
    else:
        is_bad = body["user_name"] in password
    if is_bad:
        yield "password-without-user-name"
    name = body["name"]
    formatted = f"{name['given']} {name['family']}"
    if fault != "formatted-name-untrimmed":
        formatted = formatted.strip()
    if name["formatted"] != formatted:
        yield "formatted-name"
    letters = LETTERS | ({"service": "E"} if fault == "services-numbered-as-employees" else {})
    if body["number"][0] != letters[body["kind"]]:
        yield "number-tells-the-kind"
    primary = sum(email.get("primary", False) for email in body["emails"])
    if primary == 0 and fault != "primary-address-optional":
        yield "one-primary-address"
    if primary > 1 and fault != "several-primary-addresses":
        yield "one-primary-address"
    external = body.get("attributes", {}).get("external", "false")
    is_external = bool(external) if fault == "text-false-is-true" else external == "true"
    if fault == "text-false-is-true" and "external" not in body.get("attributes", {}):
        is_external = False
    if fault == "only-contractors-end":
        is_external = False
    if (body["kind"] == "contractor" or is_external) and "valid_until" not in body:
        yield "externals-end"


def patch_rules(body, fault):
    """The rules that a patch breaks."""
    operations = body["Operations"]
    for entry in operations[:1] if fault == "first-operation-only" else operations:
        what = entry["op"] if fault == "patch-in-small-letters" else entry["op"].lower()
        if what == "remove":
            fits = "path" in entry and ("value" not in entry or fault == "removes-with-a-value")
        else:
            fits = "value" in entry
        if not fits:
            yield "patch-removes-by-path"


def factor_rules(body, fault):
    """The rules that a factor breaks."""
    if body["kind"] == "sms":
        phone = body["phone"].replace("-", "", 1 if fault == "first-hyphen-only" else -1)
        if phone != body["confirmed_number"] and fault != "any-number":
            yield "codes-go-to-the-confirmed-number"
        return
    origin, domain = body["origin"], body["rp_id"]
    fits = origin.endswith("//" + domain) or origin.endswith("." + domain)
    if fault == "origin-ends-with-the-domain":
        fits = origin.endswith(domain)
    if not fits:
        yield "relying-party-of-the-origin"


def grant_rules(body, user, fault):
    """The rules that a grant breaks."""
    long, level = lasts(body), body["level"]
    is_long = long >= timedelta(0) if fault == "grant-without-length" else long > timedelta(0)
    if "extension" in body and fault != "extensions-without-end":
        long += lasts(body["extension"])
    most = timedelta(days=1) if fault == "privileged-for-a-day" else LONGEST["privileged"]
    if not is_long or long > (most if level == "privileged" else LONGEST["standard"]):
        yield "grant-ends-in-time"
    roles = body["roles"]
    if any(pair <= set(roles) and fault != name for pair, name in APART):
        yield "duties-kept-apart"
    known = roles[:1] if fault == "scopes-of-the-first-role" else roles
    known = set().union(*(SCOPES[role] for role in known))
    scopes = body["scopes"][:1] if fault == "first-scope-only" else body["scopes"]
    if not set(scopes) <= known:
        yield "scopes-of-the-roles"
    barred = {body["requested_by"]: "approves-own-grant"}
    barred.setdefault(user, "user-approves")
    if body["approved_by"] in barred and barred[body["approved_by"]] != fault:
        yield "somebody-else-approves"
    if level == "privileged" and body["confirmed_by"] != "webauthn":
        if not (body["confirmed_by"] == "sms" and fault == "privileges-by-text-message"):
            yield "privileges-need-a-key"


def key_rules(body, fault):
    """The rules that a key breaks."""
    environment = body["environment"]
    named = body["key_name"].startswith(f"gk_{environment}_")
    if fault == "test-key-for-live":
        named = body["key_name"].startswith(("gk_live_", "gk_test_"))
    least = 16 if fault == "keys-for-a-hundred-thousand" else 24
    if not named or (environment == "live" and int(body["allowed_range"].split("/")[1]) < least):
        yield "live-keys-are-narrow"
    issued = int(moment(body["issued_at"]).timestamp() // 1)
    if body["not_before"] < issued + (fault == "keys-valid-after-their-second"):
        yield "key-not-before-its-issue"


def invitation_rules(body, fault):
    """The rules that an invitation breaks."""
    email = body["email"]
    first = fault == "domain-after-the-first-at"
    domain = email.split("@", 1)[1] if first else email.rsplit("@", 1)[1]
    fits = domain in body["domains"]
    if fault == "subdomains-invited":
        fits = any(domain.endswith(known) for known in body["domains"])
    if not fits:
        yield "invited-into-own-domain"


class Identities(Service):
    users = {}

    def answer(self, body):
        fault, users = self.options.fault, self.users
        match [self.command, *self.path.strip("/").split("/")]:
            case ["POST", "register"]:
                return refused(client_rules(body, fault)) or (201, {"id": "client"})
            case ["POST", "users"]:
                answer = refused(user_rules(body, self.options.tenant, fault))
                if answer:
                    return answer
                key = f"usr_{next(self.numbers):04x}"
                users[key] = body["user_name"]
                return 201, {"id": key}
            case ["PATCH", "users", key] if key in users:
                return refused(patch_rules(body, fault)) or (200, {"id": key})
            case ["POST", "users", key, "factors"] if key in users:
                return refused(factor_rules(body, fault)) or (201, {"id": key})
            case ["GET", "users", key] if key in users:
                return 200, {"id": key}
            case ["POST", "grants"] if body["user_id"] not in users:
                if fault == "grants-for-nobody":
                    return 201, {"id": "grant"}
                return error(422, "no-such-user")
            case ["POST", "grants"]:
                rules = grant_rules(body, users[body["user_id"]], fault)
                return refused(rules) or (201, {"id": "grant"})
            case ["POST", "api-keys"]:
                return refused(key_rules(body, fault)) or (201, {"id": "key"})
            case ["POST", "invitations"]:
                return refused(invitation_rules(body, fault)) or (201, {"id": "invitation"})
        return error(404, "not-found")


if __name__ == "__main__":
    serve(Identities, FAULTS, tenant="ten_acme")
