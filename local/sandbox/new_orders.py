"""Add orders to a store: with the next number, an age and their customer's address."""

from datetime import timedelta
from decimal import Decimal as D  # noqa: N817
from typing import Any

from .lines import Line
from .orders import Order, Refund, Transaction
from .store import Customer, Store


def address_of(name: str, phone: str | None) -> dict[str, Any]:
    """An address of a person, as a store keeps it."""
    return {
        "name": name, "phone": phone, "address1": "12 Harbour Street", "address2": None, "city": "Portland",
        "provinceCode": "OR", "countryCodeV2": "US", "zip": "97201",
    }  # fmt: skip


def add(store: Store, customer: Customer | None, lines: list[Line], paid: list[Transaction], **more: Any) -> Order:
    """A new order with the next number; `more` are fields of `Order`."""
    place = len(store.orders)
    ago = timedelta(days=40 - place, hours=place % 7) if place < 40 else timedelta(minutes=max(1, 1000 - place))
    created = store.now() - ago
    order = Order(f"#{1001 + place}", created, lines, paid, customer, **more)
    order.address = order.address or (customer.address if customer else address_of("Guest", None))
    order.email = order.email or (customer.email if customer else None)
    store.orders.append(order)
    return order


def refund_part(store: Store, order: Order, amount: D) -> None:
    """A refund made earlier in the Shopify admin, to the first payment."""
    first = order.payments()[0]
    back = Transaction("REFUND", amount, first.gateway, first.shown, first.account, "SUCCESS", first)
    order.transactions.append(back)
    order.refunds.append(Refund("Refunded in the Shopify admin", store.now(), [back]))


def card(amount: D, account: str = "•••• •••• •••• 4242", **more: Any) -> Transaction:
    """A successful card payment; `more` are fields of `Transaction`."""
    return Transaction("SALE", amount, "shopify_payments", "Visa", account, **more)
