"""Refund items: what the form offers, what is shown first, where the money goes, and what is recorded."""

import json
import time
from datetime import timedelta
from decimal import Decimal as D  # noqa: N817
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.sandbox import Fault, order_parts
from local.sandbox.new_orders import add, card
from local.sandbox.orders import Line, Order, Transaction
from local.sandbox.payment_nodes import transaction_node
from local.sandbox.seed import refund_part
from orderdesk import movements
from tests.functions.answered import change_answers

REASON = "Damaged or faulty"
TAXED, EUROS, MANY, CREDIT, COMPANY = "#1042", "#1043", "#1044", "#1045", "#1046"
VISA = "Visa •••• •••• •••• 4242"
LINE = "line_"


@pytest.fixture
def confirming(desk):
    """A desk whose store has the usual setting: the exact refund is shown first."""
    desk.set(actions__refund_items__confirm="")
    return desk


def fields(form):
    return {section["attr"]: section for section in form.body["sections"]}


def lines(form):
    return [section for attr, section in fields(form).items() if attr.startswith(LINE)]


def attr(order, place=0):
    return f"{LINE}{order.lines[place].id.rpartition('/')[2]}"


def values(**chosen):
    return {"reason": REASON, "notify": True} | chosen


def error(answer):
    assert answer.status != 200, answer.body
    return answer.body["errors"][0]


def refunds(desk):
    return [sent["input"] for sent in desk.sent("RefundItems")]


def new(desk, *args, **kwargs):
    """A new order of the customer of most tests."""
    return add(desk.store, desk.store.order(TAXED).customer, *args, **kwargs)


# The form


def test_form_says_what_each_line_is_worth_and_offers_each_quantity(desk):
    form = desk.form("refund-items", TAXED)
    assert form.body["title"] == f"Refund items of order {TAXED}"
    assert [s["label"] for s in lines(form)] == ["Canvas sneaker", "Wool socks", "Tote bag"]
    assert [s["hint"] for s in lines(form)] == ["$99.79 for all 2 with tax", "$9.36 each with tax", "$22.68 with tax"]
    assert [o["value"] for o in lines(form)[1]["input"]["options"]] == ["0", "1", "2", "3"]
    assert all(s["defaultValue"] == "0" for s in lines(form))
    assert fields(form)["restock"]["defaultValue"] == "no"
    assert [o["value"] for o in fields(form)["shipping"]["input"]["options"]] == ["none", "all", "amount"]
    assert fields(form)["items"]["hint"] == f"Up to $159.18: $60.00 to Gift card, $99.18 to {VISA}."


def test_lines_fields_are_the_same_each_time(desk):
    first, second = (set(fields(desk.form("refund-items", TAXED))) for _ in range(2))
    assert first == second and attr(desk.store.order(TAXED)) in first


def test_order_of_many_lines_has_a_second_form_for_the_others(desk):
    customer = desk.linked(MANY)
    [order] = [o for o in desk.profile(customer)["transactions"] if o["orderNumber"] == MANY]
    urls = {a["name"]: a["formUrl"] for a in order["actions"] if "refund-items" in a["formUrl"]}
    first, more = desk.send("GET", urls["Refund Items"]), desk.send("GET", urls["Refund More Items"])
    assert (len(lines(first)), len(lines(more))) == (20, 4)
    assert "lines 1–20 of 24" in first.body["title"] and "lines 21–24 of 24" in more.body["title"]
    assert "the others are in “Refund More Items”" in fields(first)["items"]["hint"]
    assert not {s["attr"] for s in lines(first)} & {s["attr"] for s in lines(more)}
    last = lines(more)[-1]
    assert last["label"] == "Postcard no. 24"
    done = desk.send("POST", more.body["actionUrl"], values(**{last["attr"]: "1"}))
    assert done.body["message"] == f"Refunded $1.50 on order {MANY}"


def test_line_of_the_other_form_is_not_refunded_by_this_one(desk):
    order = desk.store.order(MANY)
    form = desk.form("refund-items", MANY)
    answer = desk.send("POST", form.body["actionUrl"], values(**{attr(order, 23): "1"}))
    assert (answer.status, error(answer)["attr"]) == (400, attr(order, 23))


def test_order_of_few_lines_has_no_second_form(desk):
    assert error(desk.form("refund-items", TAXED, lines="more"))["code"] == "not_available"
    [order] = [o for o in desk.profile(desk.linked(TAXED))["transactions"] if o["orderNumber"] == TAXED]
    assert "Refund More Items" not in [a["name"] for a in order["actions"]]


