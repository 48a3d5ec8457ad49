"""The form of a refund says what the customer was refunded in the last 30 days, by our own timeline."""

from datetime import timedelta
from decimal import Decimal

import pytest

from local.sandbox import Fault
from local.sandbox.lines import Line
from local.sandbox.new_orders import add, card
from orderdesk import tables
from orderdesk.actions import ACTIONS
from tests.faults.calls import BrokenRecords, Calls

VALUES = {"reason": "Goodwill", "notify": False}
MOVING = [action for action in ACTIONS if action.moves_money]
EVERY = pytest.mark.parametrize("action", MOVING, ids=lambda action: action.name)


def bought(desk, *amounts, **more):
    """Paid orders of one customer; returns their names."""
    person = desk.store.order("#1016").customer
    priced = [Decimal(amount) for amount in amounts]
    return [add(desk.store, person, [Line("Rain jacket", amount)], [card(amount)], **more).name for amount in priced]


def hint(desk, order, action="refund-order"):
    """The hint of the form's first field."""
    form = desk.form(action, order)
    assert form.status == 200, form.body
    return form.body["sections"][0]["hint"]


@EVERY
def test_form_says_what_was_refunded_lately(desk, action):
    *refunded, last = bought(desk, "100.00", "200.00", "10.00", "50.00")
    before = hint(desk, last, action.slug)
    assert "This customer was refunded" not in before
    for order in refunded:
        assert desk.act("refund-order", order, **VALUES).status == 200
    told = "This customer was refunded $310.00 in 3 refunds in the last 30 days."
    assert hint(desk, last, action.slug) == f"{before.rstrip('.')}. {told}"
    desk.clock.shift(timedelta(days=30, minutes=1))
    assert hint(desk, last, action.slug) == before


def test_cancellation_with_money_is_a_refund_and_one_without_is_none(desk):
    paid, last = bought(desk, "80.00", "50.00")
    unpaid = add(desk.store, desk.store.order("#1016").customer, [Line("Rain jacket", Decimal(5))], []).name
    for order in (paid, unpaid):
        assert desk.act("cancel-order", order, reason="OTHER", notify=False).status == 200
    assert hint(desk, last).endswith("This customer was refunded $80.00 in 1 refund in the last 30 days.")


def test_currencies_are_not_added_up(desk):
    euro = bought(desk, "20.00", currency="EUR", rate=Decimal("1.08"))
    dollars = bought(desk, "10.00", "5.00")
    for order in (*euro, dollars[0]):
        assert desk.act("refund-order", order, **VALUES).status == 200
    said = hint(desk, dollars[1])
    assert "$10.00" in said and "€20.00" in said and "in 2 refunds" in said


def test_refused_and_failed_refunds_are_left_out(desk):
    one, two, last = bought(desk, "10.00", "20.00", "5.00")
    desk.sandbox.faults.put(Fault("refund_status", "mutations", transaction_status="FAILURE"))
    assert desk.act("refund-order", one, **VALUES).status == 406
    desk.sandbox.faults.clear()
    url = desk.form("refund-order", two).body["actionUrl"]
    desk.set(actions__refund_order__enabled="false")
    assert desk.send("POST", url, VALUES).status == 406
    desk.set(actions__refund_order__enabled="true")
    assert "This customer was refunded" not in hint(desk, last)


def test_other_customers_refunds_are_left_out(desk):
    [last] = bought(desk, "5.00")
    assert desk.act("refund-order", "#1003", **VALUES).status == 200
    assert "This customer was refunded" not in hint(desk, last)


def test_form_opens_without_it_if_the_timeline_does_not_answer(desk):
    one, last = bought(desk, "10.00", "5.00")
    assert desk.act("refund-order", one, **VALUES).status == 200
    broken = BrokenRecords(tables.dynamodb(), "Query", error="InternalServerError")
    assert "This customer was refunded" not in hint(desk, last)
    broken.repair()


def test_form_makes_one_query_more_and_asks_shopify_nothing_more(desk):
    [order] = bought(desk, "10.00")
    hint(desk, order)
    calls = Calls(desk)
    calls.stop_at(-1, "never")
    hint(desk, order)
    assert [name for name in calls.made if name] == [
        "RefundFacts", "dynamodb.GetItem", "dynamodb.PutItem", "dynamodb.Query",
    ]  # fmt: skip
