"""Edit an order's tags by difference: what the agent added is added, what the agent took away is removed.

The difference is made to the tags that the form showed, so that tags set by others meanwhile survive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import forms
from orderdesk.context import Context
from orderdesk.errors import AnswerLost, BadInput, Changed, Failed, Refused
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.shopify import Document, document, result, said
from orderdesk.worth import NOTHING

from . import difference

if TYPE_CHECKING:
    from . import nodes

FACTS: Document[nodes.TagsFacts] = document(__file__, "facts")

#: Limit as Shopify documents it for orders.
_TAGS_AT_MOST = 250

#: What the select sends back if no category is wanted; no tag has a comma in it.
NO_CATEGORY = ","

_HINT_CHARACTERS = 500


class Tagged(NamedTuple):
    """The order with its tags, and the categories to choose from, if an admin has listed any."""

    order: Order[nodes.TagsFactsOrder]
    categories: tuple[str, ...]

    @property
    def tags(self) -> list[str]:
        """The tags as Shopify has them."""
        return list(self.order.node["tags"])

    @property
    def on_the_form(self) -> list[str]:
        """The tags that the form deals with."""
        return self.tags if self.categories else difference.in_the_box(self.tags)


def look(ctx: Context, order: Order[nodes.TagsFactsOrder]) -> Tagged:
    """The order with its tags."""
    return Tagged(order, ctx.settings.categories)


def shown(ctx: Context, seen: Tagged) -> dict[str, Any]:
    """The tags on the form, and the categories."""
    return {"tags": seen.on_the_form, "categories": seen.categories}


def changed(shown: Mapping[str, Any], seen: Tagged) -> Changed | None:
    """None: the difference to what the form showed is made in the tags as they are now."""
    return None


def form(ctx: Context, seen: Tagged, submit_to: str) -> dict[str, Any]:
    """The form: a select for the category tag, or the tags as text if an admin has listed no categories."""
    if seen.categories:
        field = _category_field(seen.categories, seen.tags)
    else:
        on_the_form = seen.on_the_form
        others = _others([tag for tag in seen.tags if tag not in on_the_form])
        hint = f"Separate tags with commas. {others}" if others else "Separate tags with commas"
        field = forms.text("tags", "Tags", default=difference.box(on_the_form), hint=hint, optional=True)
    return forms.form(f"Edit tags on order {seen.order.name}", "Save tags", submit_to, field)


def submit(ctx: Context, operation: Operation, seen: Tagged, *, tags: str) -> None:
    """Change the tags. Raises BadInput for more or longer tags than Shopify keeps, and for no category of the form."""
    # The form that was on the screen counts, whatever an admin has listed since. One of an earlier version did not
    # keep its categories.
    categories = operation.shown.get("categories", seen.categories)
    before, current = operation.shown["tags"], seen.tags
    if categories:
        change = difference.of_the_category(categories, before, _chosen(categories, tags), current)
    else:
        change = difference.of_the_box(before, tags, current)
    if not change.add and not change.remove:
        raise BadInput("You didn't change the tags.", attr="tags", code="unchanged")
    if change.add and len(current) + len(change.add) - len(change.remove) > _TAGS_AT_MOST:
        raise BadInput(f"An order can have up to {_TAGS_AT_MOST} tags.", attr="tags", code="too_long")
    _change(ctx, operation, seen.order, *change)


def _chosen(categories: Sequence[str], submitted: str) -> str | None:
    """The category, or None if none is wanted. Raises BadInput for anything else."""
    if submitted.strip() == NO_CATEGORY:
        return None
    if (chosen := difference.category_of(categories, submitted)) is None:
        raise BadInput("Choose one of the categories, or no category.", attr="tags")
    return chosen


def _change(
    ctx: Context, operation: Operation, order: Order[nodes.TagsFactsOrder], add: list[str], remove: list[str]
) -> None:
    summary = "; ".join(f"{verb} {', '.join(tags)}" for verb, tags in (("added", add), ("removed", remove)) if tags)
    sent = operation.send(NOTHING, reason=summary[:500], add=add, remove=remove)
    answer: nodes.EditOrderTags = ctx.shopify.mutate(
        document(__file__, "tags"),
        sent,
        order=order.node["id"], add=add, adding=bool(add), remove=remove, removing=bool(remove),
    )  # fmt: skip
    payloads = [answer.get("tagsRemove")] if remove else []
    payloads += [answer.get("tagsAdd")] if add else []
    done = [result(payload) for payload in payloads]
    _require_whole(ctx, order, done)
    now = _tags_of(done[-1])
    operation.succeed(
        f"Edited the tags on order {order.name}",
        f"{summary[0].upper()}{summary[1:]}. The tags are now: {', '.join(now) or 'none'}."
        f"{_otherwise(add, remove, now)}",
        shopify={"request_id": ctx.shopify.request_id},
    )


def _require_whole(
    ctx: Context, order: Order[nodes.TagsFactsOrder], payloads: list[nodes.EditOrderTagsTagsAddPayload]
) -> None:
    """Raise Refused if Shopify has refused the change, Failed if it has refused a part of it."""
    errors = [e for p in payloads for e in p["userErrors"]]
    if not errors:
        return
    made = [p for p in payloads if not p["userErrors"]]
    if not made:
        raise Refused(
            f"Shopify didn't change the tags on order {order.name}.",
            f"Nothing was changed. Shopify says: {said(errors)}",
        )
    raise Failed(
        f"Only some of the tags on order {order.name} were changed.",
        f"The tags are now: {', '.join(_tags_of(made[0])) or 'none'}. Shopify says: {said(errors)}",
        entry={"shopify": {"request_id": ctx.shopify.request_id}, "in_part": True},
    )


def _tags_of(payload: nodes.EditOrderTagsTagsAddPayload) -> Sequence[str]:
    """The tags of the order after a change. Raises AnswerLost if the answer does not have them."""
    if not payload["node"]:
        raise AnswerLost("Shopify's answer has no tags.")
    return payload["node"]["tags"]


def _otherwise(add: list[str], remove: list[str], now: Sequence[str]) -> str:
    """What Shopify made of the tags that is not what was asked, as sentences; mostly nothing."""
    lacking, still = [t for t in add if t not in now], [t for t in remove if t in now]
    said = f" Shopify didn't keep this as typed: {', '.join(lacking)}." if lacking else ""
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
