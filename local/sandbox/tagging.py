"""tagsAdd and tagsRemove, and tags in general: split at commas, sorted, and equal if they differ only in case."""

from typing import Any

from graphql import GraphQLError

from .orders import Order
from .store import Customer, Product, Store
from .user_errors import refusal

LONGEST = 40
AT_MOST = 250
Tagged = Order | Customer | Product
TAGGED = ("Order", "Customer", "Product")


def split(tags: list[str]) -> list[str]:
    """Tags as single tags, split at commas and trimmed; the first of several that differ only in case."""
    found: dict[str, str] = {}
    for tag in (t.strip() for text in tags for t in text.split(",")):
        if tag:
            found.setdefault(tag.casefold(), tag)
    return sorted(found.values(), key=str.casefold)


def too_many(tags: list[str], what: str) -> list[dict[str, Any]]:
    """userErrors for tags that are too long or too many. The words were recorded for draft orders and customers."""
    if any(len(tag) > LONGEST for tag in tags):
        return [refusal(["tags"], f"Title Tag exceeds the maximum length of {LONGEST} characters")]
    if len(tags) > AT_MOST:
        return [refusal(["tags"], f"{what} cannot be more than {AT_MOST}")]
    return []


def add(store: Store, tagged_id: str, tags: list[str]) -> dict[str, Any]:
    """`tagsAdd`: skips a tag that exists in any case. Existing tags are not validated."""
    kept = _tagged(store, tagged_id)
    if kept is None:
        return {"node": None, "userErrors": [_unknown(tagged_id)]}
    there = {tag.casefold() for tag in kept.tags}
    new = [tag for tag in split(tags) if tag.casefold() not in there]
    refusals = too_many(new, "Tags") or too_many(["any"] * len([*kept.tags, *new]), "Tags") if new else []
    if refusals:
        return {"node": None, "userErrors": refusals}
    return _changed(store, kept, sorted([*kept.tags, *new], key=str.casefold))


def remove(store: Store, tagged_id: str, tags: list[str]) -> dict[str, Any]:
    """`tagsRemove`: case-sensitive on an order, case-insensitive on a product."""
    kept = _tagged(store, tagged_id)
    if kept is None:
        return {"node": None, "userErrors": [_unknown(tagged_id)]}
    gone = {*tags, *split(tags)}
    if isinstance(kept, Order):
        return _changed(store, kept, [t for t in kept.tags if t not in gone])
    folded = {t.casefold() for t in gone}
    return _changed(store, kept, [t for t in kept.tags if t.casefold() not in folded])


def _tagged(store: Store, tagged_id: str) -> Tagged | None:
    kind = tagged_id.split("/")[3]
    if kind not in TAGGED:
        raise GraphQLError("invalid id", extensions={"code": "RESOURCE_NOT_FOUND"})
    found: dict[str, Any] = {"Order": store.order, "Customer": store.customer, "Product": store.product}
    kept: Tagged | None = found[kind](tagged_id)
    return kept


def _unknown(tagged_id: str) -> dict[str, Any]:
    return refusal(["id"], f"{tagged_id.split('/')[3]} does not exist")


def _changed(store: Store, kept: Tagged, tags: list[str]) -> dict[str, Any]:
    if isinstance(kept, Order | Customer) and kept.tags != tags:
        kept.updated = store.now()
    kept.tags = tags
    shown = {Order: store.order_node, Customer: store.customer_node, Product: store.product_node}
    return {"node": shown[type(kept)](kept), "userErrors": []}  # type: ignore[operator]
