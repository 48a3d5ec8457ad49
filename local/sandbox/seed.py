"""A believable store: customers and orders from #1001 on, which together cover every cell of the table of actions; from
#1042 on orders for actions on parts, addresses, parcels and invoices."""

from datetime import timedelta
from decimal import Decimal as D  # noqa: N817

from . import order_parts, store_credit
from .ids import gid, restart_ids
from .lines import Line
from .locations import Location, service
from .new_orders import add, address_of, card, refund_part
from .orders import Transaction
from .store import Customer, Store

_PEOPLE: tuple[tuple[str, str | None, str | None], ...] = (
    ("Martha Williams", "martha.williams@example.com", "+15013299800"),
    ("Jonas Weber", "jonas.weber@example.com", "+4915112345678"),
    ("Zoë Lefèvre", "zoe.lefevre@example.com", "+33612345678"),
    ("Sean O'Brien", "sean.o'brien@example.com", "+353861234567"),
    ("李 小龙", "li.xiaolong@example.com", "+8613812345678"),
    ("Aiko Tanaka", "aiko.tanaka@example.com", "+819012345678"),
    ("Fatima Al-Sabah", "fatima@example.com", "+96550012345"),
    ("Priya Natarajan", "priya+shop@example.com", "+16135550142"),
    ("Karin Ruhl", "Karin.Ruhl@Example.com", "+16135550193"),
    ("Tom Marsh", None, "+14155550123"),
    ("Ada Quiet", "ada.quiet@example.com", None),
    ("Lena Marsh", "lena.marsh@example.com", None),
    ("Olga Petrova", "olga.petrova@example.com", "+12025550188"),
)

_GOODS = (("Canvas sneaker", "58.00"), ("Wool socks", "12.50"), ("Rain jacket", "129.00"), ("Tote bag", "24.00"))


def believable(store: Store) -> None:
    """Fill a store."""
    restart_ids()
    people = [Customer(*name.rsplit(" ", 1), email, phone, address_of(name, phone)) for name, email, phone in _PEOPLE]
    # Shopify keeps customers' phones unique, so one of two customers with the same phone has it on an address.
    people[11].address = address_of("Lena Marsh", "+14155550123")
    store.customers += people
    for title in ("Accessories", "Home", "New arrivals", "Outerwear", "Sale", "Shoes"):
        store.collections[gid("Collection")] = title
    _every_cell(store, people)
    _tenders_and_currencies(store, people)
    _oddities(store, people)
    _parts(store)


def _every_cell(store: Store, people: list[Customer]) -> None:
    """Payment × fulfilment: three rows with five columns each."""
    place = 0
    for sent in (0, 1, 2):
        for payment in ("unpaid", "partially paid", "paid", "partially refunded", "refunded"):
            title, price = _GOODS[place % len(_GOODS)]
            line = Line(title, D(price), 2, f"SKU-{place:03}", fulfilled=sent)
            total = D(price) * 2 + 5
            paid = {"unpaid": [], "partially paid": [card(D("10.00"))]}.get(payment, [card(total)])
            if payment == "unpaid":
                paid = [Transaction("AUTHORIZATION", total)] if sent == 0 else [card(total, status="PENDING")]
            tracking = ("DHL", f"JD0{place:010}", "https://track.example.com/", "DELIVERED") if sent else None
            order = add(store, people[place % 4], [line], paid, shipping=D(5), tracking=tracking)
            if "refunded" in payment:
                refund_part(store, order, D("7.00") if payment == "partially refunded" else total)
            place += 1


