"""Edit an order's tags by difference: what the agent added is added, what the agent took away is removed.

The difference is taken against the tags that the form showed, so that tags set by others meanwhile survive.
"""

from typing import Any

from orderdesk import forms, orders, submissions
from orderdesk.api import Call
from orderdesk.availability import TAGS
from orderdesk.errors import AnswerLost, BadInput, Failed, Refused
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.replies import Reply
from orderdesk.shopify import document

#: Limits as Shopify documents them for orders.
_TAG_LENGTH, _TAGS_AT_MOST = 40, 250

#: What the select sends back where no category is wanted; no tag has a comma in it.
NO_CATEGORY = ","


def show(call: Call) -> dict[str, Any]:
    """The form: the tags as text, or, where an admin has listed categories, a select for the category tag."""
    submissions.open_form(call, TAGS)
    order = _read(call, call.order())
    tags = order.node["tags"]
    url = submissions.action_url(call, TAGS, order, {"tags": tags})
    if call.settings.categories:
        field = _category_field(call.settings.categories, tags)
    else:
        field = forms.text("tags", "Tags", default=", ".join(tags), hint="Commas between tags", optional=True)
    return forms.form(f"Edit tags of order {order.name}", "Save tags", url, field)


def edit(call: Call, submitted: str) -> Reply:
    """Change the tags. Raises BadInput for more or longer tags than Shopify keeps."""
    number = call.order()
    wanted = _split(submitted)

    def do(operation: Operation) -> Reply:
        shown = list(operation.facts["tags"])
        target = _with_category(call.settings.categories, shown, wanted)
        order = _read(call, number)
        add, remove = _difference(shown, target, order.node["tags"])
        if not add and not remove:
            raise BadInput("The tags are as they were.", "Nothing was changed.", attr="tags", code="unchanged")
        if len(order.node["tags"]) + len(add) - len(remove) > _TAGS_AT_MOST:
            raise BadInput(f"An order can have {_TAGS_AT_MOST} tags.", attr="tags", code="too_long")
        return _change(call, operation, order, add, remove)

    return submissions.carry_out(call, TAGS, number, {"tags": wanted}, do)


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
                facts={"shopify": {"request_id": call.shopify.request_id}},
            )
        raise Refused(
            f"Shopify did not change the tags of {order.name}.", f"Nothing was changed. Shopify says: {words}"
        )
    now = ", ".join(done[-1]["node"]["tags"]) or "none"
    return operation.succeed(
        f"Edited tags of order {order.name}",
        f"{said[0].upper()}{said[1:]}. The tags are now: {now}.",
        shopify={"request_id": call.shopify.request_id},
    )


def _category_field(categories: tuple[str, ...], tags: list[str]) -> dict[str, Any]:
    known = {c.casefold(): c for c in categories}
    current = next((known[t.casefold()] for t in tags if t.casefold() in known), NO_CATEGORY)
    options = [forms.Option("No category", NO_CATEGORY), *(forms.Option(c, c) for c in categories)]
    others = ", ".join(t for t in tags if t.casefold() not in known)
    hint = f"Other tags stay: {others}" if others else "Other tags stay as they are"
    return forms.select("tags", "Category", options, default=current, hint=hint)


def _with_category(categories: tuple[str, ...], shown: list[str], wanted: list[str]) -> list[str]:
    """What the tags shall be: as typed, or, with categories, as shown with the one category swapped."""
    if not categories:
        return wanted
    known = {c.casefold(): c for c in categories}
    if len(wanted) > 1 or any(w.casefold() not in known for w in wanted):
        raise BadInput("Choose one of the categories.", attr="tags")
    kept = [t for t in shown if t.casefold() not in known]
    return kept + [known[w.casefold()] for w in wanted]


def _difference(shown: list[str], target: list[str], current: list[str]) -> tuple[list[str], list[str]]:
    """Tags to add and tags to remove. Shopify removes case-sensitively, so they are named as they now are."""
    add = [t for t in target if t not in shown and t not in current]
    gone = {t.casefold() for t in shown} - {t.casefold() for t in target}
    # A tag whose case was changed has to go before it can come: adding disregards case.
    recased = {t.casefold() for t in add if t.casefold() in {c.casefold() for c in current}}
    return add, [t for t in current if t.casefold() in gone | recased]


def _split(text: str) -> list[str]:
    """Tags out of a comma list, each once without regard to case. Raises BadInput."""
    tags = {t.casefold(): t for t in reversed([" ".join(part.split()) for part in text.split(",")]) if t}
    for tag in tags.values():
        if len(tag) > _TAG_LENGTH:
            raise BadInput(
                f"A tag has {_TAG_LENGTH} characters at most: “{tag[:60]}” is longer.",
                attr="tags",
                code="too_long",
            )
    return list(reversed(tags.values()))


def _read(call: Call, number: str) -> Order:
    data = call.shopify.read(document(__file__, "tags_facts"), id=orders.gid("Order", number))
    return orders.read(data.get("order"), call.customer() if call.query.get("customer") else "")
