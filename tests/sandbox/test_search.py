"""Shopify's search syntax, the search fields, and how far the index lags behind."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from local.sandbox import Sandbox
from local.sandbox.customers import Customer
from local.sandbox.orders import Line, Order, Transaction

from .conftest import NOON, Shop

ANN = Customer("Ann", "Lee", "ann.lee@example.com", "+4545454545", {"phone": "+12025550100", "countryCodeV2": "DK"})
BOB = Customer("Bob", "Lee", "bob+shop@example.com", "+4545454599", tags=["VIP", "b2b"], note="4545 is his gate")
CARL = Customer("Carl", "Ann", None, "+12025550101", state="ENABLED")
CUSTOMERS = {"ann": ANN, "bob": BOB, "carl": CARL}


def order(name: str, day: int, amount: str, customer: Customer | None = None, **more: object) -> Order:
    """An order with one line, paid by card."""
    created = datetime(2026, 9, day, 12, tzinfo=UTC)
    paid = [Transaction("SALE", Decimal(amount), account="•••• 4242")]
    return Order(name, created, [Line("Rain jacket", Decimal(amount), 1, "RJ-1")], paid, customer, **more)  # type: ignore[arg-type]


ORDERS = [
    order("#1001", 1, "10", ANN, tags=["gift", "VIP"], email="ann.lee@example.com"),
    order("#1002", 2, "20", BOB, note="Leave at the door", po_number="PO-7"),
    order("#1003", 3, "30.50", cancelled=NOON, test=True),
]


@pytest.fixture(scope="module")
def store():
    sandbox = Sandbox(seed=False, now=lambda: NOON)
    sandbox.store.customers += CUSTOMERS.values()
    sandbox.store.orders += ORDERS
    return sandbox.store


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "ann bob carl"),
        ("lee", "ann bob"),
        ("Le", "ann bob"),
        ("ann", "ann carl"),
        ("first_name:ann", "ann"),
        ("first_name:an", ""),
        ("first_name:an*", "ann"),
        ("FIRST_NAME:ann", "ann bob carl"),
        ("ann lee", "ann"),
        ("ann AND lee", "ann"),
        ("ann OR bob", "ann bob carl"),
        ("-ann", "bob"),
        ("NOT ann", "bob"),
        ("NOT", "ann bob carl"),
        ("lee NOT first_name:ann", "bob"),
        ("(ann OR bob) lee", "ann bob"),
        ("lee (first_name:bob OR first_name:carl)", "bob"),
        ('email:"ann.lee@example.com"', "ann"),
        ("email:'ANN.LEE@example.com'", "ann"),
        ('email:"lee@example.com"', ""),
        ("email:lee", "ann"),
        ("email:example.com", "ann bob"),
        ("email:*", "ann bob"),
        (r"email:bob\+shop@example.com", "bob"),
        ("phone:+4545454545", "ann"),
        ("phone:+45", "ann bob"),
        ('phone:"+45"', ""),
        ("phone:+45 4545 4545", "ann bob"),
        ("phone:+4545454599 gate", "bob"),
        ('phone:"+1 202 555 0100"', "ann"),
        ("phone:*", "ann bob carl"),
        ("tag:vip", "bob"),
        ("tag:vip,nothing", "bob"),
        ("tag:*", "bob"),
        ("tag_not:vip", "ann carl"),
        ("state:enabled", "carl"),
        ("country:dk", "ann"),
        ("orders_count:>=1", "ann bob"),
        ("orders_count:0", "carl"),
        ("total_spent:>10", "bob"),
        ("total_spent:<=10", "ann carl"),
        ("total_spent:much", ""),
        ("order_date:2026-09-01", "ann"),
        ("nonsense:x", "ann bob carl"),
    ],
)
def test_customer_search_finds_the_expected_customers(store, query, found):
    names = {id(c): name for name, c in CUSTOMERS.items()}
    assert " ".join(names[id(c)] for c in store.find_customers(query)) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name:#1001", "1001"),
        ("name:1001", "1001"),
        ("name:100", ""),
        ("name:1001,1003", "1001 1003"),
        ("rain door", "1002"),
        ('email:"ann.lee@example.com"', "1001"),
        (f"customer_id:{ANN.id.rsplit('/', 1)[1]}", "1001"),
        (f"id:{ORDERS[1].id}", "1002"),
        ("tag:gift", "1001"),
        ("-tag:gift", "1002 1003"),
        ("status:cancelled", "1003"),
        ("status:open", "1001 1002"),
        ("financial_status:paid", "1001 1002 1003"),
        ("fulfillment_status:unshipped", "1001 1002 1003"),
        ("fulfillment_status:shipped", ""),
        ("credit_card_last4:4242", "1001 1002 1003"),
        ("gateway:shopify_payments", "1001 1002 1003"),
        ("sku:rj-1", "1001 1002 1003"),
        ("po_number:po-7", "1002"),
        ("test:true", "1003"),
        ("discount_code:ANY", ""),
        ("total_price:>10 total_price:<30.50", "1002"),
        ("total_price:30.5", "1003"),
        ("current_total_price:0", "1003"),
        ("created_at:2026-09-02", "1002"),
        ("created_at:2026-09", "1001 1002 1003"),
        ("created_at:2026", "1001 1002 1003"),
        ("created_at:>2026-09-01", "1002 1003"),
        ("created_at:<2026-09-02", "1001"),
        ("created_at:<=2026-09-02", "1001 1002"),
        ("created_at:'2026-09-02T12:00:00Z'", "1002"),
        ("created_at:>='2026-09-02T12:00:01Z'", "1003"),
        ("created_at:2026-09-01..2026-09-02", "1001 1002"),
        ("processed_at:<now", "1001 1002 1003"),
        ("created_at:yesterday", ""),
        ("subtotal_line_items_quantity:1", "1001 1002 1003"),
    ],
)
def test_order_search_finds_the_expected_orders(store, query, found):
    assert " ".join(o.name[1:] for o in store.find_orders(query)) == found


def test_unknown_search_field_is_ignored_with_a_warning(shop):
    answer = shop.ask('{ orders(first: 1, query: "phone:+12025550100") { nodes { id } } }')
    assert answer["data"]["orders"]["nodes"]
    warning = {"field": "phone", "message": "Invalid search field for this query.", "code": "invalid_field"}
    assert answer["extensions"]["search"] == [
        {"path": ["orders"], "query": "phone:+12025550100", "warnings": [warning]}
    ]


CREATE = 'mutation { customerCreate(input: {email: "new@example.com"}) { customer { id } } }'
SEARCH = '{ customers(first: 1, query: "email:new@example.com") { nodes { id } } }'
IDENTIFIER = '{ customerByIdentifier(identifier: {emailAddress: "new@example.com"}) { id } }'
COUNT = '{ customersCount(query: "email:new@example.com") { count } }'


def test_search_lags_behind_but_identifiers_and_counts_do_not(shop):
    made = shop.done(CREATE)["customer"]
    assert shop.data(IDENTIFIER)["customerByIdentifier"] == made
    assert shop.data(COUNT)["customersCount"] == {"count": 1}
    assert shop.data(SEARCH)["customers"]["nodes"] == []
    shop.later(seconds=shop.store.index_lag - 0.1)
    assert shop.data(SEARCH)["customers"]["nodes"] == []
    shop.later(seconds=0.1)
    assert shop.data(SEARCH)["customers"]["nodes"] == [made]


def test_new_order_is_in_its_customers_list_before_it_is_searchable(shop):
    whose = shop.store.customers[0]
    lines = '[{title: "Thing", quantity: 1, priceSet: {shopMoney: {amount: "1", currencyCode: USD}}}]'
    shop.data(
        f'mutation {{ orderCreate(order: {{name: "#X1", customerId: "{whose.id}", lineItems: {lines}}}) '
        "{ order { id } userErrors { message } } }"
    )
    found = '{ orders(first: 1, query: "name:#X1") { nodes { name } } }'
    listed = f'{{ customer(id: "{whose.id}") {{ orders(first: 1, reverse: true) {{ nodes {{ name }} }} }} }}'
    assert shop.data(listed)["customer"]["orders"]["nodes"] == [{"name": "#X1"}]
    assert shop.data(found)["orders"]["nodes"] == []
    shop.later(seconds=2)
    assert shop.data(found)["orders"]["nodes"] == [{"name": "#X1"}]


def test_guest_order_is_found_by_email():
    shop = Shop()
    guest = next(o for o in shop.store.orders if o.customer is None and o.email)
    query = f"{{ orders(first: 5, query: \"email:'{guest.email}'\") {{ nodes {{ name customer {{ id }} }} }} }}"
    assert shop.data(query)["orders"]["nodes"] == [{"name": guest.name, "customer": None}]
