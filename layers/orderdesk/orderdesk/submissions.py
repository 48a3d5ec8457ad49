"""What opening a form and submitting it have in common, whatever the action."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from . import claims, config, operations
from .actions import Action
from .api import Call
from .claims import Submit, claim, hold, not_known, require_fresh, require_same_shop
from .errors import AnswerLost, Changed, NothingHappened, OrderdeskError, Refused, StillRunning
from .money import Money
from .operations import PENDING, SENT, Operation, Subject
from .orders import Order
from .replies import Reply
from .shopify import sentences

logger = Logger(service="orderdesk", child=True)


def open_form(call: Call, action: Action) -> None:
    """Let a form be opened: raises Misconfigured (dismissed) where an admin has switched the action off."""
    config.require_switched_on(call.settings, action)


def require_not_running(call: Call, action: Action, order: Order) -> None:
    """Let a form be opened that moves an order's money: raises Refused (dismissed) while Shopify may still carry out
    an earlier refund or cancellation of ours."""
    claims.require_not_running(_about(call, action, order))


def action_url(call: Call, action: Action, about: Order | str, facts: Mapping[str, Any]) -> str:
    """A new operation about an order, or a customer (`about` is the id), and the address that its submit goes to.

    `facts` are what the form shows; the submit compares them with what is then.
    """
    if isinstance(about, Order):
        subject = _about(call, action, about)
        query = {"order": about.number, "customer": about.customer}
    else:
        subject = Subject(call.store, action.name, about, shop=call.settings.shop)
        query = {"customer": about}
    return call.url(action, **query, operation=operations.offer(subject, call.agent, facts))


def _about(call: Call, action: Action, order: Order) -> Subject:
    return Subject(call.store, action.name, order.customer, order.number, order.name, call.settings.shop)


def carry_out(
    call: Call, action: Action, about: str, values: Mapping[str, Any], do: Callable[[Operation], Reply]
) -> Reply:
    """Carry out a submitted operation about an order or customer (its id): once, and with a true end.

    Raises what `claims.claim`, `claims.hold` and `do` raise; whatever that is, a claimed operation is brought to the
    state that it means. The form's age and the switch are looked at after the claim, so that a refusal is on the
    timeline.
    """
    submit = Submit(call.operation(), call.store, action, about, call.agent, values)
    claimed = claim(submit, call.deadline)
    logger.append_keys(operation=claimed.operation)
    try:
        require_fresh(claimed)
        config.require_switched_on(call.settings, action)
        require_same_shop(claimed, call.settings.shop)
        hold(claimed)
        return do(claimed)
    except Exception as error:
        raise _ended(claimed, error) from error


def money_shown(amount: Money, where: str) -> dict[str, Any]:
    """The facts of a form that shows an amount, and to which tenders it goes (`where`, as the agent reads it)."""
    return {"amount": str(amount.amount), "currency": amount.currency, "where": where}


def require_same_money(operation: Operation, now: Money, where: str) -> None:
    """Nothing if amount and tenders are what the form showed. Else Changed, and the form, which stays, is good for
    `now` and `where`."""
    shown = operation.facts
    same_amount = Money(Decimal(shown["amount"]), shown["currency"]) == now
    # A form of an earlier version did not keep its tenders.
    if same_amount and shown.get("where", where) == where:
        return
    operation.facts = shown | money_shown(now, where)
    there = f" {where}." if where else ""
    if same_amount:
        message, code = f"The {now} would go back by other payment methods than this form showed.", "tenders_changed"
    else:
        message = f"The amount to refund is now {now}." if now else "Nothing is left to refund."
        code = "amount_changed"
    again = f"go on with {now}" if now else "go on without a refund"
    raise Changed(
        message,
        f"Nothing was done: it has changed since this form was opened.{there} Submit again to {again}.",
        code=code,
    )


def shopify_words(errors: list[dict[str, Any]]) -> str:
    """Shopify's own words for a refusal, as one text."""
    return sentences(errors) or "no reason given"


def _ended(claimed: Operation, error: Exception) -> Exception:
    """What the agent is told, after the operation has been brought to the state that the error means."""
    if claimed.state == PENDING:
        return _ended_unsent(claimed, error)
    if claimed.state != SENT:
        return error
    if isinstance(error, StillRunning):
        claimed.unknown(**error.facts)
        return error
    if isinstance(error, AnswerLost) or not isinstance(error, OrderdeskError):
        if not isinstance(error, OrderdeskError):
            logger.exception("An operation broke after it was sent", operation=claimed.operation)
        claimed.unknown()
        return not_known(claimed.subject)
    # The form is dismissed: this operation was sent, and another try is another operation.
    refused = Refused(error.message, error.detail, code=error.code) if isinstance(error, NothingHappened) else error
    claimed.end(refused)
    return refused


def _ended_unsent(claimed: Operation, error: Exception) -> Exception:
    if isinstance(error, Refused):
        claimed.end(error)
        return error
    try:
        claimed.give_back()
    except (BotoCoreError, ClientError) as failure:
        # The reconciler writes down that nothing was sent.
        logger.exception("An operation could not be given back", cause=type(failure).__name__)
    return error
