"""Reduce sessions recorded with a real store to what a replay needs: `python -m tests.sandbox.recording FOLDER`.

`FOLDER` has the recordings. For each, `recordings/<name>.json` keeps the requests in order, with time, answer and cost.
An answer without its document gets one that selects the same (`DOCUMENTS`). People and phones are replaced (`INSTEAD`).
A second run changes nothing.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

from graphql import strip_ignored_characters

KEPT = Path(__file__).with_name("recordings")
Recording = dict[str, Any]

INSTEAD = {
    "Karine": "Kim",
    "karine": "kim",
    "Ruby": "Reed",
    "ruby": "reed",
    "Box 42 - 151 O'Connor St": "1 Main Street",
    "K2P2L8": "K1A0B1",
    "190 MacLaren": "2 Main Street",
    "K2P0V6": "K1A0B2",
    "450-5293": "555-0193",
    "450-5295": "555-0195",
    "4505293": "5550193",
    "4505295": "5550195",
    "5555294": "5550194",
}
"""Replacements for names, streets and numbers that could be real people's; the phones are reserved for fiction."""

_CUSTOMER = "customer { id phone defaultPhoneNumber { phoneNumber } createdAt updatedAt } userErrors { field message }"
_MONEY = "shopMoney { amount currencyCode }"
_TRANSACTION = f"id kind status gateway amountSet {{ {_MONEY} }}"
_UPDATED = """id name updatedAt email phone poNumber note tags customer { id email displayName }
    customAttributes { key value } shippingAddress { firstName lastName address1 address2 company city province
        provinceCode country countryCodeV2 zip phone }
    gift: metafield(namespace: "custom", key: "gift") { id namespace key type value }
    metafields(first: 10) { nodes { id namespace key type value } }"""
_INVOICED = f"""id name closed closedAt cancelledAt cancelReason displayFinancialStatus paymentGatewayNames
    totalOutstandingSet {{ {_MONEY} }} currentTotalPriceSet {{ {_MONEY} }} customer {{ id email displayName }}
    transactions {{ kind status gateway amountSet {{ {_MONEY} }} }}"""
DOCUMENTS = {
    "order update": f"""mutation ($input: OrderInput!) {{ orderUpdate(input: $input) {{
        order {{ {_UPDATED} }} userErrors {{ field message }} }} }}""",
    "updated order read": f"query ($id: ID!) {{ order(id: $id) {{ {_UPDATED} }} }}",
    "invoice send": f"""mutation ($id: ID!, $email: EmailInput) {{ orderInvoiceSend(id: $id, email: $email) {{
        order {{ {_INVOICED} }} userErrors {{ field message }} }} }}""",
    "custom id": """
  query CustomerByCustomId($identifier: CustomerIdentifierInput!) {
    customId: customerByIdentifier(identifier: $identifier) {
      id
    }
  }
""",
    "customer create": f"mutation ($input: CustomerInput!) {{ customerCreate(input: $input) {{ {_CUSTOMER} }} }}",
    "customer update": f"mutation ($input: CustomerInput!) {{ customerUpdate(input: $input) {{ {_CUSTOMER} }} }}",
    "customer set": f"""mutation ($identifier: CustomerSetIdentifiers, $input: CustomerSetInput!) {{
        customerSet(identifier: $identifier, input: $input) {{ {_CUSTOMER} }} }}""",
    "customer delete": """mutation ($input: CustomerDeleteInput!) {
        customerDelete(input: $input) { deletedCustomerId userErrors { field message } } }""",
    "product create": """mutation ($product: ProductCreateInput!) { productCreate(product: $product) {
        product { id title handle status tags } userErrors { field message } } }""",
    "order cancel": """mutation (
        $orderId: ID!, $restock: Boolean!, $reason: OrderCancelReason!, $notifyCustomer: Boolean, $staffNote: String
    ) { orderCancel(
        orderId: $orderId, restock: $restock, reason: $reason, notifyCustomer: $notifyCustomer, staffNote: $staffNote
    ) { orderCancelUserErrors { field message code } } }""",
    "refund create": f"""mutation ($input: RefundInput!) {{ refundCreate(input: $input) @idempotent(key: "1") {{
        refund {{ id note createdAt updatedAt totalRefundedSet {{ {_MONEY} }}
            refundLineItems(first: 5) {{ nodes {{ id quantity restockType restocked lineItem {{ id title }}
                subtotalSet {{ {_MONEY} }} }} }}
            transactions(first: 5) {{ nodes {{ {_TRANSACTION} }} }} }}
        order {{ id displayFinancialStatus totalRefundedSet {{ {_MONEY} }} }}
        userErrors {{ field message }} }} }}""",
    "order read": f"""query ($id: ID!) {{ order(id: $id) {{ id name displayFinancialStatus displayFulfillmentStatus
        refunds {{ id note totalRefundedSet {{ {_MONEY} }} }}
        returns(first: 5) {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}
        transactions {{ {_TRANSACTION} }} totalRefundedSet {{ {_MONEY} }} }} }}""",
}
"""Documents for answers whose own was not recorded: they select what was answered and charged."""


