# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from collections.abc import Sequence
from typing import TypedDict

from typing_extensions import ReadOnly

from orderdesk.shopify.nodes import OrderFacts, Paid, Payments, PaymentsOrderTransaction, RefundMade

class RefundFacts(TypedDict, total=False):
    """The answer to `facts.graphql`."""

    order: ReadOnly[RefundFactsOrder | None]

class RefundFactsOrder(OrderFacts, Payments, total=False):
    transactions: ReadOnly[Sequence[PaymentsOrderTransaction]]
    customer: ReadOnly[RefundFactsCustomer | None]
    suggestedRefund: ReadOnly[RefundFactsSuggestedRefund | None]

class RefundFactsCustomer(TypedDict, total=False):
    id: ReadOnly[str]

class RefundFactsSuggestedRefund(TypedDict, total=False):
    shipping: ReadOnly[RefundFactsShippingRefund]
    refundLineItems: ReadOnly[Sequence[RefundFactsRefundLineItem]]
    suggestedTransactions: ReadOnly[Sequence[RefundFactsSuggestedOrderTransaction]]

class RefundFactsShippingRefund(TypedDict, total=False):
    maximumRefundableSet: ReadOnly[Paid]

class RefundFactsRefundLineItem(TypedDict, total=False):
    quantity: ReadOnly[int]
    lineItem: ReadOnly[RefundFactsLineItem]

class RefundFactsLineItem(TypedDict, total=False):
    id: ReadOnly[str]
    duties: ReadOnly[Sequence[RefundFactsDuty]]

class RefundFactsDuty(TypedDict, total=False):
    id: ReadOnly[str]

class RefundFactsSuggestedOrderTransaction(TypedDict, total=False):
    parentTransaction: ReadOnly[RefundFactsOrderTransaction | None]
    maximumRefundableSet: ReadOnly[Paid | None]

class RefundFactsOrderTransaction(TypedDict, total=False):
    id: ReadOnly[str]

class RefundOrder(TypedDict, total=False):
    """The answer to `refund.graphql`."""

    refundCreate: ReadOnly[RefundOrderRefundCreatePayload | None]

class RefundOrderRefundCreatePayload(TypedDict, total=False):
    refund: ReadOnly[RefundMade | None]
    order: ReadOnly[OrderFacts | None]
    userErrors: ReadOnly[Sequence[RefundOrderUserError]]

class RefundOrderUserError(TypedDict, total=False):
    field: ReadOnly[Sequence[str] | None]
    message: ReadOnly[str]

class ReconcileRefund(TypedDict, total=False):
    """The answer to `resolve.graphql`."""

    order: ReadOnly[ReconcileRefundOrder | None]

class ReconcileRefundOrder(OrderFacts, total=False):
    refunds: ReadOnly[Sequence[ReconcileRefundRefund]]

class ReconcileRefundRefund(RefundMade, total=False):
    note: ReadOnly[str | None]
