"""What Shopify has granted the store's app, asked as the functions ask: with their client and their credentials."""

from typing import Any, NamedTuple

from orderdesk.config import Settings
from orderdesk.deadline import Deadline
from orderdesk.errors import Denied, Moved, OrderdeskError
from orderdesk.shopify import DENIED, Client, document

_SECONDS = 6.0


class Scope(NamedTuple):
    """A scope, what it is for, and whether Orderdesk works without it."""

    name: str
    purpose: str
    optional: bool = False


#: The lists that are asked for, and the scope without which they are denied as a whole.
_ROOTS = {"customers": "read_customers", "orders": "read_orders"}
_SCOPED = frozenset(_ROOTS.values())

SCOPES = (
    Scope("write_orders", "Orders: show, cancel, refund, tags and notes"),
    Scope("read_customers", "Find the customer"),
    Scope("write_discounts", "Create discount codes"),
    Scope("read_products", "Name the collections that a code applies to"),
    Scope("read_all_orders", "Orders older than 60 days", optional=True),
)


def asked(known: Settings) -> dict[str, Any]:
    """`{scopes: [{name, purpose, optional, granted}], denied: [field]}`, or `{problem}` where Shopify did not say.

    `denied` are the fields of a customer and of an order that Shopify does not let the app see, whatever the scopes:
    those with personal data need an approval of their own.
    """
    client = Client(known, Deadline(_SECONDS))
    try:
        data = client.read(document(__file__, "access"))
        granted = {scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]}
        # Shopify lists `write_x` alone where it has been asked for: `read_x` is in it.
        granted |= {f"read_{name.removeprefix('write_')}" for name in granted if name.startswith("write_")}
        denied = sorted({_field(path) for path in _hidden(client) if _ROOTS.get(path) not in _SCOPED - granted})
    except Moved as moved:
        return {"problem": f"{moved.message} {_where(moved.to)}".strip()}
    except OrderdeskError as failure:
        return {"problem": f"{failure.message} {_for_admin(failure.detail)}".strip()}
    return {"scopes": [scope._asdict() | {"granted": scope.name in granted} for scope in SCOPES], "denied": denied}


def _hidden(client: Client) -> list[str]:
    """The paths of a customer's and an order's fields that Shopify does not show. Raises what `Client.read` raises."""
    try:
        missing = client.read_partly(document(__file__, "personal_data")).missing
    except Denied as denied:
        return list(denied.fields)
    return [m.path for m in missing if m.code == DENIED]


def _field(path: str) -> str:
    """A field as an admin reads it: `customers.defaultEmailAddress` of `customers.nodes.0.defaultEmailAddress`."""
    return ".".join(part for part in path.split(".") if part != "nodes" and not part.isdecimal())


def _where(to: str) -> str:
    """Which domain to set, if Shopify named one."""
    if to.endswith(".myshopify.com"):
        return f"It has moved to {to}: set shopify/domain to that."
    return f"It sends requests to {to}." if to else ""


def _for_admin(detail: str) -> str:
    """The sentence for the agent without what concerns an action."""
    return detail.removeprefix("Nothing was changed. ")
