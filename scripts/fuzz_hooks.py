"""What scripts/fuzz.sh adds to schemathesis, which loads this file.

- Webhooks are signed, and often look like Shopify's: otherwise none would get
  past the signature.
- Ids and cursors are often those of an earlier answer: made up, none would be
  found.
- Two more checks: errors are problems, and nothing unsigned is taken.
- What no schema can say is no failure; each rule is named, with its reason.
"""

import base64
import hashlib
import hmac
import json
import random
import re
import zlib
from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis.core.parameters import ParameterLocation

SECRET = b"fuzz"
WEBHOOK = "POST /webhooks/shopify"
HMAC = "X-Shopify-Hmac-Sha256"
TOPIC = "X-Shopify-Topic"
SHOP = "X-Shopify-Shop-Domain"
WEBHOOK_ID = "X-Shopify-Webhook-Id"

# A handful: only 20 new shops an hour are let in, and the rest gets 503.
SHOPS = [f"{name}.myshopify.com" for name in ("acme", "birch", "coral", "dune")]
# The one that is removed, again and again: the others' orders are to stay.
LOST_SHOP = "ember.myshopify.com"
ORDER_TOPICS = [
    f"orders/{what}"
    for what in ("create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled")
]
POINTER_TOPICS = ["orders/edited", "refunds/create", "orders/delete"]
PRIVACY_TOPICS = ["customers/data_request", "customers/redact", "shop/redact"]


# --- Webhooks ---------------------------------------------------------------


def signature(body):
    if isinstance(body, str):
        body = body.encode()
    return base64.b64encode(hmac.digest(SECRET, body or b"", hashlib.sha256)).decode()


def sign(request):
    """Signs the bytes as sent; what was to be missing stays missing."""
    if HMAC in request.headers:
        request.headers[HMAC] = signature(request.body)
    return request


def moment(rng):
    """Mostly within a few days, so that news overtakes news."""
    if rng.random() < 0.05:
        return rng.choice(["0001-01-01T00:00:00Z", "9999-12-31T23:59:60-12:00", "yesterday", None, 0])
    return f"2026-01-0{rng.randint(1, 9)}T{rng.randint(0, 23):02}:00:00{rng.choice(['Z', '-05:00'])}"


def person(rng):
    name = rng.choice(["ada", "bo", "zoë"])
    return {
        "id": rng.randint(1, 20),
        "email": rng.choice([f"{name}@example.com", None]),
        "phone": None,
        "first_name": rng.choice([name, None, 5]),
        "last_name": rng.choice(["Byron", "", None]),
    }


def order(rng, generated):
    body = {
        "id": rng.randint(1, 60),
        "name": f"#{rng.randint(1, 60)}",
        "created_at": moment(rng),
        "updated_at": moment(rng),
        "cancelled_at": rng.choice([None, None, None, moment(rng)]),
        "currency": rng.choice(["USD", "EUR", "JPY", "KWD", "XXX", "dollars"]),
        "total_price": rng.choice(["409.94", "0.00", "-1", "0.001", "99999999999999999999", 12.5, "1e9"]),
        "financial_status": rng.choice(["paid", "pending", "refunded", "moon_paid", None]),
        "fulfillment_status": rng.choice(["fulfilled", "partial", "restocked", None]),
        "customer": rng.choice([person(rng), person(rng), None]),
        "line_items": [{"quantity": rng.randint(-1, 9)} for _ in range(rng.randint(0, 3))],
        "fulfillments": [
            {
                "status": rng.choice(["success", "cancelled"]),
                "shipment_status": rng.choice(["delivered", "in_transit"]),
                "updated_at": moment(rng),
            }
            for _ in range(rng.randint(0, 2))
        ],
    }
    if rng.random() < 0.2:
        del body[rng.choice(list(body))]
    # And now and then with something nobody expects, in place of a field.
    if isinstance(generated, dict) and generated and rng.random() < 0.3:
        body[rng.choice(list(body))] = rng.choice(list(generated.values()))
    return body


