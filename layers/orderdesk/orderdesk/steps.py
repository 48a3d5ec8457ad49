"""The way of every action, in the order of time: how its form is opened, and how it is submitted.

Whatever the action: who is calling, the switch, the claim, the lock, whose the order is, the rule, and whether what the
form showed is still so are checked here, before the action's own code is asked to change anything. Nothing reaches a
mutation another way: the client wants the proof that an operation is SENT, and only a checked operation can be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from . import api, config, decisions, forms, operations, orders, refunded
from .actions import Action
from .context import Context
from .errors import Changed
from .ids import CustomerId
from .operations import Operation, Reply, Subject
from .operations import lock as locks
from .operations.submitted import Submitted, read
from .orders import Node, Order
from .shopify import Document

if TYPE_CHECKING:
    from .orders import OfOrder

Seen = TypeVar("Seen")

#: The variables of an action's document, without the order's id: by the context, what the form showed, and the form's
#: fields (both are empty for the form itself). Raises BadInput if the fields do not fit what was shown.
Asks = Callable[[Context, Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]


#: Carries out a claimed operation with what its form sent, after the checks of a submit.
CarryOut = Callable[[Context, Operation], None]


class OrderSteps(Protocol[Node, Seen]):
    """What an action about an order does itself: the functions of its `action.py`."""

    @property
    def FACTS(self) -> Document[OfOrder[Node]]:  # noqa: N802
        """The document that reads what it has to know of the order."""

    def look(self, ctx: Context, order: Order[Node]) -> Seen:
        """What the action has to know of an order that is the customer's, and that the rule allows it on. Raises
        Refused if it cannot be done after all."""

    def shown(self, ctx: Context, seen: Seen) -> dict[str, Any]:
        """What the form shows and the submit compares with what is then (JSON)."""

    def form(self, ctx: Context, seen: Seen, submit_to: str) -> dict[str, Any]:
        """The form. Its submit goes to `submit_to`."""

    def changed(self, shown: Mapping[str, Any], seen: Seen) -> Changed | None:
        """What the agent is told if the order is no longer as the form showed; None if that makes no difference."""

    def submit(self, ctx: Context, operation: Operation, seen: Seen, /, *args: Any, **values: Any) -> None:
        """Carry it out: `operation.send`, the mutation, then a step that gives the operation its reply. `values` are
        the form's fields by name. Raises BadInput before the sending if they do not fit the order."""


class CustomerSteps(Protocol[Seen]):
    """What an action about a customer does itself: the functions of its `action.py`."""

    def look(self, ctx: Context, customer: CustomerId) -> Seen:
        """What the form shows, from Shopify. Raises NotFound if the customer is not there."""

    def shown(self, ctx: Context, seen: Seen) -> dict[str, Any]:
        """What the submit goes by: it reads nothing again (JSON)."""

    def form(self, ctx: Context, seen: Seen, submit_to: str) -> dict[str, Any]:
        """The form. Its submit goes to `submit_to`."""

    def submit(self, ctx: Context, operation: Operation, /, *args: Any, **values: Any) -> None:
        """Carry it out, as for an order. The customer is that of the operation, which the form was opened for."""


def asks_nothing(_ctx: Context, _shown: Mapping[str, Any], _values: Mapping[str, Any]) -> Mapping[str, Any]:
    """No variables: the order's id is enough."""
    return {}