def _step(name: str, at: str, document: str, variables: Any, response: Any, *, whole: bool = False) -> dict[str, Any]:
    """One request and its answer. `whole`: keep the document's layout, since the answer refers to positions in it."""
    body = response.get("body") or response.get("payload") or response
    cost = (body.get("extensions") or {}).get("cost") or {}
    answer = {key: body[key] for key in ("data", "errors") if key in body}
    charged = [cost["requestedQueryCost"], cost["actualQueryCost"]] if cost else None
    text = document if whole else strip_ignored_characters(document)
    return {"name": name, "at": at, "document": text, "variables": variables, "answer": answer, "cost": charged}


def _asked_before(recorded: Recording, at: str) -> Iterator[dict[str, Any]]:
    """What was read before anything was changed."""
    for place, one in enumerate(recorded["upstreamCalls"]):
        name = f"{one['operationName']} {place}"
        yield _step(name, at, one["query"], one["variables"], one["response"])


def _by_identifier(recorded: Recording) -> Iterator[dict[str, Any]]:
    at = "2026-07-01T00:00:00Z"
    yield from _asked_before(recorded, at)
    identifier = {"identifier": {"customId": {"namespace": "custom", "key": "external_id", "value": "1"}}}
    custom = recorded["customIdMissing"]
    yield _step("customIdMissing", at, DOCUMENTS["custom id"], identifier, custom, whole=True)
    document = "\n" + indent(recorded["upstreamCalls"][0]["query"], "  ")
    empty = recorded["proxyVariables"] | {"idIdentifier": {}}
    yield _step("emptyIdentifier", at, document, empty, recorded["emptyIdentifier"], whole=True)


def _phones(recorded: Recording) -> Iterator[dict[str, Any]]:
    at = "2026-05-06T20:18:55Z"
    yield from _asked_before(recorded, at)
    for name in ("createFormatted", "duplicateNormalized", "updateSetup", "updateFormatted", "invalid", "tooLong"):
        document = DOCUMENTS["customer update" if name == "updateFormatted" else "customer create"]
        yield _step(name, at, document, recorded[name]["variables"], recorded[name]["response"])
    one = recorded["setInvalid"]
    yield _step("setInvalid", at, DOCUMENTS["customer set"], one["variables"], one["response"])
    for place, one in enumerate(recorded["cleanup"]):
        yield _step(f"cleanup {place}", at, DOCUMENTS["customer delete"], one["variables"], one["response"])


def _search(recorded: Recording) -> Iterator[dict[str, Any]]:
    yield from _asked_before(recorded, "2026-07-03T06:00:00Z")


