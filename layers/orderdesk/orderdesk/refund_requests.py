"""Ask Shopify for a refund, and say what became of it: the same for a whole order and for some of its items.

Rules from Shopify's schema: `RefundInput`, `OrderTransactionInput`. A refund moves money only by its transactions, one
for each payment; `currency` is needed if shop and presentment currency differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from . import orders, refunds
from .config import Settings
from .context import Context
from .errors import AnswerLost, OrderdeskError, Refused, ShopifyUnavailable, StillRunning
from .movements import Tender
from .operations import RUNNING, UNDER_WAY, Operation, Outcome
from .orders import Node, Order
from .shopify import IN_PART, Document, Sent, result, said

if TYPE_CHECKING:
    from typing_extensions import ReadOnly

    from .shopify.answers import UserError
    from .shopify.nodes import OrderFacts, RefundMade

    class Made(TypedDict, total=False):
        """What `refundCreate` answers."""

        refund: ReadOnly[RefundMade | None]
        order: ReadOnly[OrderFacts | None]
        userErrors: ReadOnly[Sequence[UserError]]

    class Making(TypedDict, total=False):
        """The answer to a document that makes a refund."""

        refundCreate: ReadOnly[Made | None]


#: The reasons to choose from if an admin has listed none.
REASONS = (
    "Customer changed their mind", "Damaged or faulty", "Wrong item received", "Not as described",
    "Late or lost in delivery", "Ordered by mistake", "Goodwill", "Other",
)  # fmt: skip

#: How many entries Shopify takes in a list of an input.
LISTED_AT_MOST = 250


def reasons(settings: Settings) -> tuple[str, ...]:
    """The reasons to choose from: the admin's, or the usual ones."""
    return settings.reasons or REASONS


def transactions(order: str, tenders: Iterable[Tender]) -> list[dict[str, Any]]:
    """The transactions of a `RefundInput`, one for each payment of the order (its gid)."""
    return [
        {
            "orderId": order,
            "parentId": t.parent,
            "gateway": t.gateway,
            "kind": "REFUND",
            "amount": str(t.amount.amount),
        }
        for t in tenders
    ]


def suggested(
    order: Order[Node], lacks: Callable[[Order[Node]], bool], again: Callable[[], Order[Node]]
) -> Order[Node]:
    """The order with Shopify's suggestion. If a whole answer `lacks` it, the order is read once `again`: without it the
    lines of a refund are not known. Raises ShopifyUnavailable if that lacks it too, and what `again` raises."""
    if lacks(order):
        order = again()
    if lacks(order):
        raise ShopifyUnavailable(
            "Shopify doesn't say what can be refunded.", "Nothing was changed. Please try again in a minute.",
            code=IN_PART,
        )  # fmt: skip
    return order


def carry_out(
    ctx: Context,
    operation: Operation,
    sent: Sent,
    document: Document[Making],
    given: Mapping[str, Any],
    completed: Callable[[Outcome, Mapping[str, Any]], Outcome] = lambda outcome, _details: outcome,
) -> None:
    """Ask for a refund (`refundCreate` with fragments `RefundMade` and `OrderFacts`) by its `RefundInput`, and give the
    operation its reply. `completed` adds to the outcome what the operation's details say.

    Raises StillRunning if Shopify shows no payment of the refund yet, Refused if Shopify did not make it, AnswerLost if
    that is not known.
    """
    answer = ctx.shopify.mutate(document, sent, safe_to_repeat=True, input=given, key=operation.key)
    payload = answer["refundCreate"] or {}
    # A refund that is there was made, whatever else Shopify says.
    errors = said(payload["userErrors"]) if payload.get("userErrors") else ""
    made = payload.get("refund")
    if errors and not made:
        raise _refused(operation.subject.order_name, errors)
    found = _outcome(ctx, operation, _whole(ctx, result(made)), payload.get("order"))
    outcome = completed(found, operation.details)
    if errors:
        outcome = outcome._replace(detail=f"{outcome.detail} Shopify also says: {errors}")
    if outcome.state == RUNNING:
        raise StillRunning(outcome.message, outcome.detail, entry={"found": outcome._asdict()})
    if outcome.state == UNDER_WAY:
        operation.mark_under_way(outcome)
    else:
        operation.complete(outcome)


def _outcome(ctx: Context, operation: Operation, made: RefundMade, now: OrderFacts | None) -> Outcome:
    """What became of the money of a refund that was made. `now`: its order."""
    # What the answer lacks of the order changes nothing about the refund; a refunded order has a payment status.
    after = orders.status(now) if now and now.get("displayFinancialStatus") else ""
    return refunds.outcome(operation.subject.order_name, made, after, ctx.shopify.request_id)


def _whole(ctx: Context, refund: RefundMade) -> RefundMade:
    """The refund that was made, with all of its transactions. What hinders reading them says nothing about it."""
    try:
        return refunds.read_whole(ctx.shopify, refund)
    except OrderdeskError as failure:
        raise AnswerLost(failure.message) from None


def _refused(order_name: str, words: str) -> OrderdeskError:
    """Shopify's refusal. One that is about the key says that a request with it came before, and nothing of its end."""
    if "idempotency key" in words or "currently in progress" in words:
        return AnswerLost(words)
    return Refused(f"Shopify didn't refund order {order_name}.", f"Nothing was refunded. Shopify says: {words}")
