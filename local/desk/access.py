"""Check what Shopify has granted the store's app, with the functions' client and credentials."""

from collections.abc import Collection
from typing import Any, NamedTuple

from orderdesk.actions import ACTIONS, Action
from orderdesk.config import Settings
from orderdesk.deadline import Deadline
from orderdesk.errors import Denied, Moved, OrderdeskError
from orderdesk.scopes import of
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

#: What a lookup needs, and what it can do without.
_OF_LOOKUPS = (
    Scope("write_orders", "Show orders"),
    Scope("read_customers", "Find customers"),
    Scope("read_all_orders", "Show orders older than 60 days", optional=True),
)


def scopes(on: Collection[Action] = ACTIONS) -> list[Scope]:
    """Every scope with what it is for, by the actions' rows. It is optional if no action that needs it is `on`."""
    found = {scope.name: scope for scope in _OF_LOOKUPS}
    for action in ACTIONS:
        for name in action.scopes:
            before = found.get(name, Scope(name, "", optional=True))
            purpose = f"{before.purpose}, {action.title}" if before.purpose else action.title
            found[name] = Scope(name, purpose, before.optional and action not in on)
    return list(found.values())


def asked(known: Settings) -> dict[str, Any]:
    """`{scopes: [{name, purpose, optional, granted}], denied: [field]}`, or `{problem}` if Shopify did not say.

    `denied` are the fields of a customer and of an order that the app may not see, whatever its scopes: fields with
    personal data need a separate approval.
    """
    client = Client(known, Deadline(_SECONDS))
    try:
        data = client.read(document(__file__, "access"))
        granted = of(data["currentAppInstallation"]) or frozenset[str]()
        denied = sorted({_field(path) for path in _hidden(client) if _ROOTS.get(path) not in _SCOPED - granted})
    except Moved as moved:
        return {"problem": f"{moved.message} {_where(moved.to)}".strip()}
    except OrderdeskError as failure:
        return {"problem": f"{failure.message} {_for_admin(failure.detail)}".strip()}
    shown = [scope._asdict() | {"granted": scope.name in granted} for scope in scopes(known.switched_on)]
    return {"scopes": shown, "denied": denied}


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