def of_order(
    action: Action, form: type[Submitted], steps: OrderSteps[Node, Seen], asks: Asks = asks_nothing
) -> api.Endpoint:
    """The endpoint of an action about an order: GET opens its form, POST submits it.

    `asks`: the other variables of `FACTS`, if they follow from what the agent chose.
    """

    def opened(request: api.Request) -> Reply:
        ctx = api.enter(request, config.of_form(action))
        if ctx.query.get("decision"):
            return decisions.opened(ctx, action)
        config.require_switched_on(ctx.settings, action)
        ctx.require_allowed(action)
        order = orders.find(ctx, action, steps.FACTS, asks(ctx, {}, {}))
        seen = steps.look(ctx, order)
        subject = Subject(ctx.store, action.name, order.customer, order.number, order.name, ctx.settings.shop)
        if action.moves_money:
            locks.require_not_running(subject)
        operation = operations.create(subject, ctx.agent, steps.shown(ctx, seen))
        submit_to = ctx.url(action, order=order.number, customer=order.customer, operation=operation)
        told = refunded.lately(ctx.store, order.customer) if action.moves_money else ""
        return api.ok(forms.also(steps.form(ctx, seen, submit_to), told))

    def submitted(request: api.Request) -> Reply:
        ctx = api.enter(request, config.of_submit(action), fresh=True)
        return _submitted(ctx, action, form, carry_out)

    def carry_out(ctx: Context, operation: Operation) -> None:
        asked = asks(ctx, operation.shown, operation.values)
        seen = steps.look(ctx, orders.find(ctx, action, steps.FACTS, asked))
        _require_unchanged(operation, steps, seen)
        operation.checked = True
        steps.submit(ctx, operation, seen, **operation.values)

    return _endpoint(action, opened, submitted)


def of_customer(action: Action, form: type[Submitted], steps: CustomerSteps[Seen]) -> api.Endpoint:
    """The endpoint of an action about a customer: GET opens its form, POST submits it."""

    def opened(request: api.Request) -> Reply:
        ctx = api.enter(request, config.of_form(action))
        if ctx.query.get("decision"):
            return decisions.opened(ctx, action)
        config.require_switched_on(ctx.settings, action)
        ctx.require_allowed(action)
        customer = ctx.customer()
        seen = steps.look(ctx, customer)
        subject = Subject(ctx.store, action.name, customer, shop=ctx.settings.shop)
        operation = operations.create(subject, ctx.agent, steps.shown(ctx, seen))
        return api.ok(steps.form(ctx, seen, ctx.url(action, customer=customer, operation=operation)))

    def submitted(request: api.Request) -> Reply:
        ctx = api.enter(request, config.of_submit(action), fresh=True)
        return _submitted(ctx, action, form, carry_out)

    def carry_out(ctx: Context, operation: Operation) -> None:
        # The operation is this customer's, or it would not have been claimed; there is no rule for customers.
        operation.checked = True
        steps.submit(ctx, operation, **operation.values)

    return _endpoint(action, opened, submitted)


def _endpoint(
    action: Action, opened: Callable[[api.Request], Reply], submitted: Callable[[api.Request], Reply]
) -> api.Endpoint:
    opened.__doc__ = f"Open the form of “{action.title}”."
    submitted.__doc__ = f"Submit the form of “{action.title}”."
    return api.Endpoint(action.path, get=opened, post=submitted)


def _submitted(ctx: Context, action: Action, form: type[Submitted], carry_out: CarryOut) -> Reply:
    """What a submit is answered: of the action's form, or of a second person's decision about one that waits."""
    decides = bool(ctx.query.get("decision"))
    if decides and (reply := decisions.declined(ctx, action)):
        return reply
    with decisions.approved(ctx, action) if decides else operations.run(ctx, action, _values(form, ctx)) as operation:
        if not operation.reply:
            carry_out(ctx, operation)
    return _reply(operation)


def _values(form: type[Submitted], ctx: Context) -> dict[str, Any]:
    """The form's fields by name. Raises BadInput, before anything is claimed."""
    values = read(form, ctx.values())
    values.require_usable()
    return values.model_dump()


def _require_unchanged(operation: Operation, steps: OrderSteps[Any, Seen], seen: Seen) -> None:
    """Raise Changed if the order is no longer as the form showed. The form, which stays, is good for what is now."""
    if changed := steps.changed(operation.shown, seen):
        operation.shown |= changed.now
        if operation.approval:
            # What was told is what is new: `confirm` has the exact amount, if the action shows it before it is sent.
            operation.approval = operation.approval.shown_anew(changed.now.get("confirm") or changed.now)
        raise changed


def _reply(operation: Operation) -> Reply:
    if not operation.reply:
        raise RuntimeError("an operation ended without a reply")
    return operation.reply
