"""The fewest calls that Shopify's API allows for each job, and the lowest possible cost of a profile with ten
orders."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast

from local.sandbox.cost import meter
from local.sandbox.execution import schema
from orderdesk.actions import ACTIONS, Action
from orderdesk.shopify import document

from .report import Table


class Least(NamedTuple):
    """The fewest round trips, and why there can't be fewer."""

    trips: int
    why: str


_ONE_READ = "one read of the order"
_NOTHING = "does not call Shopify"

#: Why an action's form or submit cannot do with fewer, if its reason is not the usual one.
_WHY = {
    "cancel-order: submit": "a mutation cannot be followed by a query in one document, and its answer comes before the "
    "job's end; each poll is one more",
    "refund-order: form": _ONE_READ + " with its suggested refund",
    "refund-order: submit": "the transactions to refund must be known before the mutation",
    "refund-items: form": _ONE_READ + " with its suggested refund, and the locations",
    "refund-items: submit": "Shopify's amount for the choice must be known before the mutation; a submit that shows it "
    "first is one more read",
    "create-discount-code: form": "the collections and the currency",
    "edit-order-tags: submit": "a tag is removed as it is written now, so it must be read; both mutations fit into "
    "one document",
}


def _of(action: Action) -> dict[str, Least]:
    """The fewest for an action: its form reads once; its submit reads the order again, and changes it."""
    form, submit = f"{action.slug}: form", f"{action.slug}: submit"
    of_order = action.about == "order"
    usual = "Shopify has no “if unchanged”: read, then write" if of_order else "the mutation"
    return {
        form: Least(1, _WHY.get(form, _ONE_READ)),
        submit: Least(2 if of_order else 1, _WHY.get(submit, usual)),
    }


FEWEST = {
    "auto-link": Least(1, "both identifiers fit into one document"),
    "profile": Least(1, "customer, orders and what is in them fit into one document"),
    **{job: least for action in ACTIONS for job, least in _of(action).items()},
    "timeline": Least(0, _NOTHING),
    "reconcile, nothing open": Least(0, _NOTHING),
}

#: What the issue and the design require: `cancel` needs two, and the polls.
GOALS = {job: least.trips for job, least in FEWEST.items()} | {"cancel-order: submit": 3}


@dataclass
class Profile:
    """The cost of the profile's document in points, and how much of it each object accounts for."""

    ours: int
    objects: list[tuple[str, int]]
    unused: int

    @property
    def ratio(self) -> float:
        """Our cost divided by the lowest possible cost."""
        return round(self.ours / (self.ours - self.unused), 3)

    def table(self) -> Table:
        """For each object: what it costs, and what the helpdesk's card would lack without it."""
        return Table(
            "The profile's points: what would be saved without each object",
            ("object", "points of the profile", "what the card would lack"),
            [(path, points, SHOWN.get(path, "**nothing**")) for path, points in self.objects],
            intro=f"The document asks for {self.ours} points. Every object in it is needed: "
            "the pages of 10 orders and 20 lines are the card's, and plain values and money cost nothing.",
        )


#: The profile's objects by path, and what the card shows of them.
SHOWN = {
    "customer": "everything",
    "shop": "the times in orderStatus",
    "currentAppInstallation": "which actions the app's scopes allow",
    "orders": "the orders",
    "orders.transactions": "refundableTotal, and which actions there are",
    "orders.fulfillmentOrders": "which actions there are; read only if one that is switched on needs it",
    "orders.fulfillmentOrders.fulfillmentHolds": "who holds the order, and why",
    "orders.billingAddress": "billingAddress",
    "orders.shippingAddress": "fulfillments[].shippingAddress",
    "orders.shippingLine": "shippingSpeed",
    "orders.lineItems": "products",
    "orders.lineItems.image": "products[].imageUrl",
    "orders.fulfillments": "fulfillments",
    "orders.fulfillments.trackingInfo": "carrier, trackingNumber, trackingUrl",
    "orders.fulfillments.fulfillmentLineItems": "fulfillments[].productIds",
    "orders.fulfillments.fulfillmentLineItems.lineItem": "fulfillments[].productIds",
    "orders.refunds": "products[].status",
    "orders.refunds.transactions": "products[].status",
    "orders.refunds.refundLineItems": "products[].status",
    "orders.refunds.refundLineItems.lineItem": "products[].status",
    "defaultEmailAddress": "emails",
    "defaultPhoneNumber": "phones",
    "defaultAddress": "address",
}


#: An object's fields as they are written (`orders(first: 10)`). A plain value has none.
Selected = dict[str, "Selected"]

#: The parts of a connection, which are not objects.
_PARTS = frozenset({"nodes", "pageInfo"})


def profile() -> Profile:
    """The profile's cost, and the share of each object; objects that show nothing are `unused`."""
    from lookup import action

    text = document(action.__file__, "customer_profile").text
    definitions = parse(text).definitions
    fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
    [operation] = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    whole = _selected(operation, fragments)
    ours = _points(whole)
    assert ours == _points_of(text), "written out, the document costs the same"
    customer = next(written for written in whole if written.startswith("customer"))
    objects = [("customer", _points({customer: whole[customer]}))]
    objects += [(root, _points({root: whole[root]})) for root in ("shop", "currentAppInstallation")]
    objects += [
        (shown, ours - _points(_without(whole, (customer, *path)))) for path, shown in _objects(whole[customer])
    ]
    objects = [(shown, saved) for shown, saved in objects if saved]
    return Profile(ours, objects, sum(saved for shown, saved in objects if shown not in SHOWN))


def _selected(node: Any, fragments: dict[str, FragmentDefinitionNode]) -> Selected:
    """What a node selects, with fragments expanded."""
    found: Selected = {}
    for one in node.selection_set.selections if node.selection_set else ():
        if isinstance(one, FieldNode):
            arguments = ", ".join(print_ast(argument) for argument in one.arguments or ())
            found[f"{one.name.value}({arguments})" if arguments else one.name.value] = _selected(one, fragments)
        else:
            found |= _selected(fragments[one.name.value], fragments)
    return found


def _objects(selected: Selected, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The objects in the selection: the way to each, and its path in a readable form."""
    for written, inner in selected.items():
        if inner:
            path = (*at, written)
            if written not in _PARTS:
                yield path, ".".join(name.partition("(")[0] for name in path if name not in _PARTS)
            yield from _objects(inner, path)


def _without(selected: Selected, path: tuple[str, ...]) -> Selected:
    first, *rest = path
    kept = {written: inner for written, inner in selected.items() if rest or written != first}
    if rest:
        kept[first] = _without(selected[first], tuple(rest)) or {"__typename": {}}
    return kept


def _points(selected: Selected) -> int:
    return _points_of(f"query($id: ID!) {_written(selected)}")


def _written(selected: Selected) -> str:
    return "{" + " ".join(f"{name} {_written(inner) if inner else ''}" for name, inner in selected.items()) + "}"


def _points_of(text: str) -> int:
    parsed = parse(text)
    [operation] = [one for one in parsed.definitions if isinstance(one, OperationDefinitionNode)]
    return meter(schema(), parsed, {}).operation(operation)
