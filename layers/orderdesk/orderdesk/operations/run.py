"""Run a submitted operation, from the claim to a true end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from .. import config, limits
from ..actions import Action
from ..errors import AnswerLost, Correctable, FormStays, OrderdeskError, Refused, StillRunning
from . import lock
from .approval import ApprovalNeeded
from .claim import Submit, claim, require_fresh, require_same_shop
from .decide import Decision, approve
from .model import PENDING, SENT
from .operation import Operation
from .outcome import not_known

if TYPE_CHECKING:
    from ..context import Context

logger = Logger(service="orderdesk", child=True)


@contextmanager
def run(ctx: "Context", action: Action, values: Mapping[str, Any]) -> Iterator[Operation]:
    """A submitted operation for as long as the block lasts: once, and with a true end.

    After a resend it has its `reply` already, and nothing must be done again. Raises what `claim` and the block raise;
    whatever that is, a claimed operation is brought to the state that it means. The form's age and the switch are
    looked at after the claim, so that a refusal is on the timeline.
    """
    submit = Submit(ctx.operation(), ctx.store, action, ctx.about(action), ctx.agent, values)
    operation = claim(submit, ctx.deadline)
    operation.values = values
    with _to_its_end(ctx, action, operation):
        yield operation


@contextmanager
def run_approved(ctx: "Context", action: Action, decision: Decision) -> Iterator[Operation]:
    """An operation that waited, approved by a second person, for as long as the block lasts: the same way as `run`.

    Its `values` are what the form sent. The switch is looked at before it is claimed, so that it waits on if that is
    off. Raises what `approve` and the block raise.
    """
    config.require_switched_on(ctx.settings, action)
    operation = approve(decision, ctx.deadline)
    with _to_its_end(ctx, action, operation):
        yield operation


@contextmanager
def _to_its_end(ctx: "Context", action: Action, operation: Operation) -> Iterator[None]:
    """Bring a claimed operation to a true end, whatever the block does. One that has its reply needs nothing more."""
    logger.append_keys(operation=operation.operation)
    if operation.reply:
        yield
        return
    try:
        if operation.approval:
            # It has its lock since it was asked for, and whatever ends it here releases that.
            operation.lock = lock.key_of(operation.subject)
        else:
            require_fresh(operation)
            config.require_switched_on(ctx.settings, action)
            limits.require_allowed(ctx.settings, operation.agent.vouched, action)
        operation.limits = limits.of(ctx.settings, action)
        require_same_shop(operation, ctx.settings.shop)
        until = operation.approval.ends if operation.approval else None
        operation.lock = lock.take(operation.subject, operation.operation, until)
        try:
            yield
        except ApprovalNeeded as asked:
            operation.wait(asked.worth)
        if not operation.reply:
            raise RuntimeError("the operation was neither completed nor refused")
    except Exception as error:
        if operation.state == PENDING:
            _end_unsent(operation, error)
            raise
        if operation.state == SENT:
            raise _ended(operation, error) from error
        raise


def _ended(operation: Operation, error: Exception) -> Exception:
    """Bring an operation that is SENT to the state that the error means, and give what the agent is told."""
    if isinstance(error, StillRunning):
        # A resend is told the same.
        operation.mark_unknown(told={"message": error.message, "detail": error.detail}, **error.entry)
        return error
    if isinstance(error, AnswerLost) or not isinstance(error, OrderdeskError):
        if not isinstance(error, OrderdeskError):
            logger.exception("Unhandled exception after an operation was sent", operation=operation.operation)
        operation.mark_unknown()
        return not_known(operation.subject)
    if isinstance(error, FormStays) and (operation.approval or not isinstance(error, Correctable)):
        # The form closes: this operation was sent, and another try is another operation. What a second person approved
        # is not theirs to correct.
        error = Refused(error.message, error.detail, code=error.code)
    operation.fail(error)
    return error


def _is_limit(refused: Refused) -> bool:
    """Whether a limit of the store is in the way, or limits that can't be read."""
    return refused.code.startswith("above_") or refused.code == limits.UNREADABLE


def _end_unsent(operation: Operation, error: Exception) -> None:
    """Nothing was sent: a refusal is on the timeline, after anything else the form stays good. What was approved waits
    again if only a limit is in its way."""
    limited = operation.approval and isinstance(error, Refused) and _is_limit(error)
    if isinstance(error, Refused) and not limited:
        operation.fail(error)
        return
    try:
        operation.release(error.errors() if isinstance(error, FormStays) else ())
    except (BotoCoreError, ClientError) as failure:
        # The reconciler writes down that nothing was sent.
        logger.exception("An operation could not be released", cause=type(failure).__name__)
