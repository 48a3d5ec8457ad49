from datetime import timedelta
from decimal import Decimal

import pytest

from local.sandbox import Fault
from local.sandbox.orders import Transaction
from local.sandbox.seed import refund_part

UNPAID, PARTLY, PAID, SENT = "#1001", "#1002", "#1003", "#1008"


def test_cancel_paid_order_refunds_everything(desk):
    form = desk.form("cancel-order", PAID)
    assert form.body["title"] == f"Cancel order {PAID}: refunds $263.00"
    assert [o["value"] for o in form.body["sections"][0]["input"]["options"]] == [
        "CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "STAFF", "OTHER",
    ]  # fmt: skip
    answer = desk.send("POST", form.body["actionUrl"], {"reason": "CUSTOMER", "notify": False})
    assert answer.status == 200, answer.body
    assert answer.body["message"] == f"Cancelled order {PAID}"
    assert answer.body["detail"].startswith("$263.00 goes back to the original payment methods.")
    order = desk.store.order(PAID)
    assert order.cancelled and order.refunded == order.received
    assert order.staff_note.startswith("Orderdesk ")
    [entry] = desk.timeline(PAID)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "263.0")


def test_cancel_unpaid_order_refunds_nothing(desk):
    answer = desk.act("cancel-order", UNPAID, reason="FRAUD")
    assert answer.status == 200, answer.body
    assert "There was no money to refund" in answer.body["detail"]


def test_cancellation_waits_for_shopifys_job(desk):
    desk.sandbox.mutations.job_seconds = 0.6
    assert desk.act("cancel-order", PARTLY, reason="STAFF").status == 200
    assert len(desk.sent("Cancellation")) > 1


def test_failed_job_is_reported_in_shopifys_words(desk):
    desk.sandbox.mutations.fail_next_job = "Fulfillment could not be canceled"
    answer = desk.act("cancel-order", PAID, reason="STAFF")
    assert answer.status == 406
    assert "Fulfillment could not be canceled" in answer.body["errors"][0]["detail"]
    assert desk.timeline(PAID)[0]["outcome"] == "REFUSED"


def test_job_still_running_at_the_deadline_is_reconciled_later(hurried):
    desk = hurried
    desk.sandbox.mutations.job_seconds = 60
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    answer = desk.send("POST", url, {"reason": "STAFF"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "still_running")
    assert answer.body["errors"][0]["message"] == f"Shopify is still cancelling order {PAID}."
    assert desk.operation(url)["state"] == "UNKNOWN"
    assert desk.timeline(PAID) == []
    assert desk.reconcile(later=timedelta(seconds=5)) == {"ended": 0, "waiting": 1}
    assert desk.reconcile(later=timedelta(seconds=65)) == {"ended": 1, "waiting": 0}
    [entry] = desk.timeline(PAID)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "263.0")


def test_changed_amount_brings_the_form_back(desk):
    url = desk.form("cancel-order", PARTLY).body["actionUrl"]
    desk.store.order(PARTLY).transactions.append(Transaction("SALE", Decimal(20)))
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "amount_changed")
    assert not desk.sent("CancelOrder")
    assert desk.send("POST", url, {"reason": "OTHER"}).status == 200


def test_cancellation_with_a_failed_refund_says_so(desk):
    desk.sandbox.statuses["shopify_payments"] = "FAILURE"
    answer = desk.act("cancel-order", PAID, reason="STAFF")
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "failed")
    assert "$263.00 of what was paid wasn't refunded" in answer.body["errors"][0]["detail"]
    [entry] = desk.timeline(PAID)
    assert (entry["outcome"], entry["amount"]) == ("FAILED", "0.0")


def test_partially_fulfilled_order_is_refused(desk):
    answer = desk.form("cancel-order", SENT)
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "not_available")
    assert "paid and partially fulfilled" in answer.body["errors"][0]["message"]


def test_refusal_by_shopify_is_in_its_words(desk):
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    desk.store.order(PAID).open_return = True
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert answer.status == 406
    assert "Shopify says: Cannot cancel an order that has returns" in answer.body["errors"][0]["detail"]


@pytest.mark.parametrize("reason", ["", "MOOD", None, 7])
def test_unknown_reason_is_refused(desk, reason):
    answer = desk.act("cancel-order", PAID, reason=reason)
    assert answer.status == 400
    assert answer.body["errors"][0]["attr"] == "reason"
    assert not desk.sent("CancelOrder")


def test_cancelled_order_is_refused(desk):
    cancelled = next(o for o in desk.store.orders if o.cancelled)
    assert "already cancelled" in desk.form("cancel-order", cancelled.name).body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("#1001", "The payment was only authorized, so the authorization is released."),
        ("#1003", "$263.00 goes back to the original payment methods: $263.00 to Visa"),
        ("#1005", "Everything that was paid has been refunded or is on its way back."),
    ],
)
def test_form_says_what_happens_to_the_money(desk, order, says):
    assert desk.form("cancel-order", order).body["sections"][0]["hint"].startswith(says)


def test_form_of_an_unpaid_order_says_so(desk):
    desk.store.order(UNPAID).transactions.clear()
    assert "No money was received" in desk.form("cancel-order", UNPAID).body["sections"][0]["hint"]


def test_resend_while_the_job_runs_gets_the_same_answer(desk):
    desk.sandbox.mutations.job_seconds = 60
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    first = desk.send("POST", url, {"reason": "STAFF"}, seconds=6)
    assert first.body["errors"][0]["code"] == "still_running"
    assert desk.send("POST", url, {"reason": "STAFF"}, seconds=6).body == first.body


def test_lost_cancellation_says_it_is_known_within_half_an_hour(desk):
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_before", "mutations"))
    answer = desk.send("POST", url, {"reason": "STAFF"})
    assert "within half an hour" in answer.body["errors"][0]["detail"]


def test_cancellation_after_a_full_refund_brings_the_form_back(desk):
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    assert desk.act("refund-order", PAID, reason="Goodwill").status == 200
    [error] = desk.send("POST", url, {"reason": "OTHER"}).body["errors"]
    assert (error["code"], error["message"]) == ("amount_changed", "Nothing is left to refund.")
    assert error["detail"].endswith("Submit again to continue without a refund.")
    assert desk.send("POST", url, {"reason": "OTHER"}).status == 200
    assert desk.store.order(PAID).cancelled


def test_refund_made_meanwhile_is_not_counted_for_the_cancellation(desk):
    """The request is carried out three minutes late; before that, someone refunds a part in the Shopify admin."""
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    desk.sandbox.faults.put(Fault("late", "mutations", seconds=180))
    assert desk.send("POST", url, {"reason": "OTHER"}, seconds=5).status == 406
    desk.sandbox.faults.clear()
    refund_part(desk.store, desk.store.order(PAID), Decimal(63))
    desk.reconcile(later=timedelta(minutes=4))
    [entry] = desk.timeline(PAID)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "200.0")
    assert desk.store.order(PAID).refunded == 263
