"""orderUpdate, orderCreate, orderClose and orderOpen."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from . import addresses
from .customer_changes import EMAIL
from .ids import rounded
from .lines import Line
from .order_nodes import OWN
from .orders import Metafield, Order, Transaction
from .phones import phone_refusals, spelled
from .store import Customer, Store
from .tagging import split, too_many
from .user_errors import refusal

NOTE = 5000


def update(store: Store, given: dict[str, Any]) -> dict[str, Any]:
    """`orderUpdate`: overwrites the given fields, or refuses all of them in the recorded words."""
    order = store.order(given["id"])
    if order is None:
        return {"order": None, "userErrors": [refusal(["id"], "Order does not exist")]}
    if set(given) == {"id"}:
        refusals = [refusal(None, "No valid update parameters have been provided")]
    else:
        refusals = _refusals(given)
    if not refusals:
        _overwrite(order, given)
        order.updated = store.now()
    return {"order": store.order_node(order), "userErrors": refusals}


def archive(store: Store, order_id: str, *, closed: bool) -> dict[str, Any]:
    """`orderClose` and `orderOpen`: an order that is already in that state does not change, as recorded."""
    order = store.order(order_id)
    if order is None:
        return {"order": None, "userErrors": [refusal(["id"], "Order does not exist")]}
    if bool(order.closed) != closed:
        order.closed, order.updated = (store.now() if closed else None), store.now()
    return {"order": store.order_node(order), "userErrors": []}


def _refusals(given: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    if given.get("email") and not EMAIL.fullmatch(given["email"]):
        found.append(refusal(["email"], "Email is invalid"))  # as recorded of a customer
    if given.get("phone"):
        found += phone_refusals(["phone"], given["phone"])
    if len(given.get("note") or "") > NOTE:
        found.append(refusal(["note"], f"Note is too long (maximum is {NOTE} characters)"))
    if given.get("shippingAddress"):
        wrong = addresses.refusals(given["shippingAddress"])
        found += [refusal(["shippingAddress", name], words) for name, words in wrong]
    return found + too_many(split(given.get("tags") or []), "Tags")


def _overwrite(order: Order, given: dict[str, Any]) -> None:
    if "note" in given:
        order.note = given["note"] or None
    if "tags" in given:
        order.tags = split(given["tags"] or [])
    if "email" in given:
        order.email = given["email"]
    if "phone" in given:
        order.phone = spelled(given["phone"]) if given["phone"] else None
    if "poNumber" in given:
        order.po_number = given["poNumber"]
    if "customAttributes" in given:
        order.attributes = {one["key"]: one["value"] for one in given["customAttributes"] or []}
    if given.get("shippingAddress"):
        if order.billing is None:
            order.billing = order.address or {}
        order.address = addresses.kept(given["shippingAddress"])
    for one in given.get("metafields") or []:
        _set_metafield(order, one)


def _set_metafield(order: Order, given: dict[str, Any]) -> None:
    """Set a metafield by its namespace and key. The type does not change if none is given."""
    namespace, key = given.get("namespace") or OWN, given.get("key") or ""
    known = next((m for m in order.metafields if (m.namespace, m.key) == (namespace, key)), None)
    if known is None:
        known = Metafield(namespace, key, given.get("type") or "single_line_text_field", "")
        order.metafields.append(known)
    known.type, known.value = given.get("type") or known.type, given.get("value") or ""


def create(store: Store, given: dict[str, Any]) -> dict[str, Any]:
    """`orderCreate`: lines with a title and a price, transactions, shipping, tags, note; no stock, no receipts."""
    if refused := _not_created(store, given):
        return {"order": None, "userErrors": [refused]}
    now, shop = store.now(), given.get("currency") or store.currency
    currency = given.get("presentmentCurrency") or shop
    ships, bills = given.get("shippingAddress"), given.get("billingAddress")
    lines = [_line(x, currency, shop) for x in given["lineItems"]]
    _take_off(lines, given.get("discountCode") or {}, currency, shop)
    order = Order(
        name=given.get("name") or f"#{max((_number(o) for o in store.orders), default=1000) + 1}",
        created=_moment(given.get("processedAt")) or now,
        lines=lines,
        transactions=[_transaction(t, currency, shop, now) for t in given.get("transactions") or []],
        customer=_customer(store, given),
        shop_currency=shop,
        currency=currency,
        shipping=sum((_price(x, currency, shop) for x in given.get("shippingLines") or []), Decimal(0)),
        shipping_tax=sum((_taxes(x, currency, shop) for x in given.get("shippingLines") or []), Decimal(0)),
        taxes_included=bool(given.get("taxesIncluded")),
        discount_code=next((one["code"] for one in (given.get("discountCode") or {}).values() if one), None),
        email=given.get("email"),
        phone=given.get("phone"),
        note=given.get("note"),
        tags=split(given.get("tags") or []),
        address=addresses.kept(ships or bills) if ships or bills else None,
        billing=addresses.kept(bills) if ships and bills else None,
        location=store.locations[0],
        test=bool(given.get("test")),
        po_number=given.get("poNumber"),
        attributes={one["key"]: one["value"] for one in given.get("customAttributes") or []},
    )
    store.orders.append(order)
    return {"order": store.order_node(order), "userErrors": []}


def _not_created(store: Store, given: dict[str, Any]) -> dict[str, Any] | None:
    """Fields and codes are recorded, the words of the last two are not."""
    if not given.get("lineItems"):
        return refusal(["order", "lineItems"], "Line items must have at least one line item", "INVALID")
    if (at := _moment(given.get("processedAt"))) and at > store.now():
        return refusal(["order", "processedAt"], "Processed at cannot be in the future", "PROCESSED_AT_INVALID")
    if given.get("customerId") and given.get("customer"):
        words = "Only one of customer_id and customer can be provided"
        return refusal(["order"], words, "REDUNDANT_CUSTOMER_FIELDS")
    return None


def _number(order: Order) -> int:
    return int("".join(filter(str.isdigit, order.name)) or 0)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _line(given: dict[str, Any], currency: str, shop: str) -> Line:
    price, needs = _price(given, currency, shop), given.get("requiresShipping")
    return Line(
        given.get("title") or "",
        price,
        given["quantity"],
        given.get("sku") or "",
        requires_shipping=True if needs is None else needs,
        tax=_taxes(given, currency, shop),
    )


def _taxes(given: dict[str, Any], currency: str, shop: str) -> Decimal:
    return sum((_price(x, currency, shop) for x in given.get("taxLines") or []), Decimal(0))


def _take_off(lines: list[Line], code: dict[str, Any], currency: str, shop: str) -> None:
    """A discount on all lines, as a percentage or as an amount that is divided among them by price.

    That it is part of the order's discount, and how Shopify rounds each line's part, is not recorded.
    """
    whole = sum((x.paid for x in lines), Decimal(0))
    percent, fixed = code.get("itemPercentageDiscountCode"), code.get("itemFixedDiscountCode")
    if not whole or not (percent or fixed):
        return
    if percent:
        off = rounded(whole * Decimal(str(percent.get("percentage") or 0)) / 100, currency)
    else:
        off = min(whole, _price({"priceSet": (fixed or {}).get("amountSet")}, currency, shop))
    so_far, given = Decimal(0), Decimal(0)
    for line in lines:
        so_far += line.paid
        line.cart_discount = rounded(off * so_far / whole, currency) - given
        given += line.cart_discount


def _transaction(given: dict[str, Any], currency: str, shop: str, now: datetime) -> Transaction:
    gateway = given.get("gateway") or "manual"
    amount = _price({"priceSet": given["amountSet"]}, currency, shop)
    status = given.get("status") or "SUCCESS"
    return Transaction(given.get("kind") or "SALE", amount, gateway, gateway.capitalize(), status=status, at=now)


def _price(given: dict[str, Any], currency: str, shop: str) -> Decimal:
    bag = given.get("priceSet") or {}
    side = "presentmentMoney" if currency != shop and bag.get("presentmentMoney") else "shopMoney"
    return Decimal((bag.get(side) or {}).get("amount") or 0)


def _customer(store: Store, given: dict[str, Any]) -> Customer | None:
    """The given customer, or the one with the order's email address, or a new one: as recorded."""
    wanted = given.get("customerId") or ((given.get("customer") or {}).get("toAssociate") or {}).get("id")
    if wanted:
        return store.customer(wanted)
    upsert = (given.get("customer") or {}).get("toUpsert") or {}
    email = upsert.get("email") or given.get("email")
    if not email:
        return None
    known = store.by_identifier({"emailAddress": email})
    if known is None:
        known = Customer(
            upsert.get("firstName"), upsert.get("lastName"), email, upsert.get("phone"), created=store.now()
        )
        store.customers.append(known)
    return known