def test_line_of_very_many_pieces_offers_the_first_hundred_and_all(desk):
    order = new(desk, [Line("Sticker", D("0.10"), 5000)], [card(D(500))])
    form = desk.form("refund-items", order.name)
    options = [o["value"] for o in lines(form)[0]["input"]["options"]]
    assert len(options) == 102 and options[-1] == "5000"


def test_order_beyond_both_forms_says_where_the_rest_is(desk):
    order = order_parts.many_lines(desk.store, desk.store.order(TAXED).customer, 150)
    more = desk.form("refund-items", order.name, lines="more")
    assert len(lines(more)) == 100
    assert "refund those after them in Shopify" in fields(more)["items"]["hint"]
    answer = desk.send("POST", more.body["actionUrl"], values(items="all"))
    assert answer.body["message"] == f"Refunded $150.00 on order {order.name}"


def test_many_lines_with_long_names_have_room(desk):
    order = new(desk, [Line("猫" * 255, D(1)) for _ in range(120)], [card(D(120))])
    for which in ({"lines": "more"}, {}):
        form = desk.form("refund-items", order.name, **which)
        assert len(lines(form)[0]["label"]) == 200
        assert desk.send("POST", form.body["actionUrl"], values(items="all")).status == 200
    assert order.net == 0
    assert [len(entry["lines"]) for entry in desk.timeline(order.name)] == [20, 100]


def test_restock_is_offered_with_the_places_and_cancel_only_for_unsent_pieces(desk):
    order = new(desk, [Line("Mug", D(10), 2, fulfilled=2)], [card(D(20))])
    sent = [
        o["value"].partition(":")[0]
        for o in fields(desk.form("refund-items", order.name))["restock"]["input"]["options"]
    ]
    unsent = [
        o["value"].partition(":")[0] for o in fields(desk.form("refund-items", TAXED))["restock"]["input"]["options"]
    ]
    assert set(sent) == {"no", "return"} and set(unsent) == {"no", "return", "cancel"}


@pytest.mark.parametrize(("order", "offered"), [(TAXED, True), (COMPANY, False)])
def test_store_credit_is_offered_only_if_shopify_suggests_it(desk, order, offered):
    assert ("to" in fields(desk.form("refund-items", order))) == offered
    form = desk.form("refund-items", order)
    if not offered:
        answer = desk.send("POST", form.body["actionUrl"], values(items="all", to="credit"))
        assert (answer.status, error(answer)["attr"]) == (400, "to")


def test_form_has_the_reasons_of_the_refund_of_an_order(desk):
    desk.set(actions__refund_order__reasons="Broken, Late")
    form = desk.form("refund-items", TAXED)
    assert [o["value"] for o in fields(form)["reason"]["input"]["options"]] == ["Broken", "Late"]
    assert error(desk.send("POST", form.body["actionUrl"], values(items="all")))["attr"] == "reason"


# What cannot be submitted


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({}, None),
        ({"shipping": "none", f"{LINE}0": "1"}, None),
        ({"items": "all", "line": "1"}, "items"),
        ({"shipping": "amount"}, "shipping_amount"),
        ({"shipping": "amount", "shipping_amount": "8.01"}, "shipping_amount"),
        ({"shipping": "amount", "shipping_amount": "0"}, "shipping_amount"),
        ({"shipping": "amount", "shipping_amount": "1.005"}, "shipping_amount"),
        ({"shipping": "amount", "shipping_amount": "€3"}, "shipping_amount"),
        ({"shipping": "all", "shipping_amount": "3"}, "shipping_amount"),
        ({"shipping": "some"}, "shipping"),
        ({"line": "3"}, "line"),
        ({"line": "-1"}, "line"),
        ({"line": "two"}, "line"),
        ({"line": "1", "restock": "return:1"}, "restock"),
        ({"line": "1", "restock": "yes"}, "restock"),
        ({"line": "1", "to": "gift card"}, "to"),
        ({"line": "1", "reason": ""}, "reason"),
    ],
    ids=str,
)
def test_choice_that_does_not_fit_keeps_the_form(desk, chosen, field):
    order = desk.store.order(TAXED)
    chosen = {attr(order) if name == "line" else name: value for name, value in chosen.items()}
    url = desk.form("refund-items", TAXED).body["actionUrl"]
    answer = desk.send("POST", url, values(**chosen))
    assert answer.status == 400
    assert error(answer).get("attr") == (attr(order) if field == "line" else field)
    assert not refunds(desk) and not desk.timeline(TAXED)
    assert desk.send("POST", url, values(**{attr(order): 1})).status == 200


