"""What Shopify's record says of a cancellation: while its job runs, and whenever one looks again.

Cancelling is asynchronous in Shopify, and its job id says nothing about one order. What counts comes in this order:
the order's own `cancelledAt`, whose cancellation that was (the staff note says), what became of the money (the
transactions of its refund say), and only then `jobResult` (2026-10).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from orderdesk import movements, orders, refunds
from orderdesk.money import presentment
from orderdesk.movements import FAILED as NEVER
from orderdesk.movements import Account
from orderdesk.operations import FAILED, REFUSED, RUNNING, SUCCEEDED, UNDER_WAY, UNKNOWN, Operation, Outcome
from orderdesk.shopify import Client, document, said, sentences

if TYPE_CHECKING:
    from orderdesk.movements import WithPayments
    from orderdesk.shopify.nodes import RefundMade

    from .nodes import Cancellation, CancellationNode, CancellationOrder

#: A cancellation and its refund have about the same time: the refund is made while the order is being cancelled.
_BEFORE, _AFTER = timedelta(seconds=2), timedelta(seconds=60)
#: After so long without its job's word, a cancelled order's record is all that there will be.
_JOB_SURELY_OVER = timedelta(minutes=30)
#: So long after an order was cancelled, its refund may be missing from what Shopify shows.
_REFUNDS_SURELY_SHOWN = timedelta(minutes=5)
#: So long a cancellation that Shopify named as being in progress may be ours.
_OTHERS_SURELY_OVER = timedelta(hours=24)

_UNSURE = " Shopify doesn't say which refunds belong to the cancellation. These match what was left to refund."


class _Record(NamedTuple):
    """What Shopify shows of a cancellation: the order, when it was cancelled, its job ({} if that cannot be asked), the
    refunds that it made, what became of their money, and of the money of other refunds that were made since it was
    sent.

    `surely` is False if Shopify's record fits another reading as well: it names no refund's cause.
    """

    order: CancellationOrder
    cancelled: datetime
    job: CancellationNode
    refunds: list[RefundMade]
    told: Account
    others: Account
    surely: bool


def look(client: Client, operation: Operation) -> Outcome:
    """One look at the order and, if its id is known, at the job.

    RUNNING while Shopify may still carry out what it has accepted. Its entry has `cancelled` if the order is cancelled,
    and by whom (UNKNOWN), or what became of its money (RUNNING), is not known yet.
    Raises NotFound if Shopify does not show the order, and what `Client.read` raises.
    """
    job_id, name = operation.details.get("job_result", ""), operation.subject.order_name
    order_id = orders.gid("Order", operation.subject.order)
    about = {"order": order_id, "result": job_id or order_id, "hasResult": bool(job_id)}
    data: Cancellation = client.read(document(__file__, "resolve"), **about)
    order, job = data.get("order"), data.get("node") or {}
    request = client.request_id
    if not order:
        raise orders.not_found()
    cancelled, cancellation = order.get("cancelledAt"), order.get("cancellation")
    if not cancelled:
        return _not_cancelled(operation, job, _account(order, _since(client, operation, order)))
    if not cancellation:
        message = f"Order {name} is cancelled, but Shopify doesn't say who cancelled it."
        detail = "Please don't try again. We're checking, and the timeline will say what happened."
        return Outcome(UNKNOWN, message, detail, {"cancelled": cancelled})
    if not _has(operation.reference, cancellation.get("staffNote")):
        return Outcome(
            REFUSED, f"Order {name} was cancelled by someone else", "Nothing was changed by this request.", {}
        )
    since = _since(client, operation, order)
    return _cancelled(operation, _record(operation, order, datetime.fromisoformat(cancelled), job, since), request)


def refused(order_name: str, words: str) -> Outcome:
    """Shopify did not cancel it, and said why."""
    detail = f"Nothing was changed. Shopify says: {words or said([])}"
    return Outcome(REFUSED, f"Shopify didn't cancel order {order_name}.", detail, {})


def not_cancelled_but(order_name: str, refunded: str, words: str) -> Outcome:
    """It did not come to a cancelled order, and money was refunded since it was asked for (`refunded`, in words).

    No amount is on the entry: a person may have refunded it in Shopify.
    """
    says = f" Shopify says: {words}" if words else ""
    detail = f"Refunded after this request: {refunded}. Shopify doesn't say whether the cancellation did that.{says}"
    return Outcome(
        FAILED,
        f"Order {order_name} wasn't cancelled, but money was refunded in the meantime.",
        f"{detail} Please check the order in Shopify.",
        {},
    )


def _not_cancelled(operation: Operation, job: CancellationNode, since: Account) -> Outcome:
    """The order is not cancelled: a job that failed says that it will not be, any other state of it says nothing. What
    Shopify has accepted may still be carried out until its job is done.

    `since` is what became of the refunds that were made since it was sent.
    """
    name = operation.subject.order_name
    if job.get("status") == "FAILED":
        if since.moves:
            return not_cancelled_but(name, since.words(), _words(job))
        return refused(name, _words(job))
    taken_on = "job_result" in operation.details and not job.get("done")
    # Whose the cancellation is that Shopify was at work on is not known, and it has no job that could be asked.
    if operation.details.get("in_progress") and operation.age > _OTHERS_SURELY_OVER:
        taken_on = False
    refunded = {"refunded": since.words()} if since.moves else {}
    return Outcome(
        RUNNING if taken_on else UNKNOWN,
        f"Shopify is still cancelling order {name}.",
        "Please don't cancel it again. The timeline will say how it ends.",
        refunded,
    )


def _words(job: CancellationNode) -> str:
    return sentences(job.get("errors") or [])


def _has(reference: str, note: str | None) -> bool:
    """Whether a staff note has this very reference: that of another attempt begins with the same key."""
    return reference in (note or "").split("\n") or (note or "").strip() == reference


def _since(client: Client, operation: Operation, order: CancellationOrder) -> list[RefundMade]:
    """The refunds that were not there before the sending and have no reference of ours, with all their transactions."""
    earlier = set(operation.details.get("refunds") or [])
    new = [r for r in order.get("refunds") or [] if orders.number(r["id"]) not in earlier]
    return [refunds.read_whole(client, r) for r in new if not refunds.is_ours(r)]


def _account(order: CancellationOrder, made: list[RefundMade]) -> Account:
    moves = tuple(m for refund in made for m in refunds.account(refund).moves)
    return Account(moves, presentment(order.get("netPaymentSet")).currency)


def _record(
    operation: Operation, order: CancellationOrder, cancelled: datetime, job: CancellationNode, since: list[RefundMade]
) -> _Record:
    """Which of the refunds `since` the sending are the cancellation's: those closest to it in time, as long as they are
    together no more than what was left when it was sent.

    One that was made before the cancelling is another person's, unless there is no other.
    """
    after = {r["id"]: _made_after(r, cancelled) for r in since}
    later = [r for r in since if after[r["id"]] >= -_BEFORE]
    mine = _within(sorted(later or since, key=lambda r: abs(after[r["id"]])), operation)
    others = [r for r in since if r not in mine]
    surely = len(mine) < 2 and all(-_BEFORE <= after[r["id"]] <= _AFTER for r in mine)
    return _Record(order, cancelled, job, mine, _account(order, mine), _account(order, others), surely)


def _made_after(refund: RefundMade, cancelled: datetime) -> timedelta:
    """How long after the cancelling a refund was made; as long as can be if Shopify does not say when (it may)."""
    made = refund.get("createdAt")
    return datetime.fromisoformat(made) - cancelled if made else timedelta.max


def _within(made: list[RefundMade], operation: Operation) -> list[RefundMade]:
    """Of refunds, as they come, those that fit into what was left of the order when it was sent."""
    if "amount" not in operation.shown:
        return made[:1]
    rest, mine = Decimal(operation.shown["amount"]), []
    for refund in made:
        asked = refunds.account(refund).all
        if asked.amount <= rest:
            mine.append(refund)
            rest -= asked.amount
    return mine


def _cancelled(operation: Operation, record: _Record, request_id: str) -> Outcome:
    """It is cancelled by this operation. `left` is money that did not go back, or for which nothing was begun yet."""
    name, order, told = operation.subject.order_name, record.order, record.told
    left, ids = orders.standing(order).left, [m.id for m in told.moves]
    shopify = {"cancelled_at": order["cancelledAt"], "transactions": ids, "request_id": request_id}
    entry = told.entry() | {"shopify": shopify}
    if told.open:
        money = "and its refund isn't recorded yet" if told.open_by_hand else "and its money is on its way"
        return Outcome(UNDER_WAY, f"Cancelled order {name}, {money}", refunds.pending(told), entry)
    if left and not _money_is_done(operation, record):
        detail = f"It's cancelled, but {left} hasn't gone back yet. The timeline will say how it ends."
        message = f"Shopify is still refunding order {name}."
        return Outcome(RUNNING, message, detail, {"cancelled": order["cancelledAt"]})
    if left and operation.details.get("refunding", True):
        words = f" {told.words()}." if told.moves else ""
        says = f" Shopify says: {_words(record.job)}" if _words(record.job) else ""
        detail = f"The order is cancelled, but {left} of what was paid wasn't refunded.{words}{says}"
        message = f"Not all of the money for order {name} went back."
        return Outcome(FAILED, message, f"{detail} Please check the order in Shopify.", entry)
    detail = f"{_money(operation, record)} Nothing was restocked. The order is now: {orders.status(order)}."
    return Outcome(SUCCEEDED, f"Cancelled order {name}", detail + _still_to_come(order), entry)


def _money_is_done(operation: Operation, record: _Record) -> bool:
    """Whether the cancellation will do nothing more: its job is done, or cannot be asked and its refund is
    there. A refund without any movement may still get some, and one that is made right after the cancelling may be
    missing from the answer."""
    over = operation.age > _JOB_SURELY_OVER
    if record.refunds and not record.told.moves:
        return False
    since = datetime.now(UTC) - record.cancelled
    if since < _REFUNDS_SURELY_SHOWN and orders.standing(record.order).left.amount > record.told.sum(NEVER).amount:
        return False
    if record.job:
        return bool(record.job.get("done"))
    return over or bool(record.told.moves)


def _money(operation: Operation, record: _Record) -> str:
    """What went back by the cancellation, what by others since then, and what stays, for the agent."""
    order, told = record.order, record.told
    left, on_its_way = orders.standing(order).left, movements.on_its_way(order)
    if told.moves:
        back = f"{told.moved} goes back to the original payment methods. " if told.moved else ""
        money = f"{back}{told.words()}.{_UNSURE if not record.surely else ''}"
    elif record.others.moves:
        money = "The cancellation itself didn't refund any money."
    elif on_its_way:
        money = f"There was nothing more to refund: {on_its_way} is already on its way back."
    elif operation.details.get("refunding", True) and Decimal(operation.shown.get("amount") or 0) > left.amount:
        money = "Money went back, but Shopify doesn't show which refund did that."
    else:
        money = "There was no money to refund."
    if record.others.moves:
        money += f" Also refunded after this request: {record.others.words()}."
    return f"{money} {left} of what was paid hasn't gone back." if left else money


def _still_to_come(order: CancellationOrder) -> str:
    """What cancelling does not stop: a payment that is not in yet."""
    return "".join(f" {words}." for words in pending_payments(order))


def pending_payments(order: WithPayments) -> list[str]:
    """A sentence for each payment that may come in after the cancellation (without its full stop)."""
    open_ = [f"A payment of {m.amount} by {m.shown} is" for m in movements.still_to_come(order)]
    if not open_ and order.get("displayFinancialStatus") == "PENDING":
        open_ = ["The payment is"]
    return [f"{what} still pending, and cancelling won't stop it" for what in open_]


__all__ = ["look", "not_cancelled_but", "pending_payments", "refused"]
