# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from collections.abc import Sequence
from typing import TypedDict

from typing_extensions import ReadOnly

from orderdesk.shopify.nodes import Address, CustomerCard, OrderCard

class CustomerProfile(TypedDict, total=False):
    """The answer to `customer_profile.graphql`."""

    customer: ReadOnly[CustomerProfileCustomer | None]
    shop: ReadOnly[CustomerProfileShop]

class CustomerProfileCustomer(CustomerCard, total=False):
    orders: ReadOnly[CustomerProfileOrderConnection]

class CustomerProfileOrderConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[OrderCard]]
    pageInfo: ReadOnly[CustomerProfilePageInfo]

class CustomerProfilePageInfo(TypedDict, total=False):
    hasNextPage: ReadOnly[bool]

class CustomerProfileShop(TypedDict, total=False):
    ianaTimezone: ReadOnly[str]

class GuestOrder(TypedDict, total=False):
    """The answer to `guest_order.graphql`."""

    order: ReadOnly[GuestOrderOrder | None]
    shop: ReadOnly[GuestOrderShop]

class GuestOrderOrder(OrderCard, total=False):
    email: ReadOnly[str | None]
    phone: ReadOnly[str | None]
    customer: ReadOnly[GuestOrderCustomer | None]

class GuestOrderCustomer(TypedDict, total=False):
    id: ReadOnly[str]

class GuestOrderShop(TypedDict, total=False):
    ianaTimezone: ReadOnly[str]

class OlderOrders(TypedDict, total=False):
    """The answer to `older_orders.graphql`."""

    customer: ReadOnly[OlderOrdersCustomer | None]

class OlderOrdersCustomer(TypedDict, total=False):
    orders: ReadOnly[OlderOrdersOrderConnection]

class OlderOrdersOrderConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[OlderOrdersOrder]]

class OlderOrdersOrder(OrderCard, total=False):
    confirmationNumber: ReadOnly[str | None]

class OrdersByName(TypedDict, total=False):
    """The answer to `orders_by_name.graphql`."""

    orders: ReadOnly[OrdersByNameOrderConnection]

class OrdersByNameOrderConnection(TypedDict, total=False):
    nodes: ReadOnly[Sequence[OrdersByNameOrder]]

class OrdersByNameOrder(TypedDict, total=False):
    id: ReadOnly[str]
    name: ReadOnly[str]
    confirmationNumber: ReadOnly[str | None]
    email: ReadOnly[str | None]
    phone: ReadOnly[str | None]
    billingAddress: ReadOnly[Address | None]
    customer: ReadOnly[CustomerCard | None]