def _tenders_and_currencies(store: Store, people: list[Customer]) -> None:
    gift = Transaction("SALE", D("20.00"), "gift_card", "Gift card")
    add(
        store,
        people[4],
        [Line("Rain jacket", D(129))],
        [gift, card(D("109.00"))],
        note="Leave at the door\nRing twice",
    )
    cards = [card(D("60.00")), card(D("69.00"), "•••• •••• •••• 1881")]
    add(store, people[7], [Line("Rain jacket", D(129))], cards, tags=["VIP", "gift"])
    captures = [Transaction("AUTHORIZATION", D("82.50")), *(Transaction("CAPTURE", D(a)) for a in ("58.00", "24.50"))]
    add(store, people[8], [Line("Canvas sneaker", D(58)), Line("Wool socks", D("12.25"), 2)], captures)
    euro = {"currency": "EUR", "rate": D("1.08")}
    add(store, people[1], [Line("Tote bag", D("22.00"), 2)], [card(D("48.90"))], shipping=D("4.90"), **euro)
    add(store, people[5], [Line("Tote bag", D(3600))], [card(D(3600))], currency="JPY", rate=D("0.0067"))
    add(store, people[6], [Line("Rain jacket", D("39.125"))], [card(D("39.125"))], currency="KWD", rate=D("3.25"))
    pounds = {"currency": "GBP", "rate": D("1.27"), "shipping": D(8)}
    add(store, people[3], [Line("Wool socks", D(10), 3, duty=D("4.50"))], [card(D("42.50"))], **pounds)
    paypal = Transaction("SALE", D("24.00"), "paypal", "PayPal")
    add(store, people[2], [Line("Tote bag", D(24))], [paypal], hold="ON_HOLD")
    manual = Transaction("SALE", D("58.00"), "manual", "Bank transfer", status="PENDING")
    add(store, people[9], [Line("Canvas sneaker", D(58))], [manual], hold="SCHEDULED")


def _oddities(store: Store, people: list[Customer]) -> None:
    add(store, None, [Line("Tote bag", D(24))], [card(D("24.00"))], email="guest@example.com", phone="+12025550199")
    add(store, people[9], [Line(f"Button no. {n}", D(1)) for n in range(1, 31)], [card(D("30.00"))])
    add(store, people[11], [Line("Wool socks", D("12.50"))], [], payment="EXPIRED")
    gone = add(store, people[0], [Line("Rain jacket", D(129))], [card(D("129.00"))], tags=["cancelled"])
    refund_part(store, gone, D(129))
    gone.cancelled, gone.cancel_reason = store.now() - timedelta(days=3), "CUSTOMER"
    kept = add(store, people[0], [Line("Tote bag", D(24))], [card(D("24.00"))])
    kept.cancelled, kept.cancel_reason = store.now() - timedelta(days=2), "OTHER"
    for n in range(12):
        title, price = _GOODS[n % len(_GOODS)]
        add(store, people[12], [Line(title, D(price), fulfilled=n % 2)], [card(D(price))])


_LATER: tuple[tuple[str, str, str | None], ...] = (
    ("Nora Lindqvist", "nora.lindqvist@example.com", "+14155550161"),
    ("Hugo Almeida", "hugo.almeida@example.com", "+14155550162"),
    ("Grace Okafor", "grace.okafor@example.com", "+14155550163"),
    ("Emil Sandoval", "emil.sandoval@example.com", None),
)


def _parts(store: Store) -> None:
    """Orders of other customers: partial refunds, store credit, parcels on hold or with a service, invoices."""
    people = [Customer(*name.rsplit(" ", 1), email, phone, address_of(name, phone)) for name, email, phone in _LATER]
    nora, hugo, grace, emil = people
    store.customers += people
    store.locations += [Location("Harbour store", store.locations[0].number + 32768), service("Swift Logistics", 2)]
    order_parts.taxed(store, nora)
    order_parts.taxes_included(store, nora)
    order_parts.many_lines(store, nora, 24)
    order_parts.paid_with_store_credit(store, nora)
    order_parts.of_a_company(store, nora)
    order_parts.two_places(store, hugo)
    order_parts.partly_sent(store, hugo)
    for request in ("UNSUBMITTED", "SUBMITTED", "ACCEPTED", "REJECTED"):
        order_parts.with_service(store, hugo, request)
    order_parts.place_and_service(store, hugo)
    order_parts.held(store, grace)
    order_parts.held_twice(store, grace)
    order_parts.outstanding(store, emil)
    order_parts.outstanding(store, emil, D("20.00"))
    order_parts.outstanding(store, None)
    order_parts.held_by_us(store, grace)
    store.credit.append(store_credit.Account(nora, store.currency, D("15.00")))
