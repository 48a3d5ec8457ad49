"""Orders with parts that are refunded, on hold, sent from elsewhere, or unpaid.

    order = order_parts.taxed(sandbox.store, customer)

Over HTTP: `POST /_sandbox/orders` with `{"case": "taxed"}`; `cases.CASES` has the names.
"""

from collections.abc import Callable
from decimal import Decimal as D  # noqa: N817

from .fulfillment_orders import OURS, App, FulfillmentOrder, Hold, Pieces
from .lines import Line
from .locations import Location, service
from .new_orders import add, card
from .orders import Order, Refund, RefundedLine, Transaction
from .store import Customer, Store
from .store_credit import GATEWAY, SHOWN

FRAUD_GUARD = App("Fraud Guard", 347082227714)
"""Another app, which holds fulfillments."""


def taxed(store: Store, customer: Customer | None) -> Order:
    """Three lines with their own discounts and a part of the order's, taxes not included, shipping, two payments.

    The order's discount is 19.00 of 2 × 58.00 − 11.60, 3 × 12.50 − 7.50 and 24.00; tax is 11.15, shipping 8.00 and its
    tax 0.63: 60.00 by gift card and 99.18 by card.
    """
    lines = [
        Line("Canvas sneaker", D("58.00"), 2, "SNEAKER-41", discount=D("11.60")),
        Line("Wool socks", D("12.50"), 3, "SOCKS-GREY", discount=D("7.50")),
        Line("Tote bag", D("24.00"), 1, "TOTE"),
    ]
    for line, cart_discount, tax in zip(lines, ("12.00", "4.00", "3.00"), ("7.39", "2.08", "1.68"), strict=True):
        line.restockable, line.cart_discount, line.tax = True, D(cart_discount), D(tax)
    total = sum((x.paid + x.tax for x in lines), D("8.63"))
    paid = [Transaction("SALE", D("60.00"), "gift_card", "Gift card"), card(total - 60)]
    return add(store, customer, lines, paid, shipping=D("8.00"), shipping_tax=D("0.63"))


def taxes_included(store: Store, customer: Customer | None) -> Order:
    """An order in euros with taxes included, of which one of three pieces was refunded earlier."""
    line = Line("Wool socks", D("10.00"), 3, "SOCKS-RED", tax=D("4.79"), tax_title="USt", fulfilled=3)
    payment = card(D("34.90"))
    order = add(
        store, customer, [line], [payment], shipping=D("4.90"), shipping_tax=D("0.78"), taxes_included=True,
        currency="EUR", rate=D("1.08"),
    )  # fmt: skip
    back = Transaction("REFUND", D("10.00"), payment.gateway, payment.shown, payment.account, "SUCCESS", payment)
    line.refunded = 1
    part = RefundedLine(line, 1, "RETURN", tax=D("1.60"), location=store.locations[0])
    order.refunds.append(Refund("Refunded in the Shopify admin", store.now(), [back], lines=[part]))
    order.transactions.append(back)
    return order


def many_lines(store: Store, customer: Customer | None, count: int = 24) -> Order:
    """An order with many lines, the first with two pieces, and with shipping."""
    lines = [Line(f"Postcard no. {n}", D("1.50"), 2 if n == 1 else 1, f"CARD-{n:03}") for n in range(1, count + 1)]
    return add(store, customer, lines, [card(D("1.50") * (count + 1) + 3)], shipping=D("3.00"))


def paid_with_store_credit(store: Store, customer: Customer | None) -> Order:
    """An order paid with store credit and a card."""
    tenders = [Transaction("SALE", D("10.00"), GATEWAY, SHOWN), card(D("19.00"))]
    return add(store, customer, [Line("Tote bag", D("24.00"))], tenders, shipping=D("5.00"))


def of_a_company(store: Store, customer: Customer | None) -> Order:
    """An order of a company (B2B), which cannot be refunded to store credit."""
    return add(store, customer, [Line("Rain jacket", D("129.00"), 10)], [card(D(1290))], company="Lindqvist Travel")


def two_places(store: Store, customer: Customer | None) -> Order:
    """An order that is sent from two of the merchant's locations."""
    order = add(store, customer, _two_lines(), [card(D("154.00"))])
    _send_from(order, [([order.lines[0]], store.locations[0]), ([order.lines[1]], _second(store))])
    return order


