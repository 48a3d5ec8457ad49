# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from collections.abc import Sequence
from typing import TypedDict

from typing_extensions import ReadOnly

class MatchCustomers(TypedDict, total=False):
    """The answer to `match_customers.graphql`."""

    customer1: ReadOnly[CustomerCard | None]
    customer2: ReadOnly[CustomerCard | None]
    customer3: ReadOnly[CustomerCard | None]
    customer4: ReadOnly[CustomerCard | None]
    customers: ReadOnly[MatchCustomersCustomerConnection]

class MatchCustomersCustomerConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[CustomerCard]]
    pageInfo: ReadOnly[MatchCustomersPageInfo]

class MatchCustomersPageInfo(TypedDict, total=False):
    hasNextPage: ReadOnly[bool]
    endCursor: ReadOnly[str | None]

class RefundPage(TypedDict, total=False):
    """The answer to `refund_page.graphql`."""

    refund: ReadOnly[RefundPageRefund | None]

class RefundPageRefund(TypedDict, total=False):
    transactions: ReadOnly[RefundPageOrderTransactionConnection]

class RefundPageOrderTransactionConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[Movement]]
    pageInfo: ReadOnly[RefundPagePageInfo]

class RefundPagePageInfo(TypedDict, total=False):
    hasNextPage: ReadOnly[bool]
    endCursor: ReadOnly[str | None]

class Address(TypedDict, total=False):
    name: ReadOnly[str | None]
    phone: ReadOnly[str | None]
    address1: ReadOnly[str | None]
    address2: ReadOnly[str | None]
    city: ReadOnly[str | None]
    provinceCode: ReadOnly[str | None]
    countryCodeV2: ReadOnly[str | None]  # CountryCode
    zip: ReadOnly[str | None]

class CustomerCard(TypedDict, total=False):
    id: ReadOnly[str]
    displayName: ReadOnly[str]
    defaultEmailAddress: ReadOnly[CustomerCardCustomerEmailAddress | None]
    defaultPhoneNumber: ReadOnly[CustomerCardCustomerPhoneNumber | None]
    defaultAddress: ReadOnly[CustomerCardMailingAddress | None]
    amountSpent: ReadOnly[CustomerCardMoneyV2]
    numberOfOrders: ReadOnly[str]  # UnsignedInt64

class CustomerCardCustomerEmailAddress(TypedDict, total=False):
    emailAddress: ReadOnly[str]

class CustomerCardCustomerPhoneNumber(TypedDict, total=False):
    phoneNumber: ReadOnly[str]

class CustomerCardMailingAddress(TypedDict, total=False):
    phone: ReadOnly[str | None]
    countryCodeV2: ReadOnly[str | None]  # CountryCode
    formatted: ReadOnly[Sequence[str]]

class CustomerCardMoneyV2(TypedDict, total=False):
    amount: ReadOnly[str]  # Decimal
    currencyCode: ReadOnly[str]  # CurrencyCode

class Movement(TypedDict, total=False):
    id: ReadOnly[str]
    kind: ReadOnly[str]  # OrderTransactionKind
    status: ReadOnly[str]  # OrderTransactionStatus
    gateway: ReadOnly[str | None]
    formattedGateway: ReadOnly[str | None]
    accountNumber: ReadOnly[str | None]
    manualPaymentGateway: ReadOnly[bool]
    amountSet: ReadOnly[Paid]

class OrderCard(OrderFacts, total=False):
    createdAt: ReadOnly[str]  # DateTime
    note: ReadOnly[str | None]
    tags: ReadOnly[Sequence[str]]
    statusPageUrl: ReadOnly[str]  # URL
    presentmentCurrencyCode: ReadOnly[str]  # CurrencyCode
    subtotalLineItemsQuantity: ReadOnly[int]
    totalPriceSet: ReadOnly[Paid]
    totalRefundedSet: ReadOnly[Paid]
    billingAddress: ReadOnly[Address | None]
    shippingAddress: ReadOnly[Address | None]
    shippingLine: ReadOnly[OrderCardShippingLine | None]
    lineItems: ReadOnly[OrderCardLineItemConnection]
    fulfillments: ReadOnly[Sequence[OrderCardFulfillment]]
    refunds: ReadOnly[Sequence[OrderCardRefund]]

class OrderCardShippingLine(TypedDict, total=False):
    title: ReadOnly[str]

class OrderCardLineItemConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[OrderCardLineItem]]
    pageInfo: ReadOnly[OrderCardPageInfo]

class OrderCardLineItem(TypedDict, total=False):
    id: ReadOnly[str]
    name: ReadOnly[str]
    sku: ReadOnly[str | None]
    quantity: ReadOnly[int]
    currentQuantity: ReadOnly[int]
    unfulfilledQuantity: ReadOnly[int]
    originalUnitPriceSet: ReadOnly[Paid]
    image: ReadOnly[OrderCardImage | None]

