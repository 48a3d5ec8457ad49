"""What became of an operation, by what Shopify's own record says: one function an action.

Each gives None while it cannot be known, UNDER_WAY while a payment provider is at work on it, RUNNING while Shopify
itself is, and UNKNOWN where it never will be known. "It did not happen" is only said some time after the sending, since
Shopify may still be at work on a request whose answer was lost.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from orderdesk import actions, cancellations, letters, orders, refunds
from orderdesk.actions import CANCEL, DISCOUNT, NOTES, REFUND, TAGS
from orderdesk.operations import FAILED, RUNNING, SUCCEEDED, UNKNOWN, Operation, Outcome
from orderdesk.shopify import Client, document

#: How far our clock and Shopify's may be apart.
_CLOCKS_APART = timedelta(minutes=1)

_LOCKED = " Shopify may still do it, so Orderdesk neither refunds nor cancels this order any more."
_CONFIRMED = "Confirmed by a later look at Shopify."


def never_sent(operation: Operation) -> Outcome:
    """The process that was to carry it out ended before it asked Shopify for anything."""
    return Outcome(
        FAILED,
        f"{actions.of(operation.subject.action).title} was not carried out",
        "Orderdesk was interrupted before it asked Shopify. Nothing was changed; it may be tried again.",
        {},
    )


def needs_person(operation: Operation, looked: bool) -> Outcome:
    """A day has passed and it is still not known, or two weeks in which it was under way or running.

    `looked`: Shopify has answered the last look. If it has not, what is said is what was known before.
    """
    subject, found = operation.subject, operation.found
    what = f"order {subject.order_name}" if subject.order_name else "the customer"
    look = f"Please look at {what} in Shopify before anything else is done (mark “{operation.mark}”)."
    title = actions.of(subject.action).title
    if operation.taken_on and (found or not looked):
        facts = found.facts if found else operation.draft
        entry: dict[str, Any] = {name: facts[name] for name in ("amount", "currency", "shopify") if name in facts}
        entry |= {"amount": facts["done"]} if "done" in facts else {}
        known = _so_far(found) if found else "Shopify had taken it on."
        message = f"“{title}” has not come to its end in two weeks."
        locked = _LOCKED if keeps_lock(operation, looked) else ""
        return Outcome(UNKNOWN, message, f"{known}{locked}{_silence(operation, looked)} {look}", entry)
    seen = "" if not looked else " Shopify's record does not say so, a day after it was sent."
    silence = _silence(operation, looked)
    return Outcome(
        UNKNOWN, f"It could not be found out whether “{title}” was done.", f"{seen}{silence} {look}".strip(), {}
    )


def keeps_lock(operation: Operation, looked: bool) -> bool:
    """Whether Shopify may still carry it out, by the last that is known: then the order is never free again."""
    return operation.taken_on and not operation.answered and bool(operation.found or not looked)


def _so_far(found: Outcome) -> str:
    """What was found, without what the agent was told about its end: nobody looks for that any more."""
    if found.state == RUNNING:
        return found.message
    return f"{found.message}: {found.detail.replace(refunds.FOLLOWED, '')}"


def _silence(operation: Operation, looked: bool) -> str:
    """Since when Shopify's record could not be read, if it could not."""
    if looked:
        return ""
    why = f" {operation.hindered}" if operation.hindered else ""
    since = operation.draft.get("looked_at")
    if not since:
        return f"{why} Orderdesk could not look at it once since it was sent."
    return f"{why} Orderdesk could last look at it on {since[:10]} at {since[11:16]} UTC."


def _refunded(client: Client, operation: Operation) -> Outcome | None:
    order = _order(client, operation, "refunds")
    name = operation.subject.order_name
    for refund in order["refunds"]:
        if f"({operation.mark})" in (refund.get("note") or ""):
            whole = refunds.read_whole(client, refund)
            outcome = refunds.outcome(name, whole, orders.status(order), client.request_id)
            return _confirmed(outcome)
    return _over(operation, f"Order {name} was not refunded")


def _cancelled(client: Client, operation: Operation) -> Outcome | None:
    outcome = cancellations.look(client, operation)
    if outcome.state != UNKNOWN:
        return _confirmed(outcome)
    if "job_result" in operation.draft or outcome.facts.get("cancelled"):
        return None
    over = _over(operation, f"Order {operation.subject.order_name} was not cancelled")
    if over and (refunded := outcome.facts.get("refunded")):
        return cancellations.not_cancelled_but(operation.subject.order_name, refunded, "")
    return over


