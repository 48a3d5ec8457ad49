"""Edit an order's tags by difference: what the agent added is added, what the agent took away is removed.

The difference is taken against the tags that the form showed, so that tags set by others meanwhile survive.
"""

from collections.abc import Sequence
from typing import Any

from orderdesk import forms, orders, submissions
from orderdesk.actions import TAGS
from orderdesk.api import Call
from orderdesk.errors import AnswerLost, BadInput, Failed, Refused
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.replies import Reply
from orderdesk.shopify import document

from . import difference

#: Limit as Shopify documents it for orders.
_TAGS_AT_MOST = 250

#: What the select sends back where no category is wanted; no tag has a comma in it.
NO_CATEGORY = ","

_HINT_CHARACTERS = 500


def show(call: Call) -> dict[str, Any]:
    """The form: a select for the category tag, or, where an admin has listed no categories, the tags as text."""
    submissions.open_form(call, TAGS)
    order = _read(call, call.order())
    tags, categories = order.node["tags"], call.settings.categories
    shown = tags if categories else difference.in_the_box(tags)
    url = submissions.action_url(call, TAGS, order, {"tags": shown, "categories": categories})
    if categories:
        field = _category_field(categories, tags)
    else:
        others = _others([tag for tag in tags if tag not in shown])
        hint = f"Commas between tags. {others}" if others else "Commas between tags"
        field = forms.text("tags", "Tags", default=difference.box(shown), hint=hint, optional=True)
    return forms.form(f"Edit tags of order {order.name}", "Save tags", url, field)


def edit(call: Call, submitted: str) -> Reply:
    """Change the tags. Raises BadInput for more or longer tags than Shopify keeps, and for no category of the form."""
    number = call.order()

    def do(operation: Operation) -> Reply:
        # The form that was on the screen counts, whatever an admin has listed since. One of an earlier version did
        # not keep its categories.
        categories = operation.facts.get("categories", call.settings.categories)
        chosen = _chosen(categories, submitted) if categories else None
        order = _read(call, number)
        shown, current = operation.facts["tags"], order.node["tags"]
        if categories:
            change = difference.of_the_category(categories, shown, chosen, current)
        else:
            change = difference.of_the_box(shown, submitted, current)
        if not change.add and not change.remove:
            raise BadInput("The tags are as they were.", "Nothing was changed.", attr="tags", code="unchanged")
        if change.add and len(current) + len(change.add) - len(change.remove) > _TAGS_AT_MOST:
            raise BadInput(f"An order can have {_TAGS_AT_MOST} tags.", attr="tags", code="too_long")
        return _change(call, operation, order, *change)

    return submissions.carry_out(call, TAGS, number, {"tags": submitted}, do)


def _chosen(categories: Sequence[str], submitted: str) -> str | None:
    """The category, or None where none is wanted. Raises BadInput for anything else."""
    if submitted.strip() == NO_CATEGORY:
        return None
    if (chosen := difference.category_of(categories, submitted)) is None:
        raise BadInput("Choose one of the categories, or no category.", attr="tags")
    return chosen


def _change(call: Call, operation: Operation, order: Order, add: list[str], remove: list[str]) -> Reply:
    said = "; ".join(f"{verb} {', '.join(tags)}" for verb, tags in (("added", add), ("removed", remove)) if tags)
    operation.send(reason=said[:500], add=add, remove=remove)
    data = call.shopify.mutate(
        document(__file__, "tags"),
        order=order.node["id"], add=add, adding=bool(add), remove=remove, removing=bool(remove),
    )  # fmt: skip
    payloads = [data.get(name) for name, asked in (("tagsRemove", remove), ("tagsAdd", add)) if asked]
    if any(p is None for p in payloads):
        raise AnswerLost("Shopify gave no result.")
    done = [p for p in payloads if p]
    if errors := [e for p in done for e in p["userErrors"]]:
        words = submissions.shopify_words(errors)
        if any(not p["userErrors"] for p in done):
            now = next(p["node"]["tags"] for p in done if not p["userErrors"])
            raise Failed(
                f"Only a part of the tags of {order.name} was changed.",
                f"The tags are now: {', '.join(now) or 'none'}. Shopify says: {words}",
                facts={"shopify": {"request_id": call.shopify.request_id}, "in_part": True},
            )
        raise Refused(
            f"Shopify did not change the tags of {order.name}.", f"Nothing was changed. Shopify says: {words}"
        )
    now = done[-1]["node"]["tags"]
    return operation.succeed(
        f"Edited tags of order {order.name}",
        f"{said[0].upper()}{said[1:]}. The tags are now: {', '.join(now) or 'none'}.{_otherwise(add, remove, now)}",
        shopify={"request_id": call.shopify.request_id},
    )


def _otherwise(add: list[str], remove: list[str], now: list[str]) -> str:
    """What Shopify made of the tags that is not what was asked, as sentences; mostly nothing."""
    lacking, still = [t for t in add if t not in now], [t for t in remove if t in now]
    said = f" Shopify has not kept it as typed: {', '.join(lacking)}." if lacking else ""
    return f"{said} Still there: {', '.join(still)}." if still else said


def _category_field(categories: tuple[str, ...], tags: list[str]) -> dict[str, Any]:
    current = difference.shown_category(categories, tags) or NO_CATEGORY
    options = [forms.Option("No category", NO_CATEGORY), *(forms.Option(c, c) for c in categories)]
    known = {difference.fold(category) for category in categories}
    others = _others([tag for tag in tags if difference.fold(tag) not in known])
    return forms.select("tags", "Category", options, default=current, hint=others or "Other tags stay as they are")


def _others(tags: list[str]) -> str:
    """What the form says of tags that it does not change."""
    text = ", ".join(forms.one_line(tag) for tag in tags)
    cut = f"{text[:_HINT_CHARACTERS]}…" if len(text) > _HINT_CHARACTERS else text
    return f"Other tags stay: {cut}" if tags else ""


def _read(call: Call, number: str) -> Order:
    data = call.shopify.read(document(__file__, "tags_facts"), id=orders.gid("Order", number))
    return orders.read(data.get("order"), call.customer() if call.query.get("customer") else "")
