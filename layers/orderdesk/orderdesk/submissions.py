"""What opening a form and submitting it have in common, whatever the action."""

from collections.abc import Callable, Mapping
from typing import Any

from . import config, operations
from .api import Call
from .operations import Operation, Reply, Subject
from .orders import Order


def open_form(call: Call, action: str) -> None:
    """Let a form be opened: raises Misconfigured (dismissed) where an admin has switched the action off."""
    config.require_switched_on(call.settings, action)


def action_url(call: Call, action: str, about: Order | str, facts: Mapping[str, Any]) -> str:
    """A new operation about an order, or a customer (`about` is the id), and the address that its submit goes to.

    `facts` are what the form shows; the submit compares them with what is then.
    """
    if isinstance(about, Order):
        subject = Subject(call.store, action, about.customer, about.number, about.name)
        query = {"order": about.number, "customer": about.customer}
    else:
        subject = Subject(call.store, action, about)
        query = {"customer": about}
    return call.url(action, **query, operation=operations.offer(subject, call.agent, facts))


def carry_out(
    call: Call, action: str, about: str, values: Mapping[str, Any], do: Callable[[Operation], Reply]
) -> Reply:
    """Carry out a submitted operation about an order or customer (its id): once, and with a true end.

    The switch is looked at after the operation was claimed, so that a refusal is on the timeline too.
    """
    operation = call.operation()
    with operations.carried_out(operation, call.store, action, about, call.agent, values, call.deadline) as claimed:
        config.require_switched_on(call.settings, action)
        return do(claimed)


def shopify_words(errors: list[dict[str, Any]]) -> str:
    """Shopify's own words for a refusal, as one text."""
    return " ".join(dict.fromkeys(str(e.get("message", "")).strip() for e in errors))[:1000]