def _confirmed(outcome: Outcome) -> Outcome:
    """An end that was found by a later look, as such. What is under way has not come to its end."""
    return outcome if outcome.open else outcome._replace(detail=f"{outcome.detail} {_CONFIRMED}")


def _code_created(client: Client, operation: Operation) -> Outcome | None:
    code = operation.draft["code"]
    data = client.read(document(__file__, "code"), code=code)
    node = data.get("codeDiscountNodeByCode") or {}
    discount = node.get("codeDiscount") or {}
    if _bears_mark(operation, discount):
        facts = {"shopify": {"discount": node["id"], "request_id": client.request_id}}
        worth = operation.draft.get("worth")
        return Outcome(
            SUCCEEDED, f"Created discount code {code}", f"{worth}. {_CONFIRMED}" if worth else _CONFIRMED, facts
        )
    over = _over(operation, f"Discount code {code} was not created")
    if (
        over
        and discount
        and datetime.fromisoformat(discount["createdAt"]) > datetime.fromisoformat(operation.sent_at) - _CLOCKS_APART
    ):
        hidden = "It bears no mark of this request, so whether it is the one asked for cannot be found out."
        message = f"There is a discount code {code} in Shopify, made when this request was."
        return over._replace(state=UNKNOWN, message=message, detail=f"{hidden} Please look at it in Shopify.")
    return over


def _bears_mark(operation: Operation, discount: dict[str, Any]) -> bool:
    """Whether this operation made the discount: earlier versions wrote the mark into its title, not onto a tag."""
    return operation.mark in (discount.get("tags") or []) or f"({operation.mark})" in (discount.get("title") or "")


def _tags_changed(client: Client, operation: Operation) -> Outcome | None:
    """Tags bear no mark, so what was asked is compared with what is there. In part: others have been at them."""
    tags = _order(client, operation, "edits").get("tags") or []
    # A tag whose capitals were changed was there before, as the one to remove.
    others = {letters.small(t) for t in tags} - {letters.small(t) for t in operation.draft["remove"]}
    done = [t in tags or letters.small(t) in others for t in operation.draft["add"]]
    done += [t not in tags for t in operation.draft["remove"]]
    name, now = operation.subject.order_name, f"The tags are now: {', '.join(tags) or 'none'}."
    if all(done):
        return Outcome(SUCCEEDED, f"The tags of order {name} are as asked", f"{now} {_CONFIRMED}", {})
    if any(done):
        over = _over(operation, f"Not all of the tags of order {name} are as asked", what=now)
        return over and over._replace(facts={"in_part": True})
    return _over(operation, f"The tags of order {name} were not changed")


def _note_changed(client: Client, operation: Operation) -> Outcome | None:
    """A note bears no mark either. One that is neither the old nor the new was changed again, and hides what was."""
    note = _order(client, operation, "edits").get("note") or ""
    name = operation.subject.order_name
    if hashlib.sha256(note.encode()).hexdigest() == operation.draft["note_sha256"]:
        return Outcome(SUCCEEDED, f"The note of order {name} is as asked", _CONFIRMED, {})
    if note == operation.facts["note"]:
        return _over(operation, f"The note of order {name} was not changed")
    over = _over(operation, f"The note of order {name} was changed again by somebody else")
    hidden = "Whether this change was made before that cannot be found out. Please look at the note."
    return over and over._replace(state=UNKNOWN, detail=hidden)


def _over(
    operation: Operation,
    message: str,
    what: str = "Shopify's record shows no trace of this request. It may be tried again.",
) -> Outcome | None:
    after = actions.of(operation.subject.action).surely_over
    return None if operation.age < after else Outcome(FAILED, message, what, {})


def _order(client: Client, operation: Operation, name: str) -> dict[str, Any]:
    data = client.read(document(__file__, name), id=orders.gid("Order", operation.subject.order))
    order: dict[str, Any] | None = data.get("order")
    if order is None:
        raise orders.not_found()
    return order


OUTCOMES: dict[str, Callable[[Client, Operation], Outcome | None]] = {
    CANCEL.name: _cancelled,
    REFUND.name: _refunded,
    DISCOUNT.name: _code_created,
    TAGS.name: _tags_changed,
    NOTES.name: _note_changed,
}
