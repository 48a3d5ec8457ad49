# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from collections.abc import Sequence
from typing import TypedDict

from typing_extensions import ReadOnly

from orderdesk.shopify.nodes import Movement, OrderFacts, Payments, PaymentsOrderTransaction, RefundMade

class CancelOrder(TypedDict, total=False):
    """The answer to `cancel.graphql`."""

    orderCancel: ReadOnly[CancelOrderOrderCancelPayload | None]

class CancelOrderOrderCancelPayload(TypedDict, total=False):
    job: ReadOnly[CancelOrderJob | None]
    jobResult: ReadOnly[CancelOrderOrderCancelJobResult | None]
    orderCancelUserErrors: ReadOnly[Sequence[CancelOrderOrderCancelUserError]]

class CancelOrderJob(TypedDict, total=False):
    id: ReadOnly[str]

class CancelOrderOrderCancelJobResult(TypedDict, total=False):
    id: ReadOnly[str]

class CancelOrderOrderCancelUserError(TypedDict, total=False):
    field: ReadOnly[Sequence[str] | None]
    message: ReadOnly[str]

class CancelFacts(TypedDict, total=False):
    """The answer to `facts.graphql`."""

    order: ReadOnly[CancelFactsOrder | None]

class CancelFactsOrder(OrderFacts, Payments, total=False):
    transactions: ReadOnly[Sequence[PaymentsOrderTransaction]]
    refunds: ReadOnly[Sequence[CancelFactsRefund]]
    customer: ReadOnly[CancelFactsCustomer | None]

class CancelFactsRefund(TypedDict, total=False):
    id: ReadOnly[str]

class CancelFactsCustomer(TypedDict, total=False):
    id: ReadOnly[str]

class Cancellation(TypedDict, total=False):
    """The answer to `resolve.graphql`."""

    order: ReadOnly[CancellationOrder | None]
    node: ReadOnly[CancellationNode | None]

class CancellationOrder(OrderFacts, total=False):
    transactions: ReadOnly[Sequence[CancellationOrderTransaction]]
    refunds: ReadOnly[Sequence[CancellationRefund]]
    cancellation: ReadOnly[CancellationOrderCancellation | None]

class CancellationOrderTransaction(Movement, total=False):
    parentTransaction: ReadOnly[CancellationOrderTransactionParentTransaction | None]

class CancellationOrderTransactionParentTransaction(TypedDict, total=False):
    id: ReadOnly[str]

class CancellationRefund(RefundMade, total=False):
    note: ReadOnly[str | None]

class CancellationOrderCancellation(TypedDict, total=False):
    staffNote: ReadOnly[str | None]

class CancellationNode(TypedDict, total=False):
    done: ReadOnly[bool]
    status: ReadOnly[str]  # OrderCancelStatus
    errors: ReadOnly[Sequence[CancellationOrderCancelUserError]]

class CancellationOrderCancelUserError(TypedDict, total=False):
    field: ReadOnly[Sequence[str] | None]
    message: ReadOnly[str]
