"""Send an invoice: Shopify emails the customer what is left to pay, with the agent's message.

It is Shopify's invoice with a link to pay, not a confirmation of the order; no mutation sends that again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orderdesk import forms
from orderdesk.context import Context
from orderdesk.errors import Changed, Refused
from orderdesk.money import Money, presentment
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.shopify import Document, document, result, said
from orderdesk.worth import NOTHING

if TYPE_CHECKING:
    from . import nodes

FACTS: Document[nodes.SendInvoiceFacts] = document(__file__, "facts")

#: How long a message may be. Shopify publishes no limit; this is the longest note that it accepts.
MESSAGE_LENGTH = 5000


def look(ctx: Context, order: Order[nodes.SendInvoiceFactsOrder]) -> Order[nodes.SendInvoiceFactsOrder]:
    """The order with its email address and what is left to pay."""
    return order


def shown(ctx: Context, seen: Order[nodes.SendInvoiceFactsOrder]) -> dict[str, Any]:
    """What is left to pay, and by which address the invoice goes, without the address."""
    return _known(seen)


def changed(shown: Mapping[str, Any], seen: Order[nodes.SendInvoiceFactsOrder]) -> Changed | None:
    """More or less is left to pay than the form showed, or the invoice would go elsewhere."""
    now = _known(seen)
    if now == dict(shown):
        return None
    return Changed(
        "The order has changed since you opened this form.",
        f"Nothing was sent. {due(seen)} is left to pay now, and the invoice goes to {seen.node['email']}. Submit again "
        "to send it.",
        code="order_changed",
        now=now,
    )


def form(ctx: Context, seen: Order[nodes.SendInvoiceFactsOrder], submit_to: str) -> dict[str, Any]:
    """The form: how much is left to pay, whom the invoice goes to, and a message."""
    return forms.form(
        f"Send invoice of order {seen.name}: {due(seen)} left to pay",
        "Send invoice",
        submit_to,
        forms.text(
            "message",
            "Message",
            hint=f"Shopify emails it to {seen.node['email']} with the invoice. {forms.LINE_BREAK} is a line break",
            optional=True,
        ),
    )


def submit(ctx: Context, operation: Operation, seen: Order[nodes.SendInvoiceFactsOrder], *, message: str) -> None:
    """Have Shopify send the invoice to the address that the form showed."""
    sent = operation.send(NOTHING)
    email = {"to": seen.node["email"], **({"customMessage": message} if message else {})}
    answer: nodes.SendInvoice = ctx.shopify.mutate(document(__file__, "invoice"), sent, id=seen.node["id"], email=email)
    payload = result(answer.get("orderInvoiceSend"))
    if payload["userErrors"]:
        raise Refused(
            f"Shopify didn't send an invoice for order {seen.name}.",
            f"Nothing was sent. Shopify says: {said(payload['userErrors'])}",
        )
    operation.succeed(
        f"Sent an invoice for order {seen.name}",
        f"Shopify emails it to the order's address. {due(seen)} is left to pay.{_with(message)}",
        shopify={"request_id": ctx.shopify.request_id},
    )


def due(seen: Order[nodes.SendInvoiceFactsOrder]) -> Money:
    """What the customer has left to pay."""
    return presentment(seen.node["totalOutstandingSet"])


def _with(message: str) -> str:
    return f" With the message: “{forms.one_line(message)}”" if message else ""


def _known(seen: Order[nodes.SendInvoiceFactsOrder]) -> dict[str, Any]:
    """By which the amount and the address are known again, without keeping the address."""
    return {"due": str(due(seen)), "to_sha256": hashlib.sha256((seen.node["email"] or "").encode()).hexdigest()}
