"""The five actions as an agent does them, on one order of a desk."""

from datetime import timedelta
from typing import Any

from tests.faults.truth import operations

ORDER = "#1016"  # a gift card and a card, unfulfilled
SUBMITS: dict[str, dict[str, Any]] = {
    "refund-order": {"reason": "Goodwill", "notify": True},
    "cancel-order": {"reason": "OTHER", "notify": False},
    "create-discount-code": {"code": "SORRY", "type": "fixed", "value": "5", "applies_to": "all", "expires": "1"},
    "edit-order-tags": {"tags": "asked for"},
    "edit-order-notes": {"note": "asked for"},
}


def opened(desk: Any, action: str) -> str:
    """The `actionUrl` of a new form, or nothing where none is to be had."""
    order = desk.store.order(ORDER)
    about = f"customer={desk.linked(ORDER)}" if action == "create-discount-code" else f"order={order.number}"
    form = desk.send("GET", f"/actions/{action}?{about}")
    return str(form.body["actionUrl"]) if form.status == 200 else ""


def submit(desk: Any, action: str, url: str) -> Any:
    """Submit the form."""
    return desk.send("POST", url, SUBMITS[action])


def settled(desk: Any) -> None:
    """Let the settler run until nothing is left: at once, in minutes, within two days, or in two weeks."""
    for later in (2, 2, 10, 40, 300, 1440, 1440, 13 * 1440):
        desk.settle(later=timedelta(minutes=later))
        if not any("unsettled" in operation for operation in operations(desk)):
            break
