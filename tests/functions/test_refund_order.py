from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.sandbox.orders import Line, Order, Transaction
from local.sandbox.seed import add, refund_part
from local.sandbox.suggested_refunds import suggested

REASON = "Damaged or faulty"
PAID = "#1003"  # One card, unfulfilled.
TWO_TENDERS = "#1016"  # Gift card and card.
TWO_CARDS = "#1017"
CAPTURES = "#1018"


def test_refund_returns_everything_once(desk):
    order = desk.store.order(PAID)
    form = desk.form("refund-order", PAID)
    assert form.status == 200
    assert form.body["title"] == f"Refund order {PAID}: $263.00"
    assert "Visa •••• •••• •••• 4242" in form.body["sections"][0]["hint"]

    answer = desk.send("POST", form.body["actionUrl"], {"reason": REASON, "notify": "true"})

    assert answer.status == 200, answer.body
    assert answer.body["message"] == f"Refunded $263.00 on order {PAID}"
    assert answer.body["detail"] == "$263.00 to Visa •••• •••• •••• 4242. The order is now: Refunded, unfulfilled."
    assert order.refunded == order.received == Decimal("263.00")
    [entry] = desk.timeline(PAID)
    assert entry["outcome"] == "SUCCEEDED"
    assert (entry["amount"], entry["currency"], entry["reason"]) == ("263.0", "USD", REASON)
    assert entry["shopify"]["refund"] == order.refunds[0].id
    assert order.refunds[0].notify and "Orderdesk" in order.refunds[0].note
    assert desk.operation(form.body["actionUrl"])["state"] == "SUCCEEDED"


def test_resend_gets_the_stored_answer(desk):
    form = desk.form("refund-order", PAID).body
    values = {"reason": REASON, "notify": True}
    first = desk.send("POST", form["actionUrl"], values)
    again = desk.send("POST", form["actionUrl"], values)
    assert (first.status, first.body) == (again.status, again.body)
    assert len(desk.sent("RefundOrder")) == 1
    assert len(desk.timeline(PAID)) == 1


def test_resend_with_other_values_is_refused(desk):
    form = desk.form("refund-order", PAID).body
    desk.send("POST", form["actionUrl"], {"reason": REASON})
    other = desk.send("POST", form["actionUrl"], {"reason": "Goodwill"})
    assert other.status == 406
    assert other.body["errors"][0]["code"] == "other_values"
    assert len(desk.sent("RefundOrder")) == 1


@pytest.mark.parametrize(("order", "tenders"), [(TWO_TENDERS, 2), (TWO_CARDS, 2), (CAPTURES, 2), ("#1019", 1)])
def test_each_tender_gets_its_own_amount_back(desk, order, tenders):
    answer = desk.act("refund-order", order, reason=REASON)
    assert answer.status == 200, answer.body
    kept = desk.store.order(order)
    assert [kept.left(p) for p in kept.payments()] == [0] * tenders
    assert len(desk.sent("RefundOrder")[0]["input"]["transactions"]) == tenders


@pytest.mark.parametrize(
    ("order", "amount"), [("#1019", "€48.90"), ("#1020", "¥3600"), ("#1021", "KWD 39.125"), ("#1022", "£42.50")]
)
def test_refund_is_in_the_customers_currency(desk, order, amount):
    answer = desk.act("refund-order", order, reason=REASON)
    assert answer.body["message"] == f"Refunded {amount} on order {order}"
    assert desk.sent("RefundOrder")[0]["input"]["currency"] == desk.store.order(order).currency


def test_refund_includes_duties_and_shipping(desk):
    desk.act("refund-order", "#1022", reason=REASON)
    sent = desk.sent("RefundOrder")[0]["input"]
    assert sent["shipping"] == {"fullRefund": True}
    assert sent["refundDuties"] == [{"dutyId": desk.store.order("#1022").lines[0].duty_id, "refundType": "FULL"}]
    assert {line["restockType"] for line in sent["refundLineItems"]} == {"NO_RESTOCK"}


def test_changed_amount_brings_the_form_back_and_a_second_submit_succeeds(desk):
    form = desk.form("refund-order", PAID).body
    refund_part(desk.store, desk.store.order(PAID), Decimal("63.00"))
    answer = desk.send("POST", form["actionUrl"], {"reason": REASON})
    assert answer.status == 400
    assert answer.body["errors"][0]["code"] == "amount_changed"
    assert "$200.00" in answer.body["errors"][0]["message"]
    assert not desk.sent("RefundOrder") and not desk.timeline(PAID)
    assert desk.send("POST", form["actionUrl"], {"reason": REASON}).status == 200
    assert desk.store.order(PAID).refunded == Decimal("263.00")


def test_order_refunded_meanwhile_in_shopify_is_refused(desk):
    form = desk.form("refund-order", PAID).body
    refund_part(desk.store, desk.store.order(PAID), Decimal("263.00"))
    answer = desk.send("POST", form["actionUrl"], {"reason": REASON})
    assert answer.status == 406
    assert "nothing is left to refund" in answer.body["errors"][0]["message"]
    [entry] = desk.timeline(PAID)
    assert entry["outcome"] == "REFUSED"


def test_action_switched_off_while_the_form_is_open_is_refused(desk):
    form = desk.form("refund-order", PAID).body
    desk.set(actions__refund_order__enabled="false")
    answer = desk.send("POST", form["actionUrl"], {"reason": REASON})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "switched_off")
    assert not desk.sent("RefundOrder")
    assert desk.form("refund-order", PAID).status == 406


