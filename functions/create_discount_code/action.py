"""Create a discount code: check what was typed, ask Shopify once, record. Shopify says whether the code is free."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orderdesk import forms
from orderdesk.context import Context
from orderdesk.errors import CorrectableFields, NotFound, OrderdeskError, Refused
from orderdesk.ids import CustomerId, gid
from orderdesk.money import Money
from orderdesk.operations import Operation
from orderdesk.shopify import by_field, document, result, said
from orderdesk.worth import PERCENT, Worth

from .value import TYPES, off_by

if TYPE_CHECKING:
    from . import nodes
    from .ends import End

ALL = "all"
_EXPIRATIONS = {"1": "1 month", "3": "3 months", "6": "6 months", "9": "9 months", "never": "Doesn't expire"}
#: The form's field for the parts of the path that Shopify names. The title is the code.
_FIELDS = {
    "code": "code", "title": "code", "value": "value", "percentage": "value", "discountAmount": "value",
    "items": "applies_to", "collections": "applies_to", "endsAt": "expires",
}  # fmt: skip


def look(ctx: Context, customer: CustomerId) -> nodes.DiscountFacts:
    """The shop's currency and collections. Raises NotFound for a customer, or a guest's order, that is not there."""
    data: nodes.DiscountFacts = ctx.shopify.read(
        document(__file__, "facts"),
        customer=gid("Customer", customer.number), order=gid("Order", customer.number), guest=customer.is_guest,
    )  # fmt: skip
    order = data.get("order") or {}
    if not (data.get("customer") or (order and not order.get("customer"))):
        raise NotFound(
            "We couldn't find this customer.",
            "Nothing was changed. Search for the customer again and link the profile.",
        )
    return data


def shown(ctx: Context, seen: nodes.DiscountFacts) -> dict[str, Any]:
    """The shop's currency and time zone."""
    return {"currency": seen["shop"]["currencyCode"], "zone": seen["shop"]["ianaTimezone"]}


def form(ctx: Context, seen: nodes.DiscountFacts, submit_to: str) -> dict[str, Any]:
    """The form of a discount code, with the store's collections."""
    currency, zone = shown(ctx, seen).values()
    collections = seen["collections"]
    some = " Only the first 250 collections are listed." if collections["pageInfo"]["hasNextPage"] else ""
    return forms.form(
        "Create discount code",
        "Create code",
        submit_to,
        forms.text("code", "Discount code", hint="No spaces. Each code can exist only once", placeholder="SORRY10"),
        forms.select(
            "type", "Type",
            [forms.Option(f"{TYPES['fixed']} ({currency})", "fixed"), forms.Option(TYPES["percentage"], "percentage")],
            placeholder="Select a type",
        ),
        forms.text("value", "Value", hint=f"30 means {Money(Decimal(30), currency)} or 30%", placeholder="30"),
        forms.select(
            "applies_to", "Applies to",
            [
                forms.Option("All collections", ALL),
                *(forms.Option(c["title"], c["id"]) for c in collections["nodes"]),
            ],
            default=ALL, hint=f"Takes money off items, not shipping. Can be used once.{some}",
        ),
        forms.select(
            "expires", "Expiration", [forms.Option(t, v) for v, t in _EXPIRATIONS.items()], default="1",
            hint=f"A code works until the end of its last day in the shop's time zone ({zone})",
        ),
    )  # fmt: skip


def submit(ctx: Context, operation: Operation, **values: str) -> None:
    """Create the code. Raises Correctable if Shopify refuses what was typed: the form stays."""
    code, currency = values["code"], operation.shown["currency"]
    amount = off_by(values["type"], values["value"], currency)
    fixed = values["type"] == "fixed"
    starts = datetime.now(UTC).replace(microsecond=0)
    end = _end(starts, values["expires"], operation)
    off = str(Money(amount, currency)) if fixed else f"{amount.normalize():f}%"
    worth = f"{off} off, good for one use, {end.words if end else 'with no end date'}"
    sent = operation.send(
        Worth(amount, currency if fixed else PERCENT),
        reason=f"Discount code {code}",
        code=code,
        worth=worth,
        **({"amount": str(amount), "currency": currency} if fixed else {}),
    )
    answer: nodes.CreateDiscountCode = ctx.shopify.mutate(
        document(__file__, "discount"),
        sent,
        discount=_input(values, amount, operation.reference, starts, end),
    )
    payload = result(answer["discountCodeBasicCreate"])
    if payload["userErrors"]:
        raise _refused(payload["userErrors"])
    node = result(payload["codeDiscountNode"])
    summary = (node["codeDiscount"].get("summary") or "created").rstrip(".")
    operation.succeed(
        f"Created discount code {code}",
        f"{worth}. {_applies_to(node['codeDiscount'])} Shopify says: {summary}.",
        shopify={"discount": node["id"], "request_id": ctx.shopify.request_id},
    )


def _end(starts: datetime, expires: str, operation: Operation) -> End | None:
    """When the code ends, by the clock of the shop; a form of an earlier version did not keep its zone."""
    if expires == "never":
        return None
    # Here, since a form needs none of it.
    from .ends import end_of

    return end_of(starts, int(expires), operation.shown.get("zone"))


def _applies_to(discount: nodes.CreateDiscountCodeDiscountCode) -> str:
    """What the code is good for, as a sentence: everything, or one collection by its title."""
    found = (discount.get("customerGets") or {}).get("items") or {}
    titles = [c["title"] for c in (found.get("collections") or {}).get("nodes") or []]
    return f"It applies to the collection {titles[0]}." if titles else "It applies to all collections."


def _input(
    values: dict[str, str], amount: Decimal, reference: str, starts: datetime, end: End | None
) -> dict[str, Any]:
    """Shopify's `DiscountCodeBasicInput`. A percentage is a fraction of one there, a fixed amount shop currency.

    The reference is a tag, which merchants see; the title is shown to customers too.
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
        "tags": [reference],
        "startsAt": _iso(starts),
        "endsAt": _iso(end.moment) if end else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": {"all": "ALL"},
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False},
        "customerGets": {"value": value, "items": items},
    }


def _refused(errors: Sequence[nodes.CreateDiscountCodeDiscountUserError]) -> OrderdeskError:
    """Shopify's refusal: each of its sentences at the field that it is about, if all are about fields of the form."""
    message, words = "Shopify didn't create the code.", said(errors)
    if fields := by_field(errors, _FIELDS):
        return CorrectableFields(message, words, fields)
    return Refused(message, f"Nothing was changed. Shopify says: {words}")


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
