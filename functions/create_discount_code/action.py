"""Create a discount code: check what was typed, ask Shopify once, record. Shopify says whether the code is free."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orderdesk import forms, orders, submissions
from orderdesk.actions import DISCOUNT
from orderdesk.api import Call
from orderdesk.errors import AnswerLost, BadInput, CorrectableFields, NotFound, Refused
from orderdesk.money import Money
from orderdesk.operations import Operation
from orderdesk.replies import Reply
from orderdesk.shopify import document

from .value import TYPES, off_by

if TYPE_CHECKING:
    from .ends import End

ALL = "all"
_EXPIRATIONS = {"1": "1 month", "3": "3 months", "6": "6 months", "9": "9 months", "never": "Does not expire"}
_COLLECTION = re.compile(r"gid://shopify/Collection/[0-9]{1,20}")
#: The form's field for the parts of the path that Shopify names. The title is the code.
_FIELDS = {
    "code": "code", "title": "code", "value": "value", "percentage": "value", "discountAmount": "value",
    "items": "applies_to", "collections": "applies_to", "endsAt": "expires",
}  # fmt: skip


def show(call: Call) -> dict[str, Any]:
    """The form of a discount code. Raises what opening a form may raise; nothing happens."""
    submissions.open_form(call, DISCOUNT)
    customer = call.customer()
    data = _read(call, customer)
    currency, zone = data["shop"]["currencyCode"], data["shop"]["ianaTimezone"]
    collections = data["collections"]
    some = " The first 250 collections are listed." if collections["pageInfo"]["hasNextPage"] else ""
    return forms.form(
        "Create discount code",
        "Create code",
        submissions.action_url(call, DISCOUNT, customer, {"currency": currency, "zone": zone}),
        forms.text("code", "Discount code", hint="Without spaces; each code can exist once", placeholder="SORRY10"),
        forms.select(
            "type", "Type",
            [forms.Option(f"{TYPES['fixed']} ({currency})", "fixed"), forms.Option(TYPES["percentage"], "percentage")],
            placeholder="Select a type",
        ),
        forms.text("value", "Value", hint=f"30 means {Money(Decimal(30), currency)}, or 30 %", placeholder="30"),
        forms.select(
            "applies_to", "Applies to",
            [
                forms.Option("All collections", ALL),
                *(forms.Option(c["title"], c["id"]) for c in collections["nodes"]),
            ],
            default=ALL, hint=f"Off line items, not shipping; can be used once.{some}",
        ),
        forms.select(
            "expires", "Expiration", [forms.Option(t, v) for v, t in _EXPIRATIONS.items()], default="1",
            hint=f"A code is good to the end of its last day in the shop's time zone ({zone})",
        ),
    )  # fmt: skip


def create(call: Call, values: dict[str, Any]) -> Reply:
    """Create the code. Raises Correctable where Shopify refuses what was typed: the form stays."""
    customer = call.customer()
    if any(c.isspace() or not c.isprintable() for c in values["code"]):
        raise BadInput("A discount code has no spaces in it.", attr="code")
    if values["applies_to"] != ALL and not _COLLECTION.fullmatch(values["applies_to"]):
        raise BadInput("Choose all collections, or one of them.", attr="applies_to")

    def do(operation: Operation) -> Reply:
        amount = off_by(values["type"], values["value"], operation.facts["currency"])
        return _create(call, operation, values, amount)

    return submissions.carry_out(call, DISCOUNT, customer, values, do)


def _create(call: Call, operation: Operation, values: dict[str, Any], amount: Decimal) -> Reply:
    code, currency = values["code"], operation.facts["currency"]
    fixed = values["type"] == "fixed"
    starts = datetime.now(UTC).replace(microsecond=0)
    end = _end(starts, values["expires"], operation)
    off = str(Money(amount, currency)) if fixed else f"{amount.normalize():f} %"
    worth = f"{off} off, good for one use, {end.words if end else 'without an end'}"
    operation.send(
        reason=f"Discount code {code}",
        code=code,
        worth=worth,
        **({"amount": str(amount), "currency": currency} if fixed else {}),
    )
    payload = call.shopify.mutate(
        document(__file__, "discount"),
        discount=_input(values, amount, operation.mark, starts, end),
    )["discountCodeBasicCreate"]
    if payload is None:
        raise AnswerLost("Shopify gave no result.")
    if payload["userErrors"]:
        raise _refused(payload["userErrors"])
    node = payload["codeDiscountNode"]
    said = (node["codeDiscount"].get("summary") or "created").rstrip(".")
    return operation.succeed(
        f"Created discount code {code}",
        f"{worth}. {_applies_to(node['codeDiscount'])} Shopify says: {said}.",
        shopify={"discount": node["id"], "request_id": call.shopify.request_id},
    )


def _end(starts: datetime, expires: str, operation: Operation) -> "End | None":
    """When the code ends, by the clock of the shop; a form of an earlier version did not keep its zone."""
    if expires == "never":
        return None
    # Here, since a form needs none of it.
    from .ends import end_of

    return end_of(starts, int(expires), operation.facts.get("zone"))


def _applies_to(discount: dict[str, Any]) -> str:
    """What the code is good for, as a sentence: everything, or one collection by its title."""
    found = (discount.get("customerGets") or {}).get("items") or {}
    titles = [c["title"] for c in (found.get("collections") or {}).get("nodes") or []]
    return f"It applies to the collection {titles[0]}." if titles else "It applies to all collections."


def _read(call: Call, customer: str) -> dict[str, Any]:
    """The shop's currency and collections. Raises NotFound for a customer, or a guest's order, that is not there."""
    guest = customer.startswith("order-")
    number = customer.removeprefix("order-")
    data = call.shopify.read(
        document(__file__, "discount_facts"),
        customer=orders.gid("Customer", number), order=orders.gid("Order", number), guest=guest,
    )  # fmt: skip
    order = data.get("order") or {}
    if not (data.get("customer") or (order and not order.get("customer"))):
        raise NotFound(
            "The customer was not found.", "Nothing was changed. Search for the customer again, and link the profile."
        )
    return data


def _input(values: dict[str, Any], amount: Decimal, mark: str, starts: datetime, end: "End | None") -> dict[str, Any]:
    """Shopify's `DiscountCodeBasicInput`. A percentage is a fraction of one there, a fixed amount shop currency.

    The mark is a tag, which merchants see; the title is shown to customers too.
    """
    if values["type"] == "fixed":
        value: dict[str, Any] = {"discountAmount": {"amount": str(amount), "appliesOnEachItem": False}}
    else:
        value = {"percentage": float(amount / 100)}
    everything = values["applies_to"] == ALL
    items = {"all": True} if everything else {"collections": {"add": [values["applies_to"]]}}
    return {
        "title": values["code"],
        "code": values["code"],
        "tags": [mark],
        "startsAt": _iso(starts),
        "endsAt": _iso(end.moment) if end else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": {"all": "ALL"},
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False},
        "customerGets": {"value": value, "items": items},
    }


def _refused(errors: list[dict[str, Any]]) -> Refused:
    """Shopify's refusal: each of its sentences at the field that it is about, if all are about fields of the form."""
    words = submissions.shopify_words(errors)
    attrs = [next((_FIELDS[part] for part in reversed(e.get("field") or []) if part in _FIELDS), None) for e in errors]
    if not all(attrs):
        return Refused("Shopify did not create the code.", f"Nothing was changed. Shopify says: {words}")
    fields = [
        {"attr": attr, "code": str(e.get("code") or "invalid").lower(), "detail": submissions.shopify_words([e])}
        for attr, e in zip(attrs, errors, strict=True)
        if attr
    ]
    return CorrectableFields("Shopify did not create the code.", words, fields)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