def _discount(recorded: Recording) -> Iterator[dict[str, Any]]:
    first, second, third = (f"2026-07-14T15:49:{second}Z" for second in (38, 39, 40))
    yield from _asked_before(recorded, first)
    asked, codes = recorded["requests"], recorded["variables"]
    read = {"id": codes["id"], "code": codes["updatedCode"]}
    for name, request, at in (
        ("create", "create", first),
        ("update", "update", second),
        ("readAfterUpdate", "read", second),
        ("deactivate", "deactivate", second),
        ("readAfterDeactivate", "read", second),
        ("activate", "activate", third),
        ("readAfterActivate", "read", third),
        ("cleanup", "delete", third),
        ("readAfterDelete", "read", third),
    ):
        yield _step(name, at, asked[request]["query"], asked[request].get("variables", read), recorded[name])


def _cancel_refused(recorded: Recording) -> Iterator[dict[str, Any]]:
    setup, at = recorded["setup"], "2026-06-29T20:32:5{}Z"
    for second, name in enumerate(("freshOrderCreate", "cancelledOrderCreate", "setupCancel", "cancelledOrderRead")):
        one = setup[name]
        moment = at.format(max(0, second - 1))
        yield _step(name, moment, one["query"], one["variables"], one["response"])
    for name, one in (*recorded["expected"].items(), *recorded["cleanup"].items()):
        yield _step(name, at.format(3), one["query"], one["variables"], one["response"])


def _cancel(recorded: Recording) -> Iterator[dict[str, Any]]:
    before = "2026-05-06T22:08:59Z"
    yield from _asked_before(recorded, before)
    mutation, read = recorded["mutation"]["response"], recorded["downstreamRead"]
    yield _step("mutation", before, DOCUMENTS["order cancel"], recorded["variables"], mutation)
    document = recorded["upstreamCalls"][0]["query"]
    yield _step("downstreamRead", "2026-05-06T22:09:00Z", document, read["variables"], read["response"])


def _update(recorded: Recording) -> Iterator[dict[str, Any]]:
    at, setup = "2026-06-30T13:24:58Z", recorded["setup"]
    for name, one in setup.items():
        yield _step(name, at, one["document"], one["variables"], one["response"])
    yield _step("mutation", at, recorded["document"], recorded["variables"], recorded["mutation"]["response"])
    read, end = recorded["downstreamRead"], recorded["cleanup"]
    yield _step("downstreamRead", at, setup["beforeRead"]["document"], read["variables"], read["response"])
    yield _step("cleanup", at, end["document"], end["variables"], end["response"])


def _refund(recorded: Recording) -> Iterator[dict[str, Any]]:
    made = recorded["mutation"]["response"]["data"]["refundCreate"]["refund"]
    at, read = made["createdAt"] if made else "2026-06-22T23:01:18Z", recorded["downstreamRead"]
    yield from _asked_before(recorded, at)
    yield _step("mutation", at, DOCUMENTS["refund create"], recorded["variables"], recorded["mutation"]["response"])
    yield _step("downstreamRead", at, DOCUMENTS["order read"], read["variables"], read["response"])


def _tags(recorded: Recording) -> Iterator[dict[str, Any]]:
    at = "2026-07-03T12:30:00Z"
    for name, one in recorded["tagNormalization"].items():
        setup, mutation = one["setup"], one["mutation"]
        yield _step(f"{name} setup", at, DOCUMENTS["product create"], setup["variables"], setup["response"])
        yield _step(name, at, mutation["query"], mutation["variables"], mutation["response"])


def _order_update(recorded: Recording) -> Iterator[dict[str, Any]]:
    at = "2026-04-22T23:13:48Z"
    input_, read = recorded["variables"], recorded["downstreamRead"]
    yield _step("mutation", at, DOCUMENTS["order update"], input_, recorded["mutation"]["response"])
    yield _step("downstreamRead", at, DOCUMENTS["updated order read"], read["variables"], read["response"])


def _invoice(recorded: Recording) -> Iterator[dict[str, Any]]:
    at = "2026-05-06T22:09:00Z"
    yield from _asked_before(recorded, at)
    mutation, read = recorded["mutation"]["response"], recorded["downstreamRead"]
    yield _step("mutation", at, DOCUMENTS["invoice send"], recorded["variables"], mutation)
    yield _step("downstreamRead", at, recorded["upstreamCalls"][0]["query"], read["variables"], read["response"])


