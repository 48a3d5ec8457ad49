"""Check what Shopify has granted the store's app, with the functions' client and credentials."""

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


#: The lists to ask for, and the scope without which Shopify denies the whole list.
_ROOTS = {"customers": "read_customers", "orders": "read_orders"}
_SCOPED = frozenset(_ROOTS.values())

SCOPES = (
    Scope("write_orders", "Show orders; cancel and refund them, edit tags and notes"),
    Scope("read_customers", "Find customers"),
    Scope("write_discounts", "Create discount codes"),
    Scope("read_products", "Choose the collection that a code applies to"),
    Scope("read_all_orders", "Show orders older than 60 days", optional=True),
)


def asked(known: Settings) -> dict[str, Any]:
    """`{scopes: [{name, purpose, optional, granted}], denied: [field]}`, or `{problem}` if Shopify did not say.

    `denied` are the fields of a customer and of an order that the app may not see, whatever its scopes: fields with
    personal data need a separate approval.
    """
    client = Client(known, Deadline(_SECONDS))
    try:
        data = client.read(document(__file__, "access"))
        granted = {scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]}
        # If an app asked for `write_x`, Shopify lists only that, and it includes `read_x`.
        granted |= {f"read_{name.removeprefix('write_')}" for name in granted if name.startswith("write_")}
        denied = sorted({_field(path) for path in _hidden(client) if _ROOTS.get(path) not in _SCOPED - granted})
    except Moved as moved:
        return {"problem": f"{moved.message} {_where(moved.to)}".strip()}
    except OrderdeskError as failure:
        return {"problem": f"{failure.message} {_for_admin(failure.detail)}".strip()}
    return {"scopes": [scope._asdict() | {"granted": scope.name in granted} for scope in SCOPES], "denied": denied}


def _hidden(client: Client) -> list[str]:
    """The paths of the customer and order fields that Shopify hides. Raises what `Client.read` raises."""
    try:
        missing = client.read_partly(document(__file__, "personal_data")).missing
    except Denied as denied:
        return list(denied.fields)
    return [m.path for m in missing if m.code == DENIED]


def _field(path: str) -> str:
    """A field in an admin's words: `customers.nodes.0.defaultEmailAddress` becomes `customers.defaultEmailAddress`."""
    return ".".join(part for part in path.split(".") if part != "nodes" and not part.isdecimal())


def _where(to: str) -> str:
    """The domain to set, if Shopify named one."""
    if to.endswith(".myshopify.com"):
        return f"Set shopify/domain to {to}."
    return f"It redirects requests to {to}." if to else ""


def _for_admin(detail: str) -> str:
    """The agent's sentence without the part that is about an action."""
    return detail.removeprefix("Nothing was changed. ")
