"""What Shopify has granted the store's app, asked as the functions ask: with their client and their credentials."""

from typing import Any, NamedTuple

from orderdesk.config import Settings
from orderdesk.deadline import Deadline
from orderdesk.errors import OrderdeskError
from orderdesk.shopify import Client, document

_SECONDS = 6.0


class Scope(NamedTuple):
    """A scope, what it is for, and whether Orderdesk works without it."""

    name: str
    purpose: str
    optional: bool = False


SCOPES = (
    Scope("write_orders", "Orders: show, cancel, refund, tags and notes"),
    Scope("read_customers", "Find the customer"),
    Scope("write_discounts", "Create discount codes"),
    Scope("read_products", "Name the collections that a code applies to"),
    Scope("read_all_orders", "Orders older than 60 days", optional=True),
)


def asked(known: Settings) -> dict[str, Any]:
    """`{scopes: [{name, purpose, optional, granted}]}`, or `{problem}` where Shopify did not say."""
    try:
        data = Client(known, Deadline(_SECONDS)).read(document(__file__, "access"))
    except OrderdeskError as failure:
        return {"problem": f"{failure.message} {_for_admin(failure.detail)}".strip()}
    granted = {scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]}
    # Shopify lists `write_x` alone where it has been asked for: `read_x` is in it.
    granted |= {f"read_{name.removeprefix('write_')}" for name in granted if name.startswith("write_")}
    return {"scopes": [scope._asdict() | {"granted": scope.name in granted} for scope in SCOPES]}


def _for_admin(detail: str) -> str:
    """The sentence for the agent without what concerns an action."""
    return detail.removeprefix("Nothing was changed. ")
