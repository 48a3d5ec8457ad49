import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest

from local.sandbox import Fault
from local.sandbox.new_orders import card
from local.sandbox.orders import Invoice
from orderdesk import tables

ORDER, PART_PAID, NOBODY, PAID = "#1056", "#1057", "#1058", "#1016"
MAIL = "emil.sandoval@example.com"


def invoices(desk, order=ORDER):
    return desk.store.order(order).invoices


def entries(desk, order=ORDER):
    return desk.timeline(order)


def test_form_says_how_much_is_left_and_where_the_invoice_goes(desk):
    form = desk.form("send-invoice", ORDER).body
    [box] = form["sections"]
    assert form["title"] == "Send invoice of order #1056: $75.50 left to pay"
    assert (box["attr"], box["input"]["optional"]) == ("message", True)
    assert MAIL in box["hint"]


def test_invoice_goes_to_the_orders_address_with_the_message(desk):
    answer = desk.act("send-invoice", PART_PAID, message="Hello Emil,⏎here is the rest.")
    assert (answer.status, answer.body["message"]) == (200, "Sent an invoice for order #1057")
    assert "$55.50 is left to pay" in answer.body["detail"]
    [sent] = invoices(desk, PART_PAID)
    assert (sent.to, sent.message) == (MAIL, "Hello Emil,\nhere is the rest.")
    [entry] = entries(desk, PART_PAID)
    assert entry["outcome"] == "SUCCEEDED" and "amount" not in entry, "no money moved"


def test_message_may_be_left_empty(desk):
    assert desk.act("send-invoice", ORDER, message="").status == 200
    assert [sent.message for sent in invoices(desk)] == [None]
    assert "customMessage" not in desk.sent("SendInvoice")[0]["email"]


def test_resend_sends_no_second_invoice(desk):
    url = desk.form("send-invoice", ORDER).body["actionUrl"]
    first = desk.send("POST", url, {"message": "once"})
    assert desk.send("POST", url, {"message": "once"}).body == first.body
    assert len(invoices(desk)) == 1


@pytest.mark.parametrize(("order", "reason"), [(PAID, "nothing is left to pay"), (NOBODY, "it has no email address")])
def test_invoice_is_not_offered_if_nobody_owes_or_gets_it(desk, order, reason):
    refused = desk.form("send-invoice", order)
    assert (refused.status, refused.body["errors"][0]["code"]) == (406, "not_available")
    assert refused.body["errors"][0]["message"] == f"Order {order} can't get an invoice: {reason}."


def test_profile_offers_invoices_only_if_something_is_left_to_pay(desk):
    store = desk.store
    shown = desk.profile(desk.linked(ORDER))["transactions"] + desk.profile(desk.linked(PAID))["transactions"]
    assert shown
    for card_ in shown:
        order = store.order(card_["orderNumber"])
        offered = "Send Invoice" in [a["name"] for a in card_["actions"]]
        assert offered == bool(order.outstanding and order.email and order.cancelled is None), order.name


def test_profile_reads_addresses_of_orders_only_if_the_action_is_on(desk):
    desk.profile(desk.linked(ORDER))
    desk.set(actions__send_invoice__enabled="false")
    desk.profile(desk.linked(ORDER))
    assert [sent["invoices"] for sent in desk.sent("CustomerProfile")] == [True, False]


def paid_meanwhile(order):
    order.transactions.append(card(Decimal("20.00")))


def address_changed(order):
    order.email = "new.address@example.com"


@pytest.mark.parametrize("happens", [paid_meanwhile, address_changed])
def test_change_since_the_form_was_opened_is_told_before_anything_is_sent(desk, happens):
    url = desk.form("send-invoice", ORDER).body["actionUrl"]
    happens(desk.store.order(ORDER))
    answer = desk.send("POST", url, {"message": "please pay"})
    [error] = answer.body["errors"]
    assert (answer.status, error["code"]) == (400, "order_changed")
    assert desk.store.order(ORDER).email in error["detail"] and not invoices(desk)
    assert desk.send("POST", url, {"message": "please pay"}).status == 200
    assert [sent.to for sent in invoices(desk)] == [desk.store.order(ORDER).email]


def test_paid_meanwhile_in_full_is_refused(desk):
    url = desk.form("send-invoice", ORDER).body["actionUrl"]
    desk.store.order(ORDER).transactions.append(card(Decimal("75.50")))
    answer = desk.send("POST", url, {"message": ""})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "not_available")
    assert not invoices(desk)


def test_refusal_by_shopify_is_in_its_words(desk):
    desk.store.order(ORDER).email = "nobody"
    answer = desk.act("send-invoice", ORDER, message="")
    assert answer.status == 406
    assert "Shopify says: To is invalid" in answer.body["errors"][0]["detail"]
    assert [e["outcome"] for e in entries(desk)] == ["REFUSED"]


@pytest.mark.parametrize("length", [5001, 10_001])
def test_too_long_message_is_refused(desk, length):
    answer = desk.act("send-invoice", ORDER, message="x" * length)
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "too_long")
    assert not invoices(desk)


def lost(desk, *, done):
    """Submit with a lost answer; returns the `actionUrl`."""
    url = desk.form("send-invoice", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after" if done else "reset_before", "SendInvoice"))
    answer = desk.send("POST", url, {"message": "please pay"})
    desk.sandbox.faults.clear()
    assert answer.body["errors"][0]["code"] == "outcome_unknown"
    assert "within a day" in answer.body["errors"][0]["detail"]
    return url


def test_second_agent_waits_while_an_answer_is_missing(desk):
    lost(desk, done=True)
    other = desk.form("send-invoice", ORDER).body["actionUrl"]
    answer = desk.send("POST", other, {"message": "mine"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "invoice_busy")
    assert desk.reconcile(later=timedelta(minutes=2))["ended"] == 1
    assert len(invoices(desk)) == 1
    assert desk.send("POST", other, {"message": "mine"}).status == 200


def test_invoice_that_left_no_trace_is_never_told_as_failed(desk):
    url = lost(desk, done=True)
    invoices(desk).clear()
    for _ in range(5):
        assert desk.reconcile(later=timedelta(hours=4)) == {"ended": 0, "waiting": 1}
    assert desk.reconcile(later=timedelta(hours=5)) == {"ended": 1, "waiting": 0}
    [entry] = entries(desk)
    assert entry["outcome"] == "UNKNOWN" and "fail" not in json.dumps(entry).lower()
    assert desk.send("POST", url, {"message": "please pay"}).status == 406


@pytest.mark.parametrize("minutes", [-60, 120])
def test_invoice_of_another_time_is_not_taken_for_this_one(desk, minutes):
    at = desk.store.now() + timedelta(minutes=minutes)
    lost(desk, done=False)
    invoices(desk).append(Invoice(MAIL, None, None, at))
    desk.reconcile(later=timedelta(minutes=130))
    assert entries(desk) == []


def test_stored_operation_does_not_have_the_address(desk):
    url = desk.form("send-invoice", ORDER).body["actionUrl"]
    desk.send("POST", url, {"message": "please pay"})
    items = desk.dynamodb.scan(TableName=tables.operations_table())["Items"]
    assert items and MAIL not in json.dumps(items, default=str)
    assert hashlib.sha256(MAIL.encode()).hexdigest() in json.dumps(items, default=str)