def test_order_is_locked_by_one_operation_at_a_time(desk):
    refund = desk.form("refund-order", PAID).body["actionUrl"]
    cancel = desk.form("cancel-order", PAID).body["actionUrl"]
    answers = []

    def meanwhile(request):
        if b"refundCreate" in request.body and not answers:
            answers.append(desk.send("POST", cancel, {"reason": "OTHER"}))

    desk.adapter.before = meanwhile
    assert desk.send("POST", refund, {"reason": REASON}).status == 200
    [loser] = answers
    assert (loser.status, loser.body["errors"][0]["code"]) == (406, "order_busy")
    assert not desk.sent("CancelOrder")
    assert sorted(e["outcome"] for e in desk.timeline(PAID)) == ["REFUSED", "SUCCEEDED"]


def test_pending_refund_is_reported_as_on_its_way(desk):
    desk.sandbox.statuses["shopify_payments"] = "PENDING"
    answer = desk.act("refund-order", PAID, reason=REASON)
    assert answer.status == 200
    assert "on its way" in answer.body["detail"]


def test_refund_with_a_failed_tender_fails(desk):
    desk.sandbox.statuses["gift_card"] = "FAILURE"
    answer = desk.act("refund-order", TWO_TENDERS, reason=REASON)
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "failed")
    assert "$109.00 was refunded" in answer.body["errors"][0]["detail"]
    assert desk.timeline(TWO_TENDERS)[0]["outcome"] == "FAILED"


def test_fully_failed_refund_says_nothing_was_refunded(desk):
    desk.sandbox.statuses |= {"gift_card": "FAILURE", "shopify_payments": "FAILURE"}
    [error] = desk.act("refund-order", TWO_TENDERS, reason=REASON).body["errors"]
    assert error["message"] == f"The refund of order {TWO_TENDERS} failed."
    assert error["detail"].startswith("Nothing was refunded.")
    assert desk.timeline(TWO_TENDERS)[0]["amount"] == "0.0"


def test_form_has_the_admins_reasons(desk):
    desk.set(actions__refund_order__reasons="Broken, Late")
    form = desk.form("refund-order", PAID).body
    assert [o["value"] for o in form["sections"][0]["input"]["options"]] == ["Broken", "Late"]
    assert desk.send("POST", form["actionUrl"], {"reason": REASON}).status == 400


def test_order_of_another_customer_is_not_found(desk):
    other = desk.store.customers[5].id.rsplit("/", 1)[1]
    assert desk.form("refund-order", PAID, customer=other).status == 404


def test_form_older_than_a_day_is_refused(desk):
    url = desk.form("refund-order", PAID).body["actionUrl"]
    desk.change(url, created_at="2026-01-01T00:00:00.000Z")
    answer = desk.send("POST", url, {"reason": REASON})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "form_expired")
    assert desk.send("POST", url, {"reason": REASON}).body == answer.body
    assert [e["outcome"] for e in desk.timeline(PAID)] == ["REFUSED"]
    assert desk.act("refund-order", PAID, reason=REASON).status == 200


def test_unknown_operation_is_refused(desk):
    number = desk.store.order(PAID).number
    made_up = f"/actions/refund-order?order={number}&operation=3f8b2c1e-0000-4000-8000-000000000000"
    assert desk.send("POST", made_up, {"reason": REASON}).status == 406
    assert desk.send("POST", f"/actions/refund-order?order={number}", {"reason": REASON}).status == 400


def test_operation_of_another_order_is_refused(desk):
    url = desk.form("refund-order", PAID).body["actionUrl"]
    other = url.replace(desk.store.order(PAID).number, desk.store.order(TWO_CARDS).number)
    assert desk.send("POST", other, {"reason": REASON}).status == 406
    assert not desk.sent("RefundOrder")


@given(
    captured=st.lists(st.integers(1, 10**6), min_size=1, max_size=5),
    back=st.lists(st.integers(0, 10**6), max_size=5),
    currency=st.sampled_from([("USD", 2), ("JPY", 0), ("KWD", 3)]),
)
def test_plan_refunds_exactly_what_is_left(captured, back, currency):
    from refund_order.plan import plan_of

    code, places = currency
    payments = [Transaction("CAPTURE", Decimal(a).scaleb(-places)) for a in captured]
    order = Order("#1", None, [Line("Thing", Decimal(1))], list(payments), currency=code)
    for amount, parent in zip(back, payments, strict=False):
        taken = min(Decimal(amount).scaleb(-places), parent.amount)
        if taken:
            order.transactions.append(Transaction("REFUND", taken, parent=parent))
    left = order.received - order.refunded
    if not left:
        return
    from local.sandbox.payment_nodes import transaction_node

    node = {
        "id": order.id,
        "name": order.name,
        "netPaymentSet": order.bag(left),
        "transactions": [transaction_node(order, t) for t in order.transactions],
        "suggestedRefund": suggested(order),
    }
    plan = plan_of(node)
    assert plan.total.amount == left
    by_id = {p.id: p for p in payments}
    assert all(0 < t.amount.amount <= order.left(by_id[t.parent]) for t in plan.tenders)


def test_refund_without_money_left_is_not_offered(desk):
    add(desk.store, None, [Line("Free", Decimal(0))], [], payment="PAID")
    assert desk.form("refund-order", desk.store.orders[-1].name).status == 406