def body_of(topic, shop, rng, generated):
    """A body as Shopify sends it with a topic."""
    orders = [rng.randint(1, 60) for _ in range(rng.randint(0, 3))]
    to = {"shop_id": 1, "shop_domain": shop}
    if topic == "orders/delete":
        return {"id": rng.randint(1, 60)}
    if topic == "orders/edited":
        return {"order_edit": {"id": 1, "order_id": rng.randint(1, 60)}}
    if topic == "refunds/create":
        return {"id": 1, "order_id": rng.randint(1, 60)}
    if topic == "customers/data_request":
        return to | {"customer": person(rng), "orders_requested": orders, "data_request": {"id": 9}}
    if topic == "customers/redact":
        return to | {"customer": person(rng), "orders_to_redact": orders}
    if topic == "shop/redact":
        return to
    return order(rng, generated)


def is_fine(case, location):
    return case.meta is None or not case.meta.is_negative_at(location)


def any_topic(rng):
    kinds = rng.choices([ORDER_TOPICS, POINTER_TOPICS, PRIVACY_TOPICS], [8, 2, 1])[0]
    return rng.choice(kinds)


def make_webhook(case, kwargs, rng):
    if rng.random() < 0.9:
        kwargs["auth"] = sign
    headers, body_is_fine = case.headers, is_fine(case, ParameterLocation.BODY)
    shop = topic = None
    # What was made wrong on purpose stays wrong.
    if headers and is_fine(case, ParameterLocation.HEADER):
        topic = any_topic(rng)
        shop = LOST_SHOP if topic == "shop/redact" else rng.choice([*SHOPS, LOST_SHOP])
        headers[SHOP] = shop
        # Of a topic nobody acts on, anything is taken: not so if it must be refused.
        if rng.random() < 0.9 or not body_is_fine:
            headers[TOPIC] = topic
        if rng.random() < 0.9:
            headers[WEBHOOK_ID] = f"{rng.getrandbits(64):x}"
    elif headers and re.fullmatch(r"[a-z0-9-]+\.myshopify\.com", str(headers.get(SHOP, ""))):
        headers[SHOP] = rng.choice(SHOPS)
    if topic and body_is_fine and rng.random() < 0.8:
        of = topic if rng.random() < 0.9 else any_topic(rng)
        case.body = body_of(of, shop, rng, case.body)


# --- Everything else --------------------------------------------------------

# From answers: ids by the list they are in, cursors with what they were made for.
IDS = {"orders": [], "deliveries": []}
SINCE = []
CURSORS = []


@schemathesis.hook
def after_call(context, case, response):
    if (response.request.method, response.status_code) != ("GET", 200):
        return
    if case.operation.label not in LISTING:
        return
    answer = json.loads(response.content)
    of = LISTING[case.operation.label]
    keep(IDS[of], *(row["id"] for row in answer["data"]))
    if "cursor" in answer:
        keep(SINCE, answer["cursor"])
    elif of == "orders" and answer["nextCursor"]:
        keep(CURSORS, (answer["nextCursor"], (case.query or {}).get("sort")))


LISTING = {"GET /orders": "orders", "GET /orders/changes": "orders", "GET /deliveries": "deliveries"}


def keep(known, *news):
    known.extend(new for new in news if new not in known)
    del known[:-200]


def make_findable(case, rng):
    """Puts ids and cursors into a request that there are."""
    path, query, body = case.path_parameters, case.query, case.body
    if path and is_fine(case, ParameterLocation.PATH):
        known = IDS.get(case.operation.path.split("/")[1], [])
        if "id" in path and known and rng.random() < 0.8:
            path["id"] = rng.choice(known)
        if case.method == "DELETE" and path.get("shop", "").endswith(".myshopify.com"):
            path["shop"] = LOST_SHOP
    if query and is_fine(case, ParameterLocation.QUERY) and rng.random() < 0.8:
        if "since" in query and SINCE:
            query["since"] = rng.choice(SINCE)
        if case.operation.label == "GET /orders" and "cursor" in query and CURSORS:
            query.pop("offset", None)
            query.pop("sort", None)
            query["cursor"], sort = rng.choice(CURSORS)
            if sort:
                query["sort"] = sort
    if isinstance(body, dict) and case.method == "PUT" and is_fine(case, ParameterLocation.BODY):
        if isinstance(body.get("version"), float):
            # To JSON Schema 3.0 is an integer, to us it is none.
            body["version"] = int(body["version"])
        if rng.random() < 0.8:
            body["version"] = rng.randint(1, 4)


