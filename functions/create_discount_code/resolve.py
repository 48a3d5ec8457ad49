"""How the outcome of a discount code is found again after a lost answer: by the reference among its tags."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orderdesk.operations import SUCCEEDED, UNKNOWN, Operation, Outcome
from orderdesk.operations.outcome import CONFIRMED
from orderdesk.shopify import Client, document

if TYPE_CHECKING:
    from .nodes import ReconcileDiscountCode, ReconcileDiscountCodeDiscountCode

#: How far our clock and Shopify's may be apart.
_CLOCKS_APART = timedelta(minutes=1)


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of the code; None while that cannot be known. Raises what `Client.read` raises."""
    code = operation.details["code"]
    data: ReconcileDiscountCode = client.read(document(__file__, "resolve"), code=code)
    node = data.get("codeDiscountNodeByCode") or {}
    discount = node.get("codeDiscount") or {}
    if _is_of(operation, discount):
        worth = operation.details.get("worth")
        return Outcome(
            SUCCEEDED,
            f"Created discount code {code}",
            f"{worth}. {CONFIRMED}" if worth else CONFIRMED,
            {"shopify": {"discount": node["id"], "request_id": client.request_id}},
        )
    over = operation.no_trace(f"Discount code {code} wasn't created")
    earliest = datetime.fromisoformat(operation.sent_at) - _CLOCKS_APART
    if over and discount and datetime.fromisoformat(discount["createdAt"]) > earliest:
        return over._replace(
            state=UNKNOWN,
            message=f"Shopify has a discount code {code} that was created around the time of this request.",
            detail="It has no reference to this request, so we can't tell whether it's the one you asked for. "
            "Check it in Shopify.",
        )
    return over


def _is_of(operation: Operation, discount: ReconcileDiscountCodeDiscountCode) -> bool:
    """Whether this operation made the discount: earlier versions wrote the reference into its title, not onto a tag."""
    reference = operation.reference
    return reference in (discount.get("tags") or []) or f"({reference})" in (discount.get("title") or "")