def test_shipping_of_an_order_without_any_keeps_the_form(desk):
    order = new(desk, [Line("Mug", D(10))], [card(D(10))])
    form = desk.form("refund-items", order.name)
    assert "shipping" not in fields(form)
    answer = desk.send("POST", form.body["actionUrl"], values(shipping="all"))
    assert (answer.status, error(answer)["attr"]) == (400, "shipping")


def test_choice_that_costs_nothing_keeps_the_form(desk):
    order = new(desk, [Line("Sticker", D(0), 2), Line("Mug", D(10))], [card(D(10))])
    form = desk.form("refund-items", order.name)
    assert lines(form)[0]["hint"] == "Free"
    answer = desk.send("POST", form.body["actionUrl"], values(**{attr(order): "2"}))
    assert (answer.status, order.refunds) == (400, [])
    both = desk.send("POST", form.body["actionUrl"], values(**{attr(order): "2", attr(order, 1): "1"}))
    assert both.status == 200
    assert (order.lines[0].refunded, order.lines[1].refunded, order.refunded) == (2, 1, D(10))


# Where the money goes


def test_part_of_the_lines_goes_back_with_tax_and_discounts_over_the_payments(desk):
    order = desk.store.order(TAXED)
    answer = desk.act("refund-items", TAXED, **values(**{attr(order): "1", attr(order, 1): "1", attr(order, 2): "1"}))
    assert answer.status == 200, answer.body
    assert answer.body["message"] == f"Refunded $81.94 on order {TAXED}"
    [sent] = refunds(desk)
    assert [t["amount"] for t in sent["transactions"]] == ["60.0", "21.94"]
    assert order.refunds[0].adjusted == 0, "Shopify's own amount for these lines"
    assert {line["restockType"] for line in sent["refundLineItems"]} == {"NO_RESTOCK"}


def test_all_in_portions_is_all_that_was_paid(desk):
    order = desk.store.order(TAXED)
    for _ in range(6):
        line = next(x for x in order.lines if x.refundable)
        assert desk.act("refund-items", TAXED, **values(**{f"{LINE}{line.id.rpartition('/')[2]}": "1"})).status == 200
    assert desk.act("refund-items", TAXED, **values(shipping="amount", shipping_amount="3")).status == 200
    assert desk.act("refund-items", TAXED, **values(shipping="all")).status == 200
    assert (order.net, order.refunded) == (0, order.received)
    assert desk.form("refund-items", TAXED).status == 406


def test_recorded_figures_of_a_line_and_its_shipping(desk):
    order = new(desk, [Line("Mug", D("10.00"), 2, restockable=True)], [card(D("25.00"))], shipping=D("5.00"))
    place = desk.store.locations[0].id.rpartition("/")[2]
    answer = desk.act(
        "refund-items", order.name, **values(**{attr(order): "1"}, shipping="all", restock=f"return:{place}")
    )
    assert answer.body["message"] == f"Refunded $15.00 on order {order.name}"
    assert "Items: 1 × “Mug”, shipping $5.00, returned to stock." in answer.body["detail"]
    [refund] = order.refunds
    assert [(one.restock, one.location) for one in refund.lines] == [("RETURN", desk.store.locations[0])]


def test_shipping_only(desk):
    answer = desk.act("refund-items", TAXED, **values(shipping="amount", shipping_amount="4"))
    assert answer.body["message"] == f"Refunded $4.32 on order {TAXED}", "with its tax"
    [sent] = refunds(desk)
    assert (sent["refundLineItems"], sent["shipping"]) == ([], {"amount": "4"})
    [entry] = desk.timeline(TAXED)
    assert (entry["shipping"], entry["amount"], "lines" in entry) == ("4.0", "4.32", False)


def test_presentment_currency_and_included_taxes(desk):
    order = desk.store.order(EUROS)
    form = desk.form("refund-items", EUROS)
    assert lines(form)[0]["hint"] == "€10.00 each with tax"
    answer = desk.send("POST", form.body["actionUrl"], values(items="all", shipping="all"))
    assert answer.body["message"] == f"Refunded €24.90 on order {EUROS}"
    assert refunds(desk)[0]["currency"] == "EUR" and order.net == 0


def test_duties_go_back_with_their_lines(desk):
    order = new(desk, [Line("Boots", D(50), 2, duty=D(9))], [card(D(109))])
    form = desk.form("refund-items", order.name)
    assert lines(form)[0]["hint"] == "$50.00 each, plus its duties"
    one = desk.send("POST", form.body["actionUrl"], values(**{attr(order): "1"}))
    assert one.body["message"] == f"Refunded $54.50 on order {order.name}"
    other = desk.act("refund-items", order.name, **values(**{attr(order): "1"}))
    assert other.body["message"] == f"Refunded $54.50 on order {order.name}"
    kinds = [sent["refundDuties"][0]["refundType"] for sent in refunds(desk)]
    assert kinds == ["PROPORTIONAL", "FULL"] and order.net == 0


