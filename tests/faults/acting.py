"""Each action as an agent does it, on one order of a desk."""

from datetime import timedelta
from typing import Any

from local.examples import EXAMPLES
from tests.faults.truth import operations

ORDER = "#1016"  # Paid by a gift card and a card, unfulfilled.
SUBMITS: dict[str, dict[str, Any]] = {slug: example.values for slug, example in EXAMPLES.items()}
#: The actions that move an order's money, and those about an order.
MONEY = tuple(slug for slug, example in EXAMPLES.items() if example.action.moves_money)
OF_ORDERS = tuple(slug for slug, example in EXAMPLES.items() if example.action.about == "order")


def opened(desk: Any, action: str) -> str:
    """The `actionUrl` of a new form; empty if there is none."""
    order = desk.store.order(ORDER)
    EXAMPLES[action].fit(order)
    about = f"customer={desk.linked(ORDER)}" if action not in OF_ORDERS else f"order={order.number}"
    form = desk.send("GET", f"/actions/{action}?{about}")
    return str(form.body["actionUrl"]) if form.status == 200 else ""


def submit(desk: Any, action: str, url: str) -> Any:
    """Submit the form."""
    return desk.send("POST", url, SUBMITS[action])


def reconciled(desk: Any) -> None:
    """Run the reconciler until nothing is open: at once, in minutes, within two days, or in two weeks."""
    for later in (2, 2, 10, 40, 300, 1440, 1440, 13 * 1440):
        desk.reconcile(later=timedelta(minutes=later))
        if not any("check_at" in operation for operation in operations(desk)):
            break
