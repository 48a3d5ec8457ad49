"""The access scopes that Shopify has granted the app, and which of them an action lacks.

An order without the scopes for its fulfillment orders comes back as null as a whole if they are asked for. So a lookup
asks only if they are granted as far as this process knows: each profile says what is granted now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .actions import Action

if TYPE_CHECKING:
    from .shopify.nodes import Granted

_last: dict[str, frozenset[str]] = {}


def of(installation: Granted | None) -> frozenset[str] | None:
    """The scopes of an answer (fragment `Granted`), with what they include; None if it does not say.

    If an app asked for `write_x`, Shopify lists only that, and it includes `read_x`.
    """
    if not installation or installation.get("accessScopes") is None:
        return None
    granted = {scope["handle"] for scope in installation["accessScopes"]}
    granted |= {f"read_{name.removeprefix('write_')}" for name in granted if name.startswith("write_")}
    return frozenset(granted)


def remember(shop: str, granted: frozenset[str] | None) -> None:
    """Keep what a shop's answer has said of the app's scopes, for the next lookup of this process."""
    if granted is not None:
        _last[shop] = granted


def may_be_granted(shop: str, wanted: Iterable[str]) -> bool:
    """True unless the last answer of the shop has said that one of the scopes is missing."""
    last = _last.get(shop)
    return last is None or last.issuperset(wanted)


def lacking(action: Action, granted: frozenset[str] | None) -> str | None:
    """Why the action cannot be done for lack of a scope, as the end of a sentence; None if it can, or if it is not
    known what is granted: then Shopify decides."""
    missing = [scope for scope in action.scopes if granted is not None and scope not in granted]
    return f"Shopify hasn't granted the app {' and '.join(missing)}" if missing else None


def forget() -> None:
    """Forget what this process has read."""
    _last.clear()