def test_store_credit_gets_the_money_and_the_payments_none(desk):
    order = desk.store.order(TAXED)
    [account] = [one for one in desk.store.credit if one.owner is order.customer]
    before = account.balance
    answer = desk.act("refund-items", TAXED, **values(**{attr(order, 2): "1"}, to="credit"))
    assert answer.status == 200, answer.body
    assert "$22.68 to Store credit" in answer.body["detail"]
    [sent] = refunds(desk)
    assert sent["transactions"] == []
    assert sent["refundMethods"] == [{"storeCreditRefund": {"amount": {"amount": "22.68", "currencyCode": "USD"}}}]
    assert account.balance == before + D("22.68")
    assert order.net == order.received - D("22.68")
    everything = desk.act("refund-order", TAXED, reason=REASON)
    assert everything.status == 200 and order.refunded == order.received


def test_store_credit_that_shopify_no_longer_suggests_keeps_the_form(desk):
    order, form = desk.store.order(TAXED), desk.form("refund-items", TAXED)
    order.company = "Lindqvist Travel"
    answer = desk.send("POST", form.body["actionUrl"], values(items="all", to="credit"))
    assert (answer.status, error(answer)["attr"]) == (400, "to")
    assert desk.send("POST", form.body["actionUrl"], values(items="all")).status == 200


def test_manual_payment_is_only_recorded(confirming):
    cash = Transaction("SALE", D(30), "Cash on Delivery (COD)", "Cash on Delivery (COD)", manual=True)
    order = new(confirming, [Line("Mug", D(15), 2)], [cash])
    url = confirming.form("refund-items", order.name).body["actionUrl"]
    first = confirming.send("POST", url, values(**{attr(order): "1"}))
    assert error(first)["message"].startswith("Records a refund of $15.00")
    assert "pay $15.00 back yourself" in error(first)["message"]
    confirming.clock.shift(timedelta(seconds=3))
    done = confirming.send("POST", url, values(**{attr(order): "1"}))
    assert done.body["message"] == f"Recorded a refund of $15.00 on order {order.name}"


def test_pending_refund_is_followed(desk):
    desk.sandbox.statuses["shopify_payments"] = "PENDING"
    order = new(desk, [Line("Mug", D(15), 2)], [card(D(30))])
    answer = desk.act("refund-items", order.name, **values(**{attr(order): "1"}))
    assert answer.status == 200 and "on its way" in answer.body["detail"]
    order.transactions[-1].status = "SUCCESS"
    desk.reconcile(later=timedelta(minutes=10))
    [entry] = desk.timeline(order.name)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "15.0")
    assert entry["lines"] == [{"line": attr(order).removeprefix(LINE), "name": "Mug", "quantity": "1"}]


@pytest.mark.parametrize("counted", ["under way", "successes"])
def test_pending_refund_leaves_its_payment_no_more_than_it_holds(desk, counted):
    """Shopify may count money on its way back as still there, and suggest it again."""
    desk.store.count(counted)
    desk.sandbox.statuses["shopify_payments"] = "PENDING"
    first = card(D(20))
    order = new(desk, [Line("Mug", D(20), 2)], [first, Transaction("SALE", D(20), "paypal", "PayPal")])
    order.successes_only = counted == "successes"
    assert desk.act("refund-items", order.name, **values(**{attr(order): "1"})).status == 200
    answer = desk.act("refund-items", order.name, **values(**{attr(order): "1"}))
    assert answer.status == 200, answer.body
    assert [(t["gateway"], t["amount"]) for t in refunds(desk)[1]["transactions"]] == [("paypal", "20.0")]
    assert order.refunded == order.received


def test_order_refunded_by_amount_gives_back_no_more_than_is_left(confirming):
    order = new(confirming, [Line("Mug", D(15), 2)], [card(D(30))])
    refund_part(confirming.store, order, D(20))
    url = confirming.form("refund-items", order.name).body["actionUrl"]
    first = confirming.send("POST", url, values(**{attr(order): "1"}))
    assert error(first)["message"].startswith("Refunds $10.00")
    assert "Your choice is worth $15.00, but only $10.00 is left to refund." in error(first)["detail"]
    confirming.clock.shift(timedelta(seconds=3))
    assert confirming.send("POST", url, values(**{attr(order): "1"})).status == 200
    assert order.refunded == order.received