class OrderCardImage(TypedDict, total=False):
    url: ReadOnly[str]  # URL

class OrderCardPageInfo(TypedDict, total=False):
    hasNextPage: ReadOnly[bool]

class OrderCardFulfillment(TypedDict, total=False):
    displayStatus: ReadOnly[str | None]  # FulfillmentDisplayStatus
    status: ReadOnly[str]  # FulfillmentStatus
    estimatedDeliveryAt: ReadOnly[str | None]  # DateTime
    trackingInfo: ReadOnly[Sequence[OrderCardFulfillmentTrackingInfo]]
    fulfillmentLineItems: ReadOnly[OrderCardFulfillmentLineItemConnection]

class OrderCardFulfillmentTrackingInfo(TypedDict, total=False):
    company: ReadOnly[str | None]
    number: ReadOnly[str | None]
    url: ReadOnly[str | None]  # URL

class OrderCardFulfillmentLineItemConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[OrderCardFulfillmentLineItem]]
    pageInfo: ReadOnly[OrderCardPageInfo]

class OrderCardFulfillmentLineItem(TypedDict, total=False):
    quantity: ReadOnly[int | None]
    lineItem: ReadOnly[OrderCardFulfillmentLineItemLineItem]

class OrderCardFulfillmentLineItemLineItem(TypedDict, total=False):
    id: ReadOnly[str]

class OrderCardRefund(TypedDict, total=False):
    transactions: ReadOnly[OrderCardOrderTransactionConnection]
    refundLineItems: ReadOnly[OrderCardRefundLineItemConnection]

class OrderCardOrderTransactionConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[OrderCardOrderTransaction]]
    pageInfo: ReadOnly[OrderCardPageInfo]

class OrderCardOrderTransaction(TypedDict, total=False):
    kind: ReadOnly[str]  # OrderTransactionKind
    status: ReadOnly[str]  # OrderTransactionStatus
    gateway: ReadOnly[str | None]
    manualPaymentGateway: ReadOnly[bool]

class OrderCardRefundLineItemConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[OrderCardRefundLineItem]]
    pageInfo: ReadOnly[OrderCardPageInfo]

class OrderCardRefundLineItem(TypedDict, total=False):
    quantity: ReadOnly[int]
    restockType: ReadOnly[str]  # RefundLineItemRestockType
    lineItem: ReadOnly[OrderCardFulfillmentLineItemLineItem]

class OrderFacts(TypedDict, total=False):
    id: ReadOnly[str]
    name: ReadOnly[str]
    cancelledAt: ReadOnly[str | None]  # DateTime
    displayFinancialStatus: ReadOnly[str | None]  # OrderDisplayFinancialStatus
    displayFulfillmentStatus: ReadOnly[str]  # OrderDisplayFulfillmentStatus
    refundable: ReadOnly[bool]
    netPaymentSet: ReadOnly[Paid]
    totalReceivedSet: ReadOnly[Paid]
    transactions: ReadOnly[Sequence[OrderFactsOrderTransaction]]

class OrderFactsOrderTransaction(TypedDict, total=False):
    kind: ReadOnly[str]  # OrderTransactionKind
    status: ReadOnly[str]  # OrderTransactionStatus
    amountSet: ReadOnly[Paid]

class Paid(TypedDict, total=False):
    presentmentMoney: ReadOnly[PaidMoneyV2]

class PaidMoneyV2(TypedDict, total=False):
    amount: ReadOnly[str]  # Decimal
    currencyCode: ReadOnly[str]  # CurrencyCode

class Payments(TypedDict, total=False):
    transactions: ReadOnly[Sequence[PaymentsOrderTransaction]]
    transactionsCount: ReadOnly[PaymentsCount | None]

class PaymentsOrderTransaction(Movement, total=False):
    parentTransaction: ReadOnly[PaymentsOrderTransactionParentTransaction | None]

class PaymentsOrderTransactionParentTransaction(TypedDict, total=False):
    id: ReadOnly[str]

class PaymentsCount(TypedDict, total=False):
    count: ReadOnly[int]

class RefundMade(TypedDict, total=False):
    id: ReadOnly[str]
    createdAt: ReadOnly[str | None]  # DateTime
    totalRefundedSet: ReadOnly[Paid]
    transactions: ReadOnly[RefundMadeOrderTransactionConnection]

class RefundMadeOrderTransactionConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[Movement]]
    pageInfo: ReadOnly[RefundMadePageInfo]

class RefundMadePageInfo(TypedDict, total=False):
    hasNextPage: ReadOnly[bool]
    endCursor: ReadOnly[str | None]