def _invoice_refused(recorded: Recording) -> Iterator[dict[str, Any]]:
    at = "2026-06-30T13:25:10Z"
    for one in recorded["cases"]:
        for name, asked in one.get("setup", {}).items():
            yield _step(f"{one['name']} {name}", at, asked["query"], asked["variables"], asked["response"])
        yield _step(one["name"], at, one["mutation"]["query"], one["variables"], one["mutation"]["response"])
    for name, one in recorded["cleanup"].items():
        yield _step(name, at, one["query"], one["variables"], one["response"])


def _store_credit(recorded: Recording) -> Iterator[dict[str, Any]]:
    at = "2026-05-05T18:18:49Z"
    steps = {
        **recorded["setup"],
        **recorded["validations"],
        "mutation": recorded["mutation"],
        "debit": recorded["debit"],
    }
    for name, one in {**steps, "downstreamRead": recorded["downstreamRead"], **recorded["cleanup"]}.items():
        # `origin` is a union, which 2026-10 only accepts with a selection.
        document = one["request"]["query"].replace("  origin\n", "  origin { __typename }\n")
        yield _step(name, at, document, one["request"]["variables"], one["response"])


def _held(recorded: Recording) -> Iterator[dict[str, Any]]:
    at = recorded["metadata"]["startedAt"]
    (workflow,) = recorded["workflows"].values()
    for name, one in [*recorded["setup"].items(), *workflow.items(), *recorded["cleanup"].items()]:
        for place, asked in enumerate(one if isinstance(one, list) else [one]):
            body = asked["response"].get("payload") or asked["response"]["body"]
            at = _latest(body) or at
            # An error points into the document, so its layout stays; what was kept of it lacks an empty first line.
            document = f"\n{asked['query']}" if "errors" in body else asked["query"]
            yield _step(f"{name} {place}", at, document, asked["variables"], body, whole="errors" in body)


def _latest(answer: Any) -> str | None:
    """The latest moment in which something was changed, as the answer says."""
    if isinstance(answer, dict):
        found = [_latest(one) if key != "updatedAt" else one for key, one in answer.items()]
    else:
        found = [_latest(one) for one in answer] if isinstance(answer, list) else []
    return max((one for one in found if one), default=None)


RECORDINGS: dict[str, Callable[[Recording], Iterator[dict[str, Any]]]] = {
    "customer-by-identifier": _by_identifier,
    "customer-phone-normalization": _phones,
    "customers-search": _search,
    "discount-code-basic-lifecycle": _discount,
    "fulfillment-order-hold-validation": _held,
    "fulfillment-order-release-hold-selective": _held,
    "order-update-parity": _order_update,
    "orderCancel-error-messages": _cancel_refused,
    "orderCancel-parity": _cancel,
    "orderInvoiceSend-email-validation": _invoice_refused,
    "orderInvoiceSend-parity": _invoice,
    "orderUpdate-input-validation": _update,
    "refund-create-full-parity": _refund,
    "refund-create-over-refund-user-errors": _refund,
    "refund-create-partial-shipping-restock-parity": _refund,
    "store-credit-account-parity": _store_credit,
    "tags-normalization-parity": _tags,
}


def cut_down(name: str, folder: Path) -> str:
    """The text of a recording's file: one request per line."""
    recorded = json.loads((folder / f"{name}.json").read_text("utf-8"))
    text = ",\n".join(json.dumps(step, ensure_ascii=False) for step in RECORDINGS[name](recorded))
    for real, instead in INSTEAD.items():
        text = text.replace(real, instead)
    return f"[\n{text}\n]\n"


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for name in RECORDINGS:
        text = cut_down(name, Path(sys.argv[1]))
        (KEPT / f"{name}.json").write_text(text, "utf-8")
        print(f"{name}: {len(text)} bytes")