def test_refund_with_a_failed_payment_fails_with_its_lines(desk):
    desk.sandbox.statuses["gift_card"] = "FAILURE"
    answer = desk.act("refund-items", TAXED, **values(items="all"))
    assert (answer.status, error(answer)["code"]) == (406, "failed")
    [entry] = desk.timeline(TAXED)
    assert entry["outcome"] == "FAILED" and len(entry["lines"]) == 3


def test_cancel_restocks_only_what_was_not_sent(desk):
    order = new(desk, [Line("Mug", D(10), 3, fulfilled=2)], [card(D(30))])
    place = desk.store.locations[0].id.rpartition("/")[2]
    url = desk.form("refund-items", order.name).body["actionUrl"]
    answer = desk.send("POST", url, values(**{attr(order): "2"}, restock=f"cancel:{place}"))
    assert (answer.status, error(answer)["attr"]) == (400, attr(order))
    done = desk.send("POST", url, values(**{attr(order): "1"}, restock=f"cancel:{place}"))
    assert done.status == 200 and "cancelled and restocked" in done.body["detail"]
    assert (order.lines[0].removed, order.lines[0].refunded) == (1, 1)


# When it is offered


def offered(desk, order):
    [shown] = [o for o in desk.profile(desk.linked(order.name))["transactions"] if o["orderNumber"] == order.name]
    return "Refund Items" in [a["name"] for a in shown["actions"]]


def test_order_with_money_but_no_items_left_is_refunded_as_a_whole(desk):
    order = new(desk, [Line("Mug", D(10))], [card(D(15))])
    assert offered(desk, order)
    assert desk.act("refund-items", order.name, **values(items="all")).status == 200
    assert not offered(desk, order), "the tip of 5.00 is no item"
    refused = desk.form("refund-items", order.name)
    assert (refused.status, error(refused)["code"]) == (406, "not_available")
    assert "$5.00 is left" in error(refused)["detail"]
    assert desk.act("refund-order", order.name, reason=REASON).status == 200


def test_order_with_only_shipping_left_is_offered(desk):
    order = new(desk, [Line("Mug", D(10))], [card(D(15))], shipping=D(5))
    assert desk.act("refund-items", order.name, **values(items="all")).status == 200
    assert offered(desk, order)
    form = desk.form("refund-items", order.name)
    assert not lines(form) and "restock" not in fields(form)
    assert desk.send("POST", form.body["actionUrl"], values(shipping="all")).status == 200
    assert order.net == 0 and not offered(desk, order)


# Shown first


def test_first_submit_shows_the_refund_and_the_second_makes_it(confirming):
    order = confirming.store.order(TAXED)
    url, chosen = confirming.form("refund-items", TAXED).body["actionUrl"], values(**{attr(order): "1"}, shipping="all")
    shown = confirming.send("POST", url, chosen)
    assert (shown.status, error(shown)["code"]) == (400, "confirm")
    assert error(shown)["message"] == "Refunds $58.53: $58.53 to Gift card."
    assert error(shown)["detail"].startswith("1 × “Canvas sneaker”, shipping $8.00, not restocked.")
    assert error(shown)["detail"].endswith("Submit again to confirm.")
    assert not refunds(confirming) and not confirming.timeline(TAXED)
    confirming.clock.shift(timedelta(seconds=3))
    done = confirming.send("POST", url, chosen)
    assert done.body["message"] == f"Refunded $58.53 on order {TAXED}"
    again = confirming.send("POST", url, chosen)
    assert (again.status, again.body) == (200, done.body)
    assert len(refunds(confirming)) == 1 and len(confirming.timeline(TAXED)) == 1


def test_another_choice_in_between_is_shown_first_as_well(confirming):
    order = confirming.store.order(TAXED)
    url = confirming.form("refund-items", TAXED).body["actionUrl"]
    one, two = values(**{attr(order): "1"}), values(**{attr(order): "2"})
    for chosen, amount in ((one, "$49.90"), (two, "$99.79"), (one, "$49.90")):
        shown = confirming.send("POST", url, chosen)
        assert (shown.status, error(shown)["code"]) == (400, "confirm")
        assert amount in error(shown)["message"]
        confirming.clock.shift(timedelta(seconds=3))
    assert confirming.send("POST", url, one).body["message"] == f"Refunded $49.90 on order {TAXED}"


