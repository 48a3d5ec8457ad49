"""Approve or decline what waits for a second person: the form, and what its submit does.

Both are at the address of the action that waits, with `decision=approve` or `decision=decline`, so that approving runs
the same function, with the same permissions, as the first submit.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from . import config, forms, limits, operations
from .errors import BadInput
from .operations import Decision, Operation, Reply
from .operations.approval import DECISIONS, DECLINE, NOTE_CHARACTERS
from .operations.submitted import MAY_BE_EMPTY, Submitted, read

if TYPE_CHECKING:
    from .actions import Action
    from .context import Context


class DecisionForm(Submitted):
    """What the form of a decision sends back."""

    note: Annotated[str, Field(title="Note", max_length=NOTE_CHARACTERS), MAY_BE_EMPTY] = ""


def opened(ctx: Context, action: Action) -> Reply:
    """The form of a decision: what was asked for, by whom, and why. Raises what `operations.waiting` raises."""
    decision = _kind(ctx)
    ctx.require_allowed(action)
    # What is switched off can still be declined.
    if decision != DECLINE:
        config.require_switched_on(ctx.settings, action)
    operation = operations.waiting(_decision(ctx, action))
    ids = {action.about: ctx.query[action.about], "customer": operation.subject.customer}
    submit_to = ctx.url(action, **ids, operation=operation.operation, decision=decision)
    return Reply(200, _form(operation, DECISIONS[decision], submit_to))


def declined(ctx: Context, action: Action) -> Reply | None:
    """End the operation if the decision is to decline it; None if it is to approve it.

    Raises what `operations.decline` raises, and BadInput for any other decision.
    """
    if _kind(ctx) != DECLINE:
        return None
    return operations.decline(_submitted(ctx, action), ctx.deadline)


def approved(ctx: Context, action: Action) -> AbstractContextManager[Operation]:
    """The operation that was approved, to be carried out as after its form's submit. Raises what
    `operations.run_approved` raises."""
    return operations.run_approved(ctx, action, _submitted(ctx, action))


def _submitted(ctx: Context, action: Action) -> Decision:
    """The decision as its form sent it. Raises InvalidFields, and Refused if the agent may not do the action."""
    decision = _decision(ctx, action, note=read(DecisionForm, ctx.values()).note)
    limits.require_allowed(ctx.settings, ctx.agent.vouched, action)
    return decision


def _kind(ctx: Context) -> str:
    decision = ctx.query["decision"]
    if decision not in DECISIONS:
        raise BadInput("A decision is approve or decline.", attr="decision")
    return decision


def _decision(ctx: Context, action: Action, note: str = "") -> Decision:
    return Decision(ctx.operation(), ctx.store, action, ctx.about(action), ctx.agent, note)


def _form(operation: Operation, button: str, submit_to: str) -> dict[str, Any]:
    approval = operation.approval
    if not approval:
        raise RuntimeError("the operation does not wait for a second person")
    asked_at = datetime.fromisoformat(approval.asked_at)
    who = operation.agent.name or operation.agent.id
    asked = f"{who} asked on {asked_at:%Y-%m-%d} at {asked_at:%H:%M} UTC"
    hint = ". ".join([asked, *_what(operation)])
    return forms.form(
        f"{button} {approval.words(operation.subject)}",
        button,
        submit_to,
        forms.text("note", "Note for your colleague", hint=hint, optional=True),
    )


def _what(operation: Operation) -> list[str]:
    """What was asked for, in parts of a hint without a full stop."""
    shown, details = operation.shown, operation.details
    where = (shown.get("confirm") or shown).get("where")
    lines = ", ".join(f"{line['quantity']} × {line['name']}" for line in details.get("lines") or [])
    found = [
        f"Reason: {details['reason']}" if details.get("reason") else "",
        details.get("worth", ""),
        lines,
        where or "",
    ]
    return [str(part).rstrip(".") for part in found if part]