@schemathesis.hook
def before_call(context, case, kwargs):
    made_of = (case.path_parameters, case.query, case.headers, case.body)
    # The same case is always made the same of.
    rng = random.Random(zlib.crc32(repr(made_of).encode("utf-8", "replace")))
    if case.operation.label == WEBHOOK and case.method == "POST":
        make_webhook(case, kwargs, rng)
    elif case.method == case.operation.method.upper():
        make_findable(case, rng)


# --- Checks -----------------------------------------------------------------


@schemathesis.check
def nothing_unsigned_is_taken(ctx, response, case):
    """In place of ignored_auth, which knows no signatures."""
    if case.operation.label != WEBHOOK or response.request.method != "POST":
        return
    sent = response.request.headers.get(HMAC, "")
    if isinstance(sent, bytes):
        sent = sent.decode("latin-1")
    if sent.strip() != signature(response.request.body):
        assert response.status_code == 401, f"unsigned, but answered {response.status_code}"
    else:
        assert response.status_code != 401, "signed, but answered 401"


@schemathesis.check
def errors_are_problems(ctx, response, case):
    """Of a kind the document names, whatever was refused: 404 and 405, too."""
    is_readiness = case.operation.label == "GET /readyz" and response.status_code == 503
    if response.status_code < 400 or response.request.method == "HEAD" or is_readiness:
        return
    content_type = response.headers.get("content-type")
    assert content_type == ["application/problem+json"], f"content type: {content_type}"
    problem = json.loads(response.content)
    assert problem["status"] == response.status_code, problem
    kind = problem["type"].removeprefix("/problems/")
    description = case.operation.schema.raw_schema["info"]["description"]
    assert f"`{kind}`" in description, f"the document does not name {kind}"


# --- What is no failure -----------------------------------------------------

# Valid as far as a schema goes, but refused: type, and a part of the answer.
BEYOND_SCHEMAS = [
    ("version-required", ""),  # it may come in If-Match instead
    ("bad-body", "name different versions"),  # 'version' and If-Match
    ("bad-query", "cursor and offset exclude each other"),
    ("bad-query", "is not a cursor of this database"),  # cursors are opaque
    ("bad-query", "cursor is not one of this list"),
    ("invalid-fields", "cannot go from"),  # depends on the order's status
    ("idempotency-key-reused", ""),  # depends on what was sent before
    ("not-an-order", ""),  # what a body must have depends on its topic
]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it is one."""
    kind = type(failure).__name__
    if kind == "RejectedPositiveData":
        text = response.content.decode()
        return not any(f'"/problems/{type}"' in text and part in text for type, part in BEYOND_SCHEMAS)
    if kind == "AcceptedNegativeData":
        read_kindly = [lists_read_kindly, version_read_kindly, text_read_kindly]
        return not any(is_so(case, response.request) for is_so in read_kindly)
    return True


# Not valid as the document has it, but taken: promised to nobody, and never
# refused, so that nobody's client breaks.


def lists_read_kindly(case, request):
    """With blanks and empty places between the commas; statuses in lower case."""
    query = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
    names = [
        (name, name.strip().upper() if parameter == "status" else name.strip(), known)
        for parameter, known in LISTS.items()
        for value in query.get(parameter, [])
        for name in value.split(",")
    ]
    return any(name not in known for name, _, known in names) and all(
        not tidy or tidy in known for _, tidy, known in names
    )


LISTS = {
    "status": {"PENDING", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED"},
    "state": {"pending", "applied", "unchanged", "discarded", "ignored", "rejected", "dead"},
}


def version_read_kindly(case, request):
    """If-Match with more or fewer quotes, a sign, or leading zeros."""
    version = request.headers.get("If-Match", "")
    if isinstance(version, bytes):
        version = version.decode("latin-1")
    odd = not re.fullmatch(r'(W/)?"?[1-9][0-9]{0,17}"?', version)
    return odd and bool(re.fullmatch(r'(W/)*"*\+?[0-9]{1,19}"*', version.strip()))


def text_read_kindly(case, request):
    """What a person types, with blanks around it that are dropped."""
    if case.operation.label != "PUT /orders/{id}" or not isinstance(case.body, dict):
        return False
    texts = [case.body.get(field) for field in ("trackingNumber", "notes")]
    return any(isinstance(text, str) and text != text.strip() for text in texts)
