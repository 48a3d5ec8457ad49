"""Shopify's rules and recorded words."""

import pytest

from local.sandbox import Sandbox

REFUND = "mutation($i: RefundInput!) { refundCreate(input: $i) %s { refund { id } userErrors { field message } } }"


@pytest.fixture
def sandbox():
    return Sandbox(job_seconds=0)


def refund(sandbox, amount, key="k", order="#1003", directive='@idempotent(key: "%s")'):
    kept = sandbox.store.order(order)
    move = {
        "orderId": kept.id,
        "parentId": kept.payments()[0].id,
        "gateway": "x",
        "kind": "REFUND",
        "amount": amount,
    }
    given = {"orderId": kept.id, "transactions": [move], "currency": kept.currency}
    return sandbox.execute({"query": REFUND % (directive % key if directive else ""), "variables": {"i": given}})


def test_refund_of_too_much_is_refused(sandbox):
    answer = refund(sandbox, "265.00")["data"]["refundCreate"]
    assert answer["userErrors"] == [
        {"field": None, "message": "Refund amount $265.00 is greater than net payment received $263.00"}
    ]


def test_repeated_key_is_replayed_or_refused(sandbox):
    first, again = refund(sandbox, "5.00"), refund(sandbox, "5.00")
    assert first["data"] == again["data"]
    assert "different operation parameters" in str(refund(sandbox, "6.00"))
    assert sandbox.store.order("#1003").refunded == 5


def test_refund_without_a_key_is_refused(sandbox):
    answer = refund(sandbox, "5.00", directive="")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert answer["data"] == {"refundCreate": None}


def test_unknown_field_is_refused(sandbox):
    answer = sandbox.execute({"query": "{ nonsense }"})
    assert "errors" in answer and "data" not in answer


def test_request_without_a_token_is_refused(sandbox):
    status, headers, _ = sandbox.handle("POST", "https://x/admin/api/2026-10/graphql.json", {}, b"{}")
    assert status == 401 and headers["X-Request-Id"]


def test_expensive_queries_are_throttled(sandbox):
    sandbox.bucket.available = -10
    assert "Throttled" in str(sandbox.execute({"query": "{ shop { currencyCode } }"}))


def test_seed_has_an_order_for_every_cell(sandbox):
    from orderdesk.availability import FULFILMENT, PAYMENT

    cells = {(FULFILMENT[o.fulfillment_status()], PAYMENT[o.financial_status()]) for o in sandbox.store.orders}
    assert cells == {(row, column) for row in FULFILMENT.values() for column in PAYMENT.values()}
    assert len(sandbox.store.orders) >= 30 and len(sandbox.store.customers) >= 12


def test_search_index_lags_behind(sandbox):
    from local.sandbox.store import Customer

    store = sandbox.store
    new = Customer("New", "Here", "new@example.com", "+12025550111", created=store.now())
    store.customers.append(new)
    assert store.by_identifier({"phoneNumber": "+12025550111"}) is new
    assert store.find_customers('phone:"+12025550111"') == []
    store.index_lag = 0
    assert store.find_customers('phone:"+12025550111"') == [new]


def test_order_link_shows_its_facts(sandbox):
    order = sandbox.store.order("#1016")
    status, _, page = sandbox.handle("GET", f"http://x/admin/orders/{order.number}", {}, b"")
    assert status == 200 and b"Leave at the door" in page
    assert sandbox.handle("GET", "http://x/admin/orders/1", {}, b"")[0] == 404
