"""What Shopify's record says of a refund: right after it was made, and whenever one looks again.

A `Refund` that exists says nothing about money; its transactions do (schema: `Refund`, `OrderTransactionStatus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from . import movements, orders
from .errors import AnswerLost
from .money import presentment
from .movements import DONE, NOT_KNOWN, Account
from .operations import FAILED, RUNNING, SUCCEEDED, UNDER_WAY, Operation, Outcome
from .shopify import Client, document

if TYPE_CHECKING:
    from typing_extensions import ReadOnly

    from .shopify.nodes import OrderFacts, RefundMade, RefundPage

    class Noted(TypedDict, total=False):
        """A refund with its note."""

        note: ReadOnly[str | None]

    class WithNote(RefundMade, Noted, total=False):
        """A refund with its transactions and its note."""

    class WithRefunds(OrderFacts, total=False):
        """An order with its refunds."""

        refunds: ReadOnly[Sequence[WithNote]]


#: What the agent is told of what is under way.
FOLLOWED = "; the timeline will say how it ends"

#: So much of a reason is in the note. Shopify names no limit for it; those of its other notes are 255 and more.
_REASON_CHARACTERS = 200


def note(reason: str, reference: str) -> str:
    """The note of a refund. The reference at its end is what finds it again, so no limit may cut it off."""
    cut = reason if len(reason) <= _REASON_CHARACTERS else f"{reason[: _REASON_CHARACTERS - 1]}…"
    return f"{cut} ({reference})"


def has(refund: Noted, reference: str) -> bool:
    """Whether a refund has this reference in its note."""
    return f"({reference})" in (refund.get("note") or "")


def is_ours(refund: Noted) -> bool:
    """Whether a refund has any reference of ours in its note."""
    return "(Orderdesk " in (refund.get("note") or "")


def read_whole(client: Client, refund: RefundMade) -> RefundMade:
    """A refund (fragment `RefundMade`) with all of its transactions, page after page.

    Raises AnswerLost if the answer has no transactions to begin with, and what `Client.read` raises.
    """
    page = refund.get("transactions")
    if page is None:
        raise AnswerLost("Shopify's answer did not say what became of the money.")
    nodes, more = list(page["nodes"]), page.get("pageInfo") or {}
    while more.get("hasNextPage"):
        after = more["endCursor"]
        answer: RefundPage = client.read(document(Path(__file__), "refund_page"), id=refund["id"], after=after)
        found = answer["refund"]
        if not found:
            raise AnswerLost("Shopify no longer shows the refund.")
        nodes += found["transactions"]["nodes"]
        more = found["transactions"]["pageInfo"]
    return refund | {"transactions": {"nodes": nodes}}


def account(refund: RefundMade) -> Account:
    """What became of the money of a refund that was read whole."""
    return movements.account(refund["transactions"]["nodes"], presentment(refund["totalRefundedSet"]).currency)


def outcome(order_name: str, refund: RefundMade, after: str, request_id: str) -> Outcome:
    """The outcome of a refund that was read whole; `after` is how the order stands now ("" if that is not known).

    SUCCEEDED if all of its money is back, UNDER_WAY while any of it may still move, FAILED if some of it did not go
    back, RUNNING while Shopify shows no movement of money at all. The amount is what is back by Shopify's record, in
    presentment currency.
    """
    told = account(refund)
    ids = {"refund": refund["id"], "transactions": [m.id for m in told.moves], "request_id": request_id}
    entry = told.entry() | {"shopify": ids}
    if not told.moves:
        return Outcome(
            RUNNING,
            f"Shopify has created the refund of order {order_name} but shows no payment for it yet.",
            "We can't tell yet whether any money goes back. Please don't refund again. We're checking, and the "
            "timeline will say what happened.",
            {"shopify": ids},
        )
    if told.open:
        return Outcome(UNDER_WAY, _doing(told, order_name), pending(told), entry)
    if told.failed:
        done = told.sum(DONE)
        which = "Part of the refund" if done else "The refund"
        recorded = f", and {told.by_hand} was only recorded" if told.by_hand else ""
        back = f"{told.moved or 'Nothing'} was refunded{recorded}."
        detail = f"{back} {told.words()}. Check the order in Shopify before you do anything else."
        return Outcome(FAILED, f"{which} of order {order_name} failed.", detail, entry)
    now = f" The order is now: {after}." if after else ""
    return Outcome(SUCCEEDED, _done(told, order_name), f"{told.words()}.{now}", entry)


def by_reference(client: Client, operation: Operation, order: WithRefunds) -> Outcome | None:
    """What became of the operation's refund, by its order as it is now; None if no refund has the operation's
    reference. Raises what `read_whole` raises."""
    for refund in order["refunds"]:
        if has(refund, operation.reference):
            whole = read_whole(client, refund)
            return outcome(operation.subject.order_name, whole, orders.status(order), client.request_id)
    return None


def _doing(told: Account, order_name: str) -> str:
    """What is under way, as the bold line: what is only written down does not move."""
    moving, by_hand = told.not_failed(by_hand=False), told.not_failed(by_hand=True)
    if not by_hand:
        return f"Refunding {moving} on order {order_name}"
    if not moving:
        return f"Recording a refund of {by_hand} on order {order_name}"
    return f"Refunding {moving} on order {order_name}, and recording {by_hand} more"


def pending(told: Account) -> str:
    """What is said while some of the money may still move."""
    who = "Shopify doesn't say yet" if told.sum(NOT_KNOWN) else "The payment provider is still working on it"
    if told.open_by_hand:
        who = "Shopify hasn't recorded it yet"
    return f"{told.words()}. {who}{FOLLOWED}."


def _done(told: Account, order_name: str) -> str:
    """What happened, as the bold line: what is only written down did not move."""
    if not told.by_hand:
        return f"Refunded {told.moved} on order {order_name}"
    if not told.moved:
        return f"Recorded a refund of {told.by_hand} on order {order_name}"
    return f"Refunded {told.moved} on order {order_name}, and recorded {told.by_hand} more"
