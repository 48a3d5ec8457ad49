from datetime import timedelta
from decimal import Decimal

import pytest

from local.sandbox import Fault
from local.sandbox.orders import Transaction
from local.sandbox.seed import refund_part

UNPAID, PARTLY, PAID, SENT = "#1001", "#1002", "#1003", "#1008"


def test_cancels_and_gives_everything_back(desk):
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


def test_an_unpaid_order_is_cancelled_without_money(desk):
    answer = desk.act("cancel-order", UNPAID, reason="FRAUD")
    assert answer.status == 200, answer.body
    assert "No money was to be refunded" in answer.body["detail"]


def test_follows_the_job(desk):
    desk.sandbox.mutations.job_seconds = 0.6
    assert desk.act("cancel-order", PARTLY, reason="STAFF").status == 200
    assert len(desk.sent("Cancellation")) > 1


def test_a_job_that_fails_is_in_shopifys_words(desk):
    desk.sandbox.mutations.fail_next_job = "Fulfillment could not be canceled"
    answer = desk.act("cancel-order", PAID, reason="STAFF")
    assert answer.status == 406
    assert "Fulfillment could not be canceled" in answer.body["errors"][0]["detail"]
    assert desk.timeline(PAID)[0]["outcome"] == "REFUSED"


def test_a_job_that_does_not_end_in_time_is_still_running_and_reconciled_later(hurried):
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


def test_more_money_than_the_form_showed_is_asked_again(desk):
    url = desk.form("cancel-order", PARTLY).body["actionUrl"]
    desk.store.order(PARTLY).transactions.append(Transaction("SALE", Decimal(20)))
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "amount_changed")
    assert not desk.sent("CancelOrder")
    assert desk.send("POST", url, {"reason": "OTHER"}).status == 200


def test_money_that_does_not_go_back_is_said(desk):
    desk.sandbox.statuses["shopify_payments"] = "FAILURE"
    answer = desk.act("cancel-order", PAID, reason="STAFF")
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "failed")
    assert "$263.00 of what was paid was NOT refunded" in answer.body["errors"][0]["detail"]
    [entry] = desk.timeline(PAID)
    assert (entry["outcome"], entry["amount"]) == ("FAILED", "0.0")


def test_refused_by_the_table(desk):
    answer = desk.form("cancel-order", SENT)
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "not_available")
    assert "paid and partially fulfilled" in answer.body["errors"][0]["message"]


def test_refused_in_shopifys_words(desk):
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    desk.store.order(PAID).open_return = True
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert answer.status == 406
    assert "Shopify says: Cannot cancel an order that has returns" in answer.body["errors"][0]["detail"]


@pytest.mark.parametrize("reason", ["", "MOOD", None, 7])
def test_the_reason_is_one_of_shopifys(desk, reason):
    answer = desk.act("cancel-order", PAID, reason=reason)
    assert answer.status == 400
    assert answer.body["errors"][0]["attr"] == "reason"
    assert not desk.sent("CancelOrder")


def test_already_cancelled(desk):
    cancelled = next(o for o in desk.store.orders if o.cancelled)
    assert "already cancelled" in desk.form("cancel-order", cancelled.name).body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("#1001", "The payment was only authorized, and the authorization is released."),
        ("#1003", "$263.00 goes back to the original payment methods."),
        ("#1005", "All that was paid has been refunded already, or is on its way back."),
    ],
)
def test_the_form_says_what_becomes_of_the_money(desk, order, says):
    assert desk.form("cancel-order", order).body["sections"][0]["hint"].startswith(says)


def test_no_money_was_received(desk):
    desk.store.order(UNPAID).transactions.clear()
    assert "No money was received" in desk.form("cancel-order", UNPAID).body["sections"][0]["hint"]


def test_a_resend_while_shopify_is_at_it_reads_the_same(desk):
    desk.sandbox.mutations.job_seconds = 60
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    first = desk.send("POST", url, {"reason": "STAFF"}, seconds=6)
    assert first.body["errors"][0]["code"] == "still_running"
    assert desk.send("POST", url, {"reason": "STAFF"}, seconds=6).body == first.body


def test_a_lost_cancellation_is_known_within_half_an_hour(desk):
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_before", "mutations"))
    answer = desk.send("POST", url, {"reason": "STAFF"})
    assert "within half an hour" in answer.body["errors"][0]["detail"]


def test_a_cancellation_after_a_refund_is_asked_again(desk):
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    assert desk.act("refund-order", PAID, reason="Goodwill").status == 200
    [error] = desk.send("POST", url, {"reason": "OTHER"}).body["errors"]
    assert (error["code"], error["message"]) == ("amount_changed", "Nothing is left to refund.")
    assert error["detail"].endswith("Submit again to go on without a refund.")
    assert desk.send("POST", url, {"reason": "OTHER"}).status == 200
    assert desk.store.order(PAID).cancelled


def test_a_refund_made_meanwhile_is_not_the_cancellations(desk):
    """The request is carried out three minutes late; before that, somebody refunds a part in the Shopify admin."""
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    desk.sandbox.faults.put(Fault("late", "mutations", seconds=180))
    assert desk.send("POST", url, {"reason": "OTHER"}, seconds=5).status == 406
    desk.sandbox.faults.clear()
    refund_part(desk.store, desk.store.order(PAID), Decimal(63))
    desk.reconcile(later=timedelta(minutes=4))
    [entry] = desk.timeline(PAID)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "200.0")
    assert desk.store.order(PAID).refunded == 263
