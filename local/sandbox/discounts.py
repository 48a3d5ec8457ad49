"""Basic discount codes: create, change, deactivate, activate, delete, with the recorded refusals."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .connections import connection
from .defaults import node
from .ids import gid, iso, money
from .search import Field
from .store import Store
from .user_errors import refusal

TOP = "basicCodeDiscount"
USES = 2147483647
LONGEST = 255
SYMBOL = "$"


def create(store: Store, given: dict[str, Any]) -> dict[str, Any]:
    """`discountCodeBasicCreate`."""
    if refusals := _refusals(store, given, None):
        return {"codeDiscountNode": None, "userErrors": refusals}
    now = store.now()
    kept: dict[str, Any] = {"id": gid("DiscountCodeNode"), "codeId": gid("DiscountRedeemCode"), "input": given}
    kept |= {"created": now, "updated": now, "startsAt": given["startsAt"], "endsAt": given.get("endsAt")}
    kept["codeDiscount"] = lambda _info: code_discount(store, kept)
    store.codes[given["code"].casefold()] = kept
    return {"codeDiscountNode": kept, "userErrors": []}


def update(store: Store, discount_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """`discountCodeBasicUpdate`: changes the given fields."""
    kept = find(store, discount_id)
    if kept is None:
        return {"codeDiscountNode": None, "userErrors": [_unknown()]}
    whole = kept["input"] | given
    if refusals := _refusals(store, whole, kept):
        return {"codeDiscountNode": None, "userErrors": refusals}
    del store.codes[kept["input"]["code"].casefold()]
    store.codes[whole["code"].casefold()] = kept
    kept |= {"input": whole, "updated": store.now(), "startsAt": whole["startsAt"], "endsAt": whole.get("endsAt")}
    return {"codeDiscountNode": kept, "userErrors": []}


def switch(store: Store, discount_id: str, *, on: bool) -> dict[str, Any]:
    """`discountCodeActivate` and `discountCodeDeactivate`: remove the end, or set it to now."""
    kept = find(store, discount_id)
    if kept is None:
        return {"codeDiscountNode": None, "userErrors": [_unknown()]}
    now = store.now()
    kept |= {"endsAt": None if on else iso(now), "updated": now}
    return {"codeDiscountNode": kept, "userErrors": []}


def delete(store: Store, discount_id: str) -> dict[str, Any]:
    """`discountCodeDelete`."""
    kept = find(store, discount_id)
    if kept is None:
        return {"deletedCodeDiscountId": None, "userErrors": [_unknown()]}
    del store.codes[kept["input"]["code"].casefold()]
    return {"deletedCodeDiscountId": discount_id, "userErrors": []}


def find(store: Store, discount_id: str) -> dict[str, Any] | None:
    """A code discount by its gid, as code node or as discount node: both have the same number."""
    number = discount_id.rsplit("/", 1)[1]
    return next((k for k in store.codes.values() if str(k["id"]).rsplit("/", 1)[-1] == number), None)


def discount_node(store: Store, kept: dict[str, Any] | None) -> dict[str, Any] | None:
    """A DiscountNode."""
    if kept is None:
        return None
    return node("DiscountNode", id=kept["id"], discount=lambda _info: code_discount(store, kept))


def code_discount(store: Store, kept: dict[str, Any]) -> dict[str, Any]:
    """A DiscountCodeBasic."""
    given = kept["input"]
    return node(
        "DiscountCodeBasic",
        title=given["title"],
        status=status(store, kept),
        summary=_summary(given),
        shortSummary=_off(given),
        startsAt=_whole(kept["startsAt"]),
        endsAt=_whole(kept["endsAt"]),
        createdAt=iso(kept["created"]),
        updatedAt=iso(kept["updated"]),
        usageLimit=given.get("usageLimit"),
        recurringCycleLimit=given.get("recurringCycleLimit"),
        appliesOncePerCustomer=bool(given.get("appliesOncePerCustomer")),
        tags=given.get("tags") or [],
        discountClasses=["ORDER" if given["customerGets"]["items"].get("all") else "PRODUCT"],
        combinesWith=_combines(given.get("combinesWith") or {}),
        codes=lambda _info, **page: connection([_Code(kept)], page, lambda code: code.node()),
        context=node("DiscountBuyerSelectionAll", all="ALL"),
        customerGets=_gets(store, given["customerGets"]),
        minimumRequirement=_minimum(store, given.get("minimumRequirement") or {}),
    )


class _Code:
    """The discount's one code."""

    def __init__(self, kept: dict[str, Any]) -> None:
        self.id, self.code = kept["codeId"], kept["input"]["code"]

    def node(self) -> dict[str, Any]:
        """A DiscountRedeemCode."""
        return node("DiscountRedeemCode", id=self.id, code=self.code)


