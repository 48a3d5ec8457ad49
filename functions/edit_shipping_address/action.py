"""Edit the shipping address: the whole address but its country, unless it has changed since the form was opened.

Shopify doesn't calculate taxes and shipping again, so the country stays. Its mutation has no guard of its own against
an order that is being sent; the rule is the guard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import forms
from orderdesk.context import Context
from orderdesk.errors import BadInput, Changed, CorrectableFields, OrderdeskError, Refused
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.shopify import Document, by_field, document, result, said
from orderdesk.worth import NOTHING

from .address import BY_SHOPIFY, FIELDS, hash_of, in_words, input_of, values_of

if TYPE_CHECKING:
    from . import nodes

FACTS: Document[nodes.ShippingAddressFacts] = document(__file__, "facts")


class Destination(NamedTuple):
    """Where an order is sent: its number and name, the address as the form has it, and the country's name and code."""

    id: str
    name: str
    values: dict[str, str]
    country: str
    country_code: str

    def known(self) -> dict[str, Any]:
        """By which the address is known again, without the address."""
        return {"address_sha256": hash_of(self.values), "country": self.country_code}

    def __str__(self) -> str:
        """The address on one line."""
        return in_words(self.values, self.country)


def look(ctx: Context, order: Order[nodes.ShippingAddressFactsOrder]) -> Destination:
    """The order's address. Raises Refused if Shopify doesn't know its country."""
    place = order.node["shippingAddress"]
    if not place or not place["countryCodeV2"]:
        raise Refused(
            f"The shipping address of order {order.name} has no country.",
            "Nothing was changed. Change the address in Shopify.",
        )
    return Destination(order.node["id"], order.name, values_of(place), place["country"] or "", place["countryCodeV2"])


def shown(ctx: Context, seen: Destination) -> dict[str, Any]:
    """By which the address is known again, without the address."""
    return seen.known()


def changed(shown: Mapping[str, Any], seen: Destination) -> Changed | None:
    """The address is no longer what the form showed: the message has the new one, and what was typed stays."""
    now = seen.known()
    if now == dict(shown):
        return None
    return Changed(
        "The shipping address has changed since you opened this form.",
        f"Nothing was overwritten. The address is now: {seen}. Yours is still in the form: submit again to replace it.",
        attr="address1",
        code="address_changed",
        now=now,
    )


def form(ctx: Context, seen: Destination, submit_to: str) -> dict[str, Any]:
    """The form, with the address in it."""
    hints = {
        "address1": f"In {seen.country or seen.country_code}. Taxes and shipping aren't calculated again, so the "
        "country can't be changed",
    }
    return forms.form(
        f"Edit shipping address on order {seen.name}",
        "Save address",
        submit_to,
        *(
            forms.text(one.attr, one.label, default=seen.values[one.attr], hint=hints.get(one.attr, ""), optional=True)
            for one in FIELDS
        ),
    )


def submit(ctx: Context, operation: Operation, seen: Destination, **values: Any) -> None:
    """Replace the address. Raises BadInput if it is what it was."""
    if values == seen.values:
        raise BadInput("You didn't change the address.", attr="address1", code="unchanged")
    sent = operation.send(NOTHING, address_sha256=hash_of(values), before=str(seen))
    change = {"id": seen.id, "shippingAddress": input_of(values, seen.country_code)}
    answer: nodes.EditShippingAddress = ctx.shopify.mutate(document(__file__, "address"), sent, input=change)
    payload = result(answer.get("orderUpdate"))
    if payload["userErrors"]:
        raise _refused(seen, payload["userErrors"])
    place = (payload["order"] or {}).get("shippingAddress")
    now = in_words(values_of(place), seen.country) if place else in_words(values, seen.country)
    operation.succeed(
        f"Changed the shipping address of order {seen.name}",
        f"Before: {seen}. Now: {now}. Taxes and shipping weren't calculated again.",
        shopify={"request_id": ctx.shopify.request_id},
    )


def _refused(seen: Destination, errors: Sequence[nodes.EditShippingAddressUserError]) -> OrderdeskError:
    """Shopify's refusal: each of its sentences at the field that it is about, if all are about fields of the form."""
    message = f"Shopify didn't change the shipping address of order {seen.name}."
    if fields := by_field(errors, BY_SHOPIFY):
        return CorrectableFields(message, said(errors), fields)
    return Refused(message, f"Nothing was changed. Shopify says: {said(errors)}")
