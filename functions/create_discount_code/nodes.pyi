# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from collections.abc import Sequence
from typing import TypedDict

from typing_extensions import ReadOnly

class CreateDiscountCode(TypedDict, total=False):
    """The answer to `discount.graphql`."""

    discountCodeBasicCreate: ReadOnly[CreateDiscountCodeDiscountCodeBasicCreatePayload | None]

class CreateDiscountCodeDiscountCodeBasicCreatePayload(TypedDict, total=False):
    codeDiscountNode: ReadOnly[CreateDiscountCodeDiscountCodeNode | None]
    userErrors: ReadOnly[Sequence[CreateDiscountCodeDiscountUserError]]

class CreateDiscountCodeDiscountCodeNode(TypedDict, total=False):
    id: ReadOnly[str]
    codeDiscount: ReadOnly[CreateDiscountCodeDiscountCode]

class CreateDiscountCodeDiscountCode(TypedDict, total=False):
    summary: ReadOnly[str]
    customerGets: ReadOnly[CreateDiscountCodeDiscountCustomerGets]

class CreateDiscountCodeDiscountCustomerGets(TypedDict, total=False):
    items: ReadOnly[CreateDiscountCodeDiscountItems]

class CreateDiscountCodeDiscountItems(TypedDict, total=False):
    collections: ReadOnly[CreateDiscountCodeCollectionConnection]

class CreateDiscountCodeCollectionConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[CreateDiscountCodeCollection]]

class CreateDiscountCodeCollection(TypedDict, total=False):
    title: ReadOnly[str]

class CreateDiscountCodeDiscountUserError(TypedDict, total=False):
    field: ReadOnly[Sequence[str] | None]
    message: ReadOnly[str]
    code: ReadOnly[str | None]  # DiscountErrorCode

class DiscountFacts(TypedDict, total=False):
    """The answer to `facts.graphql`."""

    customer: ReadOnly[DiscountFactsCustomer | None]
    order: ReadOnly[DiscountFactsOrder | None]
    shop: ReadOnly[DiscountFactsShop]
    collections: ReadOnly[DiscountFactsCollectionConnection]

class DiscountFactsCustomer(TypedDict, total=False):
    id: ReadOnly[str]

class DiscountFactsOrder(TypedDict, total=False):
    id: ReadOnly[str]
    customer: ReadOnly[DiscountFactsCustomer | None]

class DiscountFactsShop(TypedDict, total=False):
    currencyCode: ReadOnly[str]  # CurrencyCode
    ianaTimezone: ReadOnly[str]

class DiscountFactsCollectionConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[DiscountFactsCollection]]
    pageInfo: ReadOnly[DiscountFactsPageInfo]

class DiscountFactsCollection(TypedDict, total=False):
    id: ReadOnly[str]
    title: ReadOnly[str]

class DiscountFactsPageInfo(TypedDict, total=False):
    hasNextPage: ReadOnly[bool]

class ReconcileDiscountCode(TypedDict, total=False):
    """The answer to `resolve.graphql`."""

    codeDiscountNodeByCode: ReadOnly[ReconcileDiscountCodeDiscountCodeNode | None]

class ReconcileDiscountCodeDiscountCodeNode(TypedDict, total=False):
    id: ReadOnly[str]
    codeDiscount: ReadOnly[ReconcileDiscountCodeDiscountCode]

class ReconcileDiscountCodeDiscountCode(TypedDict, total=False):
    title: ReadOnly[str]
    tags: ReadOnly[Sequence[str]]
    createdAt: ReadOnly[str]  # DateTime