@pytest.mark.parametrize("chosen", [{"restock": "place"}, {"to": "credit"}, {"shipping": "all"}], ids=str)
def test_everything_that_was_shown_is_part_of_the_choice(confirming, chosen):
    order = confirming.store.order(TAXED)
    place = confirming.store.locations[0].id.rpartition("/")[2]
    chosen = {name: f"return:{place}" if value == "place" else value for name, value in chosen.items()}
    url, first = confirming.form("refund-items", TAXED).body["actionUrl"], values(**{attr(order): "1"})
    confirming.send("POST", url, first)
    confirming.clock.shift(timedelta(seconds=3))
    assert error(confirming.send("POST", url, first | chosen))["code"] == "confirm"


def test_reason_may_change_after_it_was_shown(confirming):
    order = confirming.store.order(TAXED)
    url, first = confirming.form("refund-items", TAXED).body["actionUrl"], values(**{attr(order): "1"})
    confirming.send("POST", url, first)
    confirming.clock.shift(timedelta(seconds=3))
    assert confirming.send("POST", url, first | {"reason": "Goodwill", "notify": False}).status == 200
    assert confirming.timeline(TAXED)[0]["reason"] == "Goodwill"


def test_submit_that_comes_before_a_person_can_have_read_is_no_confirmation(confirming):
    order = confirming.store.order(TAXED)
    url, chosen = confirming.form("refund-items", TAXED).body["actionUrl"], values(**{attr(order): "1"})
    answers = [confirming.send("POST", url, chosen) for _ in range(3)]
    assert [error(answer)["code"] for answer in answers] == ["confirm"] * 3
    assert not refunds(confirming)


def test_request_that_waited_since_before_it_was_shown_is_no_confirmation(confirming):
    """The second click of a double click, which a starting process answers late."""
    order = confirming.store.order(TAXED)
    url, chosen = confirming.form("refund-items", TAXED).body["actionUrl"], values(**{attr(order): "1"})
    received = confirming.store.now()
    confirming.send("POST", url, chosen)
    confirming.clock.shift(timedelta(seconds=3))
    event = confirming.event("POST", url, chosen)
    event["requestContext"]["requestTimeEpoch"] = int(received.timestamp() * 1000)
    from local.in_process import LambdaContext
    from refund_items.app import lambda_handler

    answer = lambda_handler(event, LambdaContext())
    assert (answer["statusCode"], json.loads(answer["body"])["errors"][0]["code"]) == (400, "confirm")
    assert not refunds(confirming)
    assert confirming.send("POST", url, chosen).status == 200


def test_second_click_while_the_first_is_at_work_is_shown_the_same(confirming, monkeypatch):
    desk, order, answers = confirming, confirming.store.order(TAXED), []
    url, chosen = desk.form("refund-items", TAXED).body["actionUrl"], values(**{attr(order): "1"})
    second = Thread(target=lambda: answers.append(desk.send("POST", url, chosen)))
    waits, done = Event(), Event()
    # The second looks again when the first has been answered.
    monkeypatch.setattr(time, "sleep", lambda _seconds: waits.set() or done.wait(20))

    def meanwhile(request):
        if b"RefundItemsFacts" in request.body and not second.ident:
            second.start()
            assert waits.wait(20)

    desk.adapter.before = meanwhile
    first = desk.send("POST", url, chosen)
    done.set()
    second.join(20)
    assert [error(answer)["code"] for answer in (first, *answers)] == ["confirm"] * 2
    assert error(answers[0]) == error(first)
    assert not refunds(desk)


def test_amount_that_changes_before_the_confirmation_is_shown_again(confirming):
    order = new(confirming, [Line("Mug", D(15), 2)], [card(D(30))])
    url, chosen = confirming.form("refund-items", order.name).body["actionUrl"], values(**{attr(order): "1"})
    confirming.send("POST", url, chosen)
    refund_part(confirming.store, order, D(20))
    confirming.clock.shift(timedelta(seconds=3))
    again = confirming.send("POST", url, chosen)
    assert (again.status, error(again)["code"]) == (400, "confirm")
    assert error(again)["message"].startswith("The refund has changed. It now refunds $10.00")
    confirming.clock.shift(timedelta(seconds=3))
    assert confirming.send("POST", url, chosen).body["message"] == f"Refunded $10.00 on order {order.name}"


def test_piece_refunded_meanwhile_keeps_the_form_at_its_line(confirming):
    order = new(confirming, [Line("Mug", D(15), 2), Line("Tray", D(9))], [card(D(39))])
    url = confirming.form("refund-items", order.name).body["actionUrl"]
    assert confirming.send("POST", url, values(**{attr(order): "2"})).status == 400
    order.lines[0].refunded = 1
    confirming.clock.shift(timedelta(seconds=3))
    answer = confirming.send("POST", url, values(**{attr(order): "2"}))
    assert (answer.status, error(answer)["code"]) == (400, "quantity_changed")
    assert error(answer)["attr"] == attr(order) and not refunds(confirming)