def partly_sent(store: Store, customer: Customer | None) -> Order:
    """An order whose first line was sent, and whose second line will be sent from another location."""
    tracking = ("DHL", "JD0000000777", "https://track.example.com/", "IN_TRANSIT")
    order = add(store, customer, _two_lines(), [card(D("154.00"))], tracking=tracking)
    _send_from(order, [([order.lines[0]], store.locations[0]), ([order.lines[1]], _second(store))])
    order.lines[0].fulfilled = order.lines[0].quantity
    return order


def with_service(store: Store, customer: Customer | None, request: str = "SUBMITTED") -> Order:
    """An order that a fulfillment service sends; `request`: the request to it, and its answer."""
    order = add(store, customer, [Line("Tote bag", D("24.00"), 2)], [card(D("48.00"))])
    _send_from(order, [(order.lines, _service(store))])
    order.work[0].request = request
    return order


def place_and_service(store: Store, customer: Customer | None) -> Order:
    """An order sent partly from the merchant's location, and partly by a fulfillment service that is working on it."""
    order = add(store, customer, _two_lines(), [card(D("154.00"))])
    _send_from(order, [([order.lines[0]], store.locations[0]), ([order.lines[1]], _service(store))])
    order.work[1].request = "ACCEPTED"
    return order


def held(store: Store, customer: Customer | None) -> Order:
    """An order with a hold by another app."""
    order = add(store, customer, [Line("Rain jacket", D("129.00"))], [card(D("129.00"))])
    order.fulfillment_orders()[0].holds.append(
        Hold("HIGH_RISK_OF_FRAUD", "The card is from another country", "guard-1", FRAUD_GUARD)
    )
    return order


def held_twice(store: Store, customer: Customer | None) -> Order:
    """An order with holds by another app and the merchant, sent from two locations, one of which is on hold."""
    order = two_places(store, customer)
    order.work[0].holds += [
        Hold("AWAITING_PAYMENT", None, "guard-1", FRAUD_GUARD),
        Hold("INCORRECT_ADDRESS", "Waiting for the flat number", app=None),
    ]
    return order


def outstanding(store: Store, customer: Customer | None, paid: D = D(0)) -> Order:
    """An order of 75.50 that is partly paid. Without a customer, there is no known recipient for an invoice."""
    lines = [Line("Canvas sneaker", D("58.00")), Line("Wool socks", D("12.50"))]
    return add(store, customer, lines, [card(paid)] if paid else [], shipping=D("5.00"))


def leave_unpaid(order: Order) -> None:
    """Add a line of 10.00 that is not paid, unless something is outstanding already."""
    if not order.outstanding:
        order.lines.append(Line("Gift wrap", D("10.00")))


def hold(order: Order) -> None:
    """Put what is left to send on hold by the app that asks, unless it holds some of it already."""
    parts = [one for one in order.fulfillment_orders() if one.status != "CLOSED"]
    if not any(held.app is OURS for one in parts for held in one.holds):
        for one in parts:
            one.holds.append(Hold("INCORRECT_ADDRESS", "The flat number is missing – Ann Lee", "earlier"))


def held_by_us(store: Store, customer: Customer | None) -> Order:
    """An order with a hold by the app that asks."""
    order = add(store, customer, [Line("Rain jacket", D("129.00"))], [card(D("129.00"))])
    hold(order)
    return order


FITTING: dict[str, Callable[[Order], None]] = {"outstanding": leave_unpaid, "held": hold}
"""What makes an order one of a kind, by name."""


def _two_lines() -> list[Line]:
    return [Line("Wool socks", D("12.50"), 2, "SOCKS-GREY"), Line("Rain jacket", D("129.00"), 1, "JACKET-M")]


def _send_from(order: Order, parts: list[tuple[list[Line], Location]]) -> None:
    """Give an order a fulfillment order for each of these lines and places."""
    order.work = [
        FulfillmentOrder([Pieces(x, x.quantity) for x in lines], place, order.created) for lines, place in parts
    ]


def _second(store: Store) -> Location:
    """The second of the merchant's locations; a new one if there is none."""
    own = [one for one in store.locations if one.service is None]
    return own[1] if len(own) > 1 else _added(store, Location("Harbour store", store.locations[0].number + 32768))


def _service(store: Store) -> Location:
    """The location of a fulfillment service; a new one if there is none."""
    known = next((one for one in store.locations if one.service), None)
    return known or _added(store, service("Swift Logistics", 2))


def _added(store: Store, one: Location) -> Location:
    store.locations.append(one)
    return one