def status(store: Store, kept: dict[str, Any]) -> str:
    """`DiscountStatus`, from the start and the end."""
    now = iso(store.now()) or ""
    if (_whole(kept["startsAt"]) or "") > now:
        return "SCHEDULED"
    end = _whole(kept["endsAt"])
    return "EXPIRED" if end and end <= now else "ACTIVE"


FIELDS: dict[str, Field[dict[str, Any]]] = {
    "": Field("anywhere", lambda k: [k["input"]["title"], k["input"]["code"]]),
    "code": Field("keyword", lambda k: [k["input"]["code"]]),
    "id": Field("number", lambda k: [int(k["id"].rsplit("/", 1)[1])]),
    "method": Field("keyword", lambda _k: ["code"]),
    "status": Field("keyword", lambda k: [k["status"].lower()]),
    "title": Field("text", lambda k: [k["input"]["title"]]),
}
"""What discounts can be searched by; `status` must be set for the current time."""


def _gets(store: Store, gets: dict[str, Any]) -> dict[str, Any]:
    value, items = gets["value"], gets["items"]
    if value.get("percentage") is not None:
        worth = node("DiscountPercentage", percentage=value["percentage"])
    else:
        amount = money(Decimal(str(value["discountAmount"]["amount"])), store.currency)
        each = bool(value["discountAmount"].get("appliesOnEachItem"))
        worth = node("DiscountAmount", amount=amount, appliesOnEachItem=each)
    wanted = [_Collection(one) for one in (items.get("collections") or {}).get("add") or []]
    return node(
        "DiscountCustomerGets",
        value=worth,
        items=node("AllDiscountItems", allItems=True)
        if items.get("all")
        else node(
            "DiscountCollections",
            collections=lambda _info, **page: connection(wanted, page, lambda one: store.collection_node(one.id)),
        ),
        appliesOnOneTimePurchase=gets.get("appliesOnOneTimePurchase", True),
        appliesOnSubscription=gets.get("appliesOnSubscription", False),
    )


class _Collection:
    def __init__(self, collection_id: str) -> None:
        self.id = collection_id


def _combines(given: dict[str, Any]) -> dict[str, Any]:
    names = ("orderDiscounts", "productDiscounts", "shippingDiscounts")
    chosen = {name: bool(given.get(name)) for name in names}
    return node("DiscountCombinesWith", productDiscountsWithTagsOnSameCartLine=None, **chosen)


def _minimum(store: Store, given: dict[str, Any]) -> dict[str, Any] | None:
    if quantity := (given.get("quantity") or {}).get("greaterThanOrEqualToQuantity"):
        return node("DiscountMinimumQuantity", greaterThanOrEqualToQuantity=str(quantity))
    if subtotal := (given.get("subtotal") or {}).get("greaterThanOrEqualToSubtotal"):
        least = money(Decimal(str(subtotal)), store.currency)
        return node("DiscountMinimumSubtotal", greaterThanOrEqualToSubtotal=least)
    return None


def _off(given: dict[str, Any]) -> str:
    value = given["customerGets"]["value"]
    if value.get("percentage") is not None:
        return f"{value['percentage'] * 100:g}% off"
    return f"{SYMBOL}{Decimal(str(value['discountAmount']['amount'])):.2f} off"


