"""Create a discount code: check what was typed, ask Shopify once, record. Shopify says whether the code is free."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta

from orderdesk import forms, orders, submissions
from orderdesk.api import Call
from orderdesk.availability import DISCOUNT
from orderdesk.errors import AnswerLost, BadInput, Correctable, NotFound, Refused
from orderdesk.money import Money, decimals, typed
from orderdesk.operations import Operation
from orderdesk.replies import Reply
from orderdesk.shopify import document

ALL = "all"
_EXPIRATIONS = {"1": "1 month", "3": "3 months", "6": "6 months", "9": "9 months", "never": "Does not expire"}
_MOST = Decimal("1000000000")


def show(call: Call) -> dict[str, Any]:
    """The form of a discount code. Raises what opening a form may raise; nothing happens."""
    submissions.open_form(call, DISCOUNT)
    customer = call.customer()
    data = _read(call, customer)
    currency = data["shop"]["currencyCode"]
    collections = data["collections"]
    some = " The first 250 collections are listed." if collections["pageInfo"]["hasNextPage"] else ""
    return forms.form(
        "Create discount code",
        "Create code",
        submissions.action_url(call, DISCOUNT, customer, {"currency": currency}),
        forms.text("code", "Discount code", hint="Without spaces; each code can exist once", placeholder="SORRY10"),
        forms.select(
            "type", "Type",
            [forms.Option(f"Fixed amount ({currency})", "fixed"), forms.Option("Percentage", "percentage")],
            default="fixed",
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
            "expires", "Expiration", [forms.Option(t, v) for v, t in _EXPIRATIONS.items()], default="1"
        ),
    )  # fmt: skip


def create(call: Call, values: dict[str, Any]) -> Reply:
    """Create the code. Raises Correctable where Shopify refuses what was typed: the form stays."""
    customer = call.customer()
    if any(c.isspace() or not c.isprintable() for c in values["code"]):
        raise BadInput("A discount code has no spaces in it.", attr="code")
    if values["applies_to"] != ALL and not values["applies_to"].startswith("gid://shopify/Collection/"):
        raise BadInput("Choose one of the collections.", attr="applies_to")

    def do(operation: Operation) -> Reply:
        amount = _amount(values["type"], values["value"], operation.facts["currency"])
        return _create(call, operation, values, amount)

    return submissions.carry_out(call, DISCOUNT, customer, values, do)


def _create(call: Call, operation: Operation, values: dict[str, Any], amount: Decimal) -> Reply:
    code, currency = values["code"], operation.facts["currency"]
    fixed = values["type"] == "fixed"
    starts = datetime.now(UTC).replace(microsecond=0)
    ends = None if values["expires"] == "never" else starts + relativedelta(months=int(values["expires"]))
    off = str(Money(amount, currency)) if fixed else f"{amount.normalize():f} %"
    worth = f"{off} off, good for one use, " + (f"until {ends:%Y-%m-%d}" if ends else "without an end")
    operation.send(
        reason=f"Discount code {code}",
        code=code,
        worth=worth,
        **({"amount": str(amount), "currency": currency} if fixed else {}),
    )
    payload = call.shopify.mutate(
        document(__file__, "discount"),
        discount=_input(values, amount, f"{code} ({operation.mark})", starts, ends),
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


def _input(
    values: dict[str, Any], amount: Decimal, title: str, starts: datetime, ends: datetime | None
) -> dict[str, Any]:
    """Shopify's `DiscountCodeBasicInput`. A percentage is a fraction of one there, a fixed amount shop currency."""
    if values["type"] == "fixed":
        value: dict[str, Any] = {"discountAmount": {"amount": str(amount), "appliesOnEachItem": False}}
    else:
        value = {"percentage": float(amount / 100)}
    everything = values["applies_to"] == ALL
    items = {"all": True} if everything else {"collections": {"add": [values["applies_to"]]}}
    return {
        "title": title,
        "code": values["code"],
        "startsAt": _iso(starts),
        "endsAt": _iso(ends) if ends else None,
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": {"all": "ALL"},
        "combinesWith": {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False},
        "customerGets": {"value": value, "items": items},
    }


def _amount(kind: str, text: str, currency: str) -> Decimal:
    """What was typed as `value`: shop currency, or percent. Raises BadInput."""
    amount = typed(text)
    if amount is None or amount <= 0:
        raise BadInput("Value must be a number above 0, such as 30 or 12.50.", attr="value")
    places = decimals(currency) if kind == "fixed" else 2
    if amount != round(amount, places):
        raise BadInput(f"Value may have {places} decimals at most.", attr="value")
    if kind == "percentage" and amount > 100:
        raise BadInput("A percentage is at most 100.", attr="value")
    if amount >= _MOST:
        raise BadInput("Value is too large.", attr="value")
    return amount


def _refused(errors: list[dict[str, Any]]) -> Refused:
    """Shopify's refusal, at the field that it is about where the form has it."""
    words = submissions.shopify_words(errors)
    path = errors[0].get("field") or []
    attrs = {"code": "code", "collections": "applies_to", "percentage": "value", "discountAmount": "value"}
    attr = next((attrs[part] for part in path if part in attrs), None)
    if attr:
        return Correctable(
            "Shopify did not create the code.",
            words,
            attr=attr,
            code=str(errors[0].get("code") or "invalid").lower(),
        )
    return Refused("Shopify did not create the code.", f"Nothing was changed. Shopify says: {words}")


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
