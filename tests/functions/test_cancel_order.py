from datetime import timedelta
from decimal import Decimal

import pytest

from local.sandbox.orders import Transaction

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


def test_a_job_that_does_not_end_in_time_is_still_running_and_settled_later(desk):
    desk.sandbox.mutations.job_seconds = 60
    url = desk.form("cancel-order", PAID).body["actionUrl"]
    answer = desk.send("POST", url, {"reason": "STAFF"}, seconds=4)
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "still_running")
    assert answer.body["errors"][0]["message"] == f"Shopify is still cancelling order {PAID}."
    assert desk.operation(url)["state"] == "UNKNOWN"
    assert desk.timeline(PAID) == []
    assert desk.settle(later=timedelta(seconds=5)) == {"settled": 0, "waiting": 1}
    assert desk.settle(later=timedelta(seconds=65)) == {"settled": 1, "waiting": 0}
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
    assert "Shopify says: Cannot cancel an order with an open return" in answer.body["errors"][0]["detail"]


@pytest.mark.parametrize("reason", ["", "MOOD", None, 7])
def test_the_reason_is_one_of_shopifys(desk, reason):
    answer = desk.act("cancel-order", PAID, reason=reason)
    assert answer.status == 400
    assert answer.body["errors"][0]["attr"] == "reason"
    assert not desk.sent("CancelOrder")


def test_already_cancelled(desk):
    cancelled = next(o for o in desk.store.orders if o.cancelled)
    assert "already cancelled" in desk.form("cancel-order", cancelled.name).body["errors"][0]["message"]
