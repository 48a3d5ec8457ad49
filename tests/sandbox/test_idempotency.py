"""`@idempotent`: one key, one refund, whatever happens to the answer."""

import threading

import pytest

from local.sandbox import idempotency

REFUND = """mutation ($i: RefundInput!, $key: String!) { refundCreate(input: $i) @idempotent(key: $key) {
    refund { id note } order { totalRefundedSet { shopMoney { amount } } } userErrors { field message } } }"""


def given(shop, amount="5.00", note="Sorry"):
    """The input for a refund of #1003."""
    order = shop.store.order("#1003")
    move = {"orderId": order.id, "parentId": order.payments()[0].id, "gateway": "x", "kind": "REFUND", "amount": amount}
    return {"orderId": order.id, "note": note, "transactions": [move]}


def refunded(shop, key="k", **more):
    return shop.done(REFUND, i=given(shop, **more), key=key)


def test_repeated_key_gets_a_current_answer(shop):
    first = refunded(shop)
    refunded(shop, key="other", amount="2.00")
    again = refunded(shop)
    assert again["refund"] == first["refund"] and len(shop.store.order("#1003").refunds) == 2
    assert again["order"]["totalRefundedSet"]["shopMoney"]["amount"] == "7.0"


def test_key_with_other_input_is_refused(shop):
    refunded(shop)
    answer = refunded(shop, note="Sorry again")
    assert answer["refund"] is None and answer["userErrors"] == [{"field": None, "message": idempotency.MISMATCH}]
    assert shop.store.order("#1003").refunded == 5


def test_refused_request_does_not_use_up_its_key(shop):
    assert refunded(shop, amount="9999")["userErrors"]
    assert refunded(shop)["refund"]


def test_key_is_kept_for_a_day(shop):
    first = refunded(shop)["refund"]
    shop.later(hours=23.99)
    assert refunded(shop)["refund"] == first
    shop.later(hours=0.02)
    assert refunded(shop)["refund"] != first and shop.store.order("#1003").refunded == 10


@pytest.mark.parametrize(("version", "needed"), [("2026-01", False), ("2026-04", True), ("2026-10", True)])
def test_key_is_required_since_2026_04(shop, version, needed):
    bare = REFUND.replace("@idempotent(key: $key)", "").replace(", $key: String!", "")
    answer = shop.ask(bare, version, i=given(shop))
    assert ("errors" in answer) == needed and bool(shop.store.order("#1003").refunds) != needed
    if needed:
        assert answer["errors"][0]["message"] == idempotency.REQUIRED
        assert answer["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


def test_blank_key_is_refused(shop):
    error = shop.error(REFUND, i=given(shop), key=" ")
    assert error["message"] == idempotency.BLANK and shop.store.order("#1003").refunds == []


def test_concurrent_request_with_the_same_key_is_refused(shop):
    first: list[dict] = []
    with shop.sandbox._lock:  # Delays a running request.
        thread = threading.Thread(target=lambda: first.append(refunded(shop)))
        thread.start()
        while not shop.sandbox.mutations.keys._under_way:
            thread.join(0.001)
        second = refunded(shop)
    thread.join(5)
    assert second["userErrors"] == [{"field": None, "message": idempotency.CONCURRENT}]
    assert first[0]["refund"] and shop.store.order("#1003").refunded == 5