def _summary(given: dict[str, Any]) -> str:
    words = f"{_off(given)} one-time purchase products"
    least = ((given.get("minimumRequirement") or {}).get("subtotal") or {}).get("greaterThanOrEqualToSubtotal")
    return f"{words} • Minimum purchase of {SYMBOL}{Decimal(str(least)):.2f}" if least else words


def _whole(moment: str | None) -> str | None:
    """A time as Shopify writes it: UTC without a fraction."""
    return iso(datetime.fromisoformat(moment).astimezone(UTC)) if moment else None


def _unknown() -> dict[str, Any]:
    return refusal(["id"], "Code discount does not exist.", "INVALID")


def _refusals(store: Store, given: dict[str, Any], own: dict[str, Any] | None) -> list[dict[str, Any]]:
    found = [*_text("title", given.get("title")), *_text("code", given.get("code"))]
    taken = store.codes.get((given.get("code") or "").casefold())
    if taken is not None and taken is not own:
        found.append(refusal([TOP, "code"], "Code must be unique. Please try a different code.", "TAKEN"))
    if given.get("context") and given.get("customerSelection"):
        message = "Only one of context or customerSelection can be provided."
        found.append(refusal([TOP, "context"], message, "INVALID"))
    return found + _times(given) + _uses(given) + _value(given) + _items(store, given)


def _text(name: str, text: str | None) -> list[dict[str, Any]]:
    where, shown = [TOP, name], name.capitalize()
    if text is None or (name == "title" and not text.strip()):
        return [refusal(where, f"{shown} can't be blank", "BLANK")]
    if not text:
        return [refusal(where, f"{shown} is too short (minimum is 1 character)", "TOO_SHORT")]
    if len(text) > LONGEST:
        return [refusal(where, f"{shown} is too long (maximum is {LONGEST} characters)", "TOO_LONG")]
    if name == "code" and ("\n" in text or "\r" in text):
        return [refusal(where, "Code cannot contain newline characters.", "INVALID")]
    return []


def _times(given: dict[str, Any]) -> list[dict[str, Any]]:
    start, end = _whole(given.get("startsAt")), _whole(given.get("endsAt"))
    if not start:
        return [refusal([TOP, "startsAt"], "Starts at can't be blank", "BLANK")]
    if end and end <= start:
        return [refusal([TOP, "endsAt"], "Ends at needs to be after starts_at", "INVALID")]
    return []


def _uses(given: dict[str, Any]) -> list[dict[str, Any]]:
    limit = given.get("usageLimit")
    if limit is not None and limit <= 0:
        return [refusal([TOP, "usageLimit"], "Usage limit must be greater than 0", "GREATER_THAN")]
    if limit is not None and limit > USES:
        return [
            refusal([TOP, "usageLimit"], f"Usage limit must be less than or equal to {USES}", "LESS_THAN_OR_EQUAL_TO")
        ]
    return []


def _value(given: dict[str, Any]) -> list[dict[str, Any]]:
    value = (given.get("customerGets") or {}).get("value") or {}
    where = [TOP, "customerGets", "value"]
    if value.get("percentage") is not None and not 0 <= value["percentage"] <= 1:
        return [refusal([*where, "percentage"], "Value must be between 0.0 and 1.0", "VALUE_OUTSIDE_RANGE")]
    amount = (value.get("discountAmount") or {}).get("amount")
    if amount is not None and Decimal(str(amount)) < 0:
        message = "Value must be less than or equal to 0"
        return [refusal([*where, "discountAmount", "amount"], message, "LESS_THAN_OR_EQUAL_TO")]
    return []


def _items(store: Store, given: dict[str, Any]) -> list[dict[str, Any]]:
    items = (given.get("customerGets") or {}).get("items") or {}
    where, wanted = [TOP, "customerGets", "items", "collections", "add"], (items.get("collections") or {}).get("add")
    if wanted and items.get("products"):
        message = "Cannot entitle collections in combination with product variants or products"
        return [refusal(where, message, "CONFLICT")]
    unknown = [one for one in wanted or [] if one not in store.collections]
    return [refusal(where, f"Collection with id: {one.rsplit('/', 1)[1]} is invalid", "INVALID") for one in unknown]
