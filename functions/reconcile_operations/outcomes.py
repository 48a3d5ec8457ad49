"""What is said of an operation that has no end by Shopify's own record: it was never sent, or a person has to look."""

from typing import Any

from orderdesk import actions, refunds
from orderdesk.operations import FAILED, RUNNING, UNKNOWN, Operation, Outcome

_LOCKED = " Shopify may still do it, so Orderdesk no longer refunds or cancels this order."


def never_sent(operation: Operation) -> Outcome:
    """The process that was to carry it out ended before it asked Shopify for anything."""
    return Outcome(
        FAILED,
        f"This {actions.of(operation.subject.action).noun} wasn't carried out.",
        "Orderdesk was interrupted before it asked Shopify. Nothing was changed. You can try again.",
        {},
    )


def needs_person(operation: Operation, looked: bool) -> Outcome:
    """A day has passed and it is still not known, or two weeks in which it was under way or running.

    `looked`: Shopify has answered the last look. If it has not, what is said is what was known before.
    """
    subject, found = operation.subject, operation.found
    what = f"order {subject.order_name}" if subject.order_name else "the customer"
    look = f"Check {what} in Shopify before you do anything else (reference “{operation.reference}”)."
    noun = actions.of(subject.action).noun
    if operation.taken_on and (found or not looked):
        last = found.entry if found else operation.details
        entry: dict[str, Any] = {name: last[name] for name in ("amount", "currency", "shopify") if name in last}
        entry |= {"amount": last["done"]} if "done" in last else {}
        known = _so_far(found) if found else "Shopify had accepted it."
        message = f"This {noun} hasn't finished in two weeks."
        locked = _LOCKED if keeps_lock(operation, looked) else ""
        return Outcome(UNKNOWN, message, f"{known}{locked}{_silence(operation, looked)} {look}", entry)
    seen = "" if not looked else " A day after it was sent, Shopify's record still doesn't show it."
    message = f"We couldn't confirm whether this {noun} went through."
    return Outcome(UNKNOWN, message, f"{seen}{_silence(operation, looked)} {look}".strip(), {})


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
    since = operation.details.get("looked_at")
    if not since:
        return f"{why} We haven't been able to check since it was sent."
    return f"{why} We last checked on {since[:10]} at {since[11:16]} UTC."
