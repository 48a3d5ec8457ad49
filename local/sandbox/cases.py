"""Customers and orders with more than one page of something, or with a rare kind of payment.

    order = cases.gift_cards(sandbox.store, 60)

Over HTTP: `POST /_sandbox/orders` with `{"case": "gift_cards", "count": 60}`; `CASES` has the names.
"""

from collections.abc import Callable
from decimal import Decimal as D  # noqa: N817
from typing import Any

from . import order_parts
from .lines import Line
from .new_orders import add
from .orders import Order, Parcel, Refund, Transaction
from .store import Customer, Store
from .written import written

AT_MOST = 1000


def paid_orders(store: Store, count: int) -> list[Order]:
    """Unfulfilled orders of the first customer, each paid by a gift card and a card."""
    tenders = (("gift_card", "Gift card", "20.00"), ("shopify_payments", "Visa", "109.00"))
    return [
        add(
            store,
            _first(store),
            [Line("Rain jacket", D(129))],
            [Transaction("SALE", D(amount), gateway, shown) for gateway, shown, amount in tenders],
        )
        for _ in range(count)
    ]


def gift_cards(store: Store, count: int = 60) -> Order:
    """An order paid by gift cards of 1.00 each."""
    cards = [Transaction("SALE", D(1), "gift_card", "Gift card") for _ in range(count)]
    return add(store, _first(store), [Line("Gift box", D(count))], cards)


def declined(store: Store, count: int = 100) -> Order:
    """An order whose card was declined several times before the payment that worked."""
    tries = [_card(D(129), status="FAILURE") for _ in range(count)]
    return add(store, _first(store), [Line("Rain jacket", D(129))], [*tries, _card(D(129))])


def refunds(store: Store, count: int = 101) -> Order:
    """An order with refunds of 1.00 each, and the same amount left."""
    sale = _card(D(2 * count))
    order = add(store, _first(store), [Line("Gift box", D(2 * count))], [sale])
    for number in range(1, count + 1):
        back = Transaction("REFUND", D(1), sale.gateway, sale.shown, sale.account, "SUCCESS", sale, store.now())
        order.transactions.append(back)
        order.refunds.append(Refund(f"Refund no. {number}", store.now(), [back]))
    return order


def orders(store: Store, count: int = 12) -> list[Order]:
    """Orders of one new customer, each paid by card."""
    customer = Customer("Olive", "Orders", f"olive.orders.{len(store.customers)}@example.com")
    store.customers.append(customer)
    return [add(store, customer, [Line("Tote bag", D(24))], [_card(D(24))]) for _ in range(count)]


def parcels(store: Store, count: int = 6) -> Order:
    """An order sent in parcels of one piece each. The first has two tracking numbers."""
    line = Line("Wool socks", D("12.50"), count, fulfilled=count)
    order = add(store, _first(store), [line], [_card(D("12.50") * count)])
    for number in range(1, count + 1):
        codes = [f"JD{number:04}A", f"JD{number:04}B"][: 2 if number == 1 else 1]
        tracking = [("DHL", code, f"https://track.example.com/{code}") for code in codes]
        order.parcels.append(Parcel([(line, 1)], tracking, "IN_TRANSIT"))
    return order


def by_hand(store: Store, count: int = 1) -> list[Order]:
    """Orders with payments that Shopify only records: cash on delivery and bank deposit, in turns."""
    ways = ("Cash on Delivery (COD)", "Bank Deposit")
    return [
        add(store, _first(store), [Line("Rain jacket", D(129))], [Transaction("SALE", D(129), way, way)])
        for way in (ways[n % len(ways)] for n in range(count))
    ]


def not_yet_paid(store: Store, count: int = 1) -> list[Order]:
    """Orders whose payment on delivery is pending."""
    way = "Cash on Delivery (COD)"
    return [
        add(
            store,
            _first(store),
            [Line("Rain jacket", D(129))],
            [Transaction("SALE", D(129), way, way, status="PENDING")],
        )
        for _ in range(count)
    ]


def cash(store: Store, count: int = 1) -> list[Order]:
    """Orders of 12.50 paid in a shop with a 20.00 bill and 7.50 change.

    The transaction CHANGE is published. That the received amount excludes the change is not verified.
    """
    made = []
    for _ in range(count):
        note = Transaction("SALE", D(20), "cash", "Cash")
        change = Transaction("CHANGE", D("7.50"), "cash", "Cash", parent=note)
        made.append(add(store, _first(store), [Line("Wool socks", D("12.50"))], [note, change]))
    return made


def archived(store: Store, count: int = 1) -> list[Order]:
    """Paid and fulfilled orders that were archived."""
    made = []
    for _ in range(count):
        order = add(store, _first(store), [Line("Tote bag", D(24), fulfilled=1)], [_card(D(24))])
        order.closed = store.now()
        made.append(order)
    return made


def declined_authorization(store: Store, count: int = 1) -> list[Order]:
    """Orders whose only authorization failed."""
    return [
        add(store, _first(store), [Line("Tote bag", D(24))], [Transaction("AUTHORIZATION", D(24), status="FAILURE")])
        for _ in range(count)
    ]


def merged(store: Store, count: int = 1) -> list[Order]:
    """Orders of a customer who was merged into the first one later."""
    gone = Customer("Martha", "Williams-Old", f"martha.old.{len(store.customers)}@example.com")
    store.customers.append(gone)
    made = [add(store, gone, [Line("Tote bag", D(24))], [_card(D(24))]) for _ in range(count)]
    store.merge(gone, _first(store))
    return made


CASES: dict[str, Callable[[Store, int], Order | list[Order]]] = {
    "paid": paid_orders,
    "gift_cards": gift_cards,
    "declined": declined,
    "refunds": refunds,
    "orders": orders,
    "parcels": parcels,
    "by_hand": by_hand,
    "not_yet_paid": not_yet_paid,
    "cash": cash,
    "archived": archived,
    "declined_authorization": declined_authorization,
    "merged": merged,
    "many_lines": lambda store, count: order_parts.many_lines(store, _first(store), count),
    "taxed": lambda store, count: [order_parts.taxed(store, _first(store)) for _ in range(count)],
    "two_places": lambda store, count: [order_parts.two_places(store, _first(store)) for _ in range(count)],
    "with_service": lambda store, count: [order_parts.with_service(store, _first(store)) for _ in range(count)],
    "held": lambda store, count: [order_parts.held(store, _first(store)) for _ in range(count)],
    "outstanding": lambda store, count: [order_parts.outstanding(store, _first(store)) for _ in range(count)],
    "company": lambda store, count: [order_parts.of_a_company(store, _first(store)) for _ in range(count)],
}
"""What can be made over HTTP, by name."""


def make(store: Store, case: Any, count: Any) -> list[Order]:
    """The orders of a case. Raises ValueError for an unknown case, or a count that is not from 1 to 1000."""
    if not isinstance(case, str) or case not in CASES:
        raise ValueError(f"case must be one of {', '.join(CASES)}, not {written(case)}")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= AT_MOST:
        raise ValueError(f"count must be a whole number from 1 to {AT_MOST}, not {written(count)}")
    made = CASES[case](store, count)
    return made if isinstance(made, list) else [made]


def _first(store: Store) -> Customer:
    if not store.customers:
        store.customers.append(Customer("Martha", "Williams", "martha.williams@example.com", "+15013299800"))
    return store.customers[0]


def _card(amount: D, status: str = "SUCCESS") -> Transaction:
    return Transaction("SALE", amount, "shopify_payments", "Visa", "•••• •••• •••• 4242", status)