def test_confirmation_survives_another_process(confirming):
    order = confirming.store.order(TAXED)
    url, chosen = confirming.form("refund-items", TAXED).body["actionUrl"], values(**{attr(order): "1"})
    confirming.send("POST", url, chosen)
    kept = json.loads(confirming.operation(url)["shown"])["confirm"]
    assert (kept["amount"], kept["currency"]) == ("49.9", "USD")
    assert confirming.operation(url)["attempt"] == 0


# Nothing to confirm: what the form showed is compared


@pytest.mark.parametrize("change", ["price", "quantity", "money", "shipping"])
def test_change_since_the_form_keeps_it_and_a_second_submit_succeeds(desk, change):
    order = new(desk, [Line("Mug", D(15), 2)], [card(D(35))], shipping=D(5))
    url = desk.form("refund-items", order.name).body["actionUrl"]
    if change == "price":
        order.lines[0].discount = D(4)
    elif change == "quantity":
        order.lines[0].refunded = 1
    elif change == "money":
        refund_part(desk.store, order, D(5))
    else:
        assert desk.act("refund-items", order.name, **values(shipping="amount", shipping_amount="2")).status == 200
    chosen = values(**{attr(order): "1"}, shipping="amount", shipping_amount="1")
    before = len(refunds(desk))
    answer = desk.send("POST", url, chosen)
    assert (answer.status, error(answer)["code"]) == (400, "amount_changed")
    assert "Nothing was done" in error(answer)["detail"] and len(refunds(desk)) == before
    assert desk.send("POST", url, chosen).status == 200


def test_change_of_another_line_makes_no_difference(desk):
    order = new(desk, [Line("Mug", D(15)), Line("Tray", D(9))], [card(D(24))])
    url = desk.form("refund-items", order.name).body["actionUrl"]
    order.lines[1].discount = D(1)
    assert desk.send("POST", url, values(**{attr(order): "1"})).status == 200


# The lock, and a lost answer


@pytest.mark.parametrize("other", ["refund-order", "cancel-order", "refund-items"])
def test_order_is_locked_by_one_refund_at_a_time(desk, other):
    order, answers = desk.store.order(TAXED), []
    mine, theirs = (desk.form(action, TAXED).body["actionUrl"] for action in ("refund-items", other))
    second = {"reason": "OTHER"} if other == "cancel-order" else values(items="all")

    def meanwhile(request):
        if b"refundCreate" in request.body and not answers:
            answers.append(desk.send("POST", theirs, second))

    desk.adapter.before = meanwhile
    assert desk.send("POST", mine, values(**{attr(order): "1"})).status == 200
    assert (answers[0].status, error(answers[0])["code"]) == (406, "order_busy")
    assert len(order.refunds) == 1


@pytest.mark.parametrize("to", ["original", "credit"])
def test_lost_answer_is_found_by_the_reference_with_its_lines(hurried, to):
    desk, order = hurried, hurried.store.order(TAXED)
    url, chosen = desk.form("refund-items", TAXED).body["actionUrl"], values(**{attr(order): "1"}, to=to)
    desk.sandbox.faults.put(Fault("reset_after", "RefundItems"))
    assert error(desk.send("POST", url, chosen))["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()
    desk.reconcile(later=timedelta(minutes=10))
    [entry] = desk.timeline(TAXED)
    assert (entry["outcome"], entry["amount"], entry["currency"]) == ("SUCCEEDED", "49.9", "USD")
    assert entry["lines"][0]["quantity"] == "1" and "Items: 1 × “Canvas sneaker”" in entry["detail"]
    assert len(order.refunds) == 1 and desk.send("POST", url, chosen).status == 200


@pytest.mark.parametrize("times", [1, 2])
def test_suggestion_that_is_missing_is_asked_for_once_more(desk, times):
    """A whole answer without it: Shopify's schema allows null."""
    url = desk.form("refund-items", TAXED).body["actionUrl"]
    change_answers(desk, "RefundItemsFacts", lambda data: data["order"].update(chosen=None), times)
    answer = desk.send("POST", url, values(items="all"))
    assert (answer.status == 200) == (times == 1) == bool(refunds(desk))
    if times == 2:
        assert (answer.status, error(answer)["code"]) == (400, "shopify_in_part")


def test_store_without_the_scope_for_locations_says_which_is_missing(desk):
    desk.sandbox.scopes -= {"read_locations"}
    answer = desk.form("refund-items", TAXED)
    assert (answer.status, error(answer)["code"]) == (406, "misconfigured")
    assert "locations" in error(answer)["message"]


# Any suggestion


@given(
    paid=st.lists(st.integers(1, 10**6), min_size=1, max_size=5),
    back=st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(["SUCCESS", "PENDING", "FAILURE"])), max_size=5),
    loose=st.integers(0, 10**6),
    wanted=st.lists(st.tuples(st.integers(0, 2 * 10**6), st.integers(0, 2 * 10**6)), min_size=1, max_size=5),
    counts_pending=st.booleans(),
)
def test_no_payment_gets_more_than_is_left_whatever_shopify_suggests(paid, back, loose, wanted, counts_pending):
    """`loose`: a refund to store credit, which belongs to no payment."""
    payments = [Transaction("SALE", D(amount).scaleb(-2)) for amount in paid]
    order = Order("#1", None, [Line("Mug", D(1))], list(payments), successes_only=not counts_pending)
    for (amount, status), parent in zip(back, payments, strict=False):
        if taken := min(D(amount).scaleb(-2), parent.amount):
            order.transactions.append(Transaction("REFUND", taken, parent=parent, status=status))
    gone = {
        p.id: sum((t.amount for t in order.transactions if t.parent is p and t.status != "FAILURE"), D(0))
        for p in payments
    }
    rest = order.received - sum(gone.values())
    if credit := min(D(loose).scaleb(-2), rest):
        order.transactions.append(Transaction("REFUND", credit, "shopify_store_credit"))
    node = {
        "netPaymentSet": order.bag(max(D(0), order.net)), "totalReceivedSet": order.bag(order.received),
        "transactions": [transaction_node(order, t) for t in order.transactions],
    }  # fmt: skip
    listed = [
        (p.id, D(amount).scaleb(-2), D(most).scaleb(-2)) for p, (amount, most) in zip(payments, wanted, strict=False)
    ]
    tenders = movements.spread(node, listed)
    most = {parent: limit for parent, _, limit in listed}
    room = {p.id: min(p.amount - gone[p.id], most[p.id]) for p in payments if p.id in most}
    given = {t.parent: t.amount.amount for t in tenders}
    assert len(given) == len(tenders)
    assert all(0 < amount <= room[parent] for parent, amount in given.items())
    asked = sum(amount for _, amount, _ in listed)
    assert sum(given.values()) == min(asked, rest - credit, sum(room.values()))
    if all(amount <= room[parent] for parent, amount, _ in listed) and asked <= rest - credit:
        assert given == {parent: amount for parent, amount, _ in listed if amount}, "as Shopify suggests it"


@pytest.mark.parametrize(
    ("shipping", "left", "says"),
    [
        ({"shipping": "all"}, "0.0", "The shipping has been refunded already."),
        ({"shipping": "amount", "shipping_amount": "5"}, "2.0", "Only $2.00 of the shipping can be refunded now."),
    ],
)
def test_shipping_refunded_meanwhile_keeps_the_form(desk, shipping, left, says):
    url = desk.form("refund-items", TAXED).body["actionUrl"]

    def change(data):
        bag = data["order"]["chosen"]["shipping"]["amountSet"]
        bag["presentmentMoney"]["amount"] = left

    change_answers(desk, "RefundItemsFacts", change)
    answer = desk.send("POST", url, values(items="all") | shipping)
    assert (answer.status, error(answer)["code"]) == (400, "shipping_changed")
    assert error(answer)["detail"].startswith(says) and not refunds(desk)


def test_choice_that_the_payments_cannot_take_back_is_refused(desk):
    url = desk.form("refund-items", TAXED).body["actionUrl"]
    change_answers(desk, "RefundItemsFacts", lambda data: data["order"]["chosen"].update(suggestedTransactions=[]))
    answer = desk.send("POST", url, values(items="all"))
    assert (answer.status, error(answer)["code"]) == (406, "not_available")
    assert "but its payments can only take $0.00" in error(answer)["message"] and not refunds(desk)


def test_choice_on_more_payments_than_shopify_takes_is_refused(desk):
    cards = [Transaction("SALE", D(1), "gift_card", "Gift card") for _ in range(251)]
    order = new(desk, [Line("Mug", D(251))], cards)
    answer = desk.act("refund-items", order.name, **values(items="all"))
    assert (answer.status, error(answer)["code"]) == (406, "not_available")
    assert "more payments or duties than Shopify takes at once (250)" in error(answer)["message"]
