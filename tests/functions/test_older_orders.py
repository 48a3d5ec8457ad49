"""An order that is not among a customer's newest: an agent who searches for its number gets it with its actions."""

from datetime import timedelta

import pytest

from local.sandbox import Fault, cases
from lookup import records
from orderdesk import tables

OLD, OLDER = "#1031", "#1030"


def numbers(profile):
    return [order["orderNumber"] for order in profile["transactions"]]


def test_order_found_by_number_is_in_the_profile(desk):
    linked = desk.linked(OLDER)
    before = desk.profile(linked)
    assert OLDER not in numbers(before) and len(numbers(before)) == 10
    assert before["customAttributes"]["ordersShown"] == "10 of 12; search for an older one by its number"
    [found] = desk.find(orderNumber=OLDER)
    assert found["externalCustomerId"] == linked
    after = desk.profile(found["externalCustomerId"])
    assert numbers(after) == [*numbers(before), OLDER]
    assert after["customAttributes"]["ordersShown"] == "11 of 12; search for an older one by its number"
    url = next(a["formUrl"] for a in after["transactions"][-1]["actions"] if a["name"] == "Refund Order")
    form = desk.send("GET", url)
    assert form.status == 200 and OLDER in form.body["title"]
    assert desk.send("POST", form.body["actionUrl"], {"reason": "Goodwill"}).status == 200
    assert desk.profile(linked)["transactions"][-1]["status"].startswith("Refunded")


def confirmation(desk, name):
    return f"{int(desk.store.order(name).number) % 36**8:09X}"


def test_order_found_by_confirmation_number_is_shown_once(desk):
    linked = desk.linked(OLDER)
    shown = numbers(desk.profile(linked))
    for name, expected in ((OLDER, [*shown, OLDER]), (shown[3], shown)):
        query = {"externalCustomerId": linked, "orderNumber": f"Confirmation #{confirmation(desk, name)}"}
        [profile] = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": query}).body["results"]
        assert numbers(profile) == expected


@pytest.mark.parametrize("denied", ["Order.note", "Order.billingAddress", "Order.cancelledAt"])
def test_partly_hidden_older_order_is_shown_in_part(desk, denied):
    linked = desk.linked(OLDER)
    desk.sandbox.deny(denied)
    query = {"externalCustomerId": linked, "orderNumber": OLDER}
    [profile] = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": query}).body["results"]
    assert numbers(profile)[-1] == OLDER
    # Its status may be hidden; then no action that moves money is offered.
    offered = {action["name"] for action in profile["transactions"][-1].get("actions", [])}
    assert ("Refund Order" in offered) == (denied != "Order.cancelledAt")


@pytest.mark.parametrize("written", ["#1030", "1030", " # 1030 ", "Order #1030", "１０３０"])
def test_detailed_lookup_with_an_order_number_shows_the_order(desk, written):
    query = {"externalCustomerId": desk.linked(OLDER), "orderNumber": written}
    answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": query})
    assert numbers(answer.body["results"][0])[-1] == OLDER
    assert [r.name for r in desk.sandbox.received] == ["CustomerProfile", "OlderOrders"]


def test_order_of_another_customer_is_not_shown(desk):
    query = {"externalCustomerId": desk.linked(OLDER), "orderNumber": '1001" OR name:"1002'}
    for number in ("#1001", '1001" OR name:"1002', "x" * 100, ""):
        query["orderNumber"] = number
        answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": query})
        assert len(numbers(answer.body["results"][0])) == 10


def test_newest_order_is_not_requested_again(desk):
    [found] = desk.find(orderNumber="#1041")
    desk.sandbox.received.clear()
    assert len(numbers(desk.profile(found["externalCustomerId"]))) == 10
    assert [r.name for r in desk.sandbox.received] == ["CustomerProfile"]


def test_older_orders_are_sorted_by_date(desk):
    [found] = desk.find(orderNumber=f"{OLDER}, {OLD}")
    profile = desk.profile(found["externalCustomerId"])
    assert numbers(profile)[-2:] == [OLD, OLDER]
    created = [order["createdAt"] for order in profile["transactions"]]
    assert created == sorted(created, reverse=True)


def test_searched_order_stays_for_a_week(desk):
    [found] = desk.find(orderNumber=OLDER)
    desk.clock.shift(timedelta(days=records.DAYS_SHOWN, seconds=-60))
    assert OLDER in numbers(desk.profile(found["externalCustomerId"]))
    desk.clock.shift(timedelta(seconds=120))
    assert OLDER not in numbers(desk.profile(found["externalCustomerId"]))


@pytest.mark.parametrize("second", [OLD, "#1041"])
def test_second_search_keeps_the_first_order(desk, second):
    linked = desk.linked(OLDER)
    desk.find(orderNumber=OLDER)
    desk.clock.shift(timedelta(days=2))
    desk.find(orderNumber=second)
    shown = numbers(desk.profile(linked))
    assert OLDER in shown and second in shown
    desk.clock.shift(timedelta(days=6))
    shown = numbers(desk.profile(linked))
    assert OLDER not in shown and second in shown


def test_only_the_last_five_searched_orders_stay(desk):
    first = desk.store.customers[0]
    theirs = [o.name for o in sorted(desk.store.orders, key=lambda o: o.created) if o.customer is first]
    cases.paid_orders(desk.store, 10)
    linked = desk.linked(theirs[0])
    six = [theirs[0], theirs[4], theirs[1], theirs[3], theirs[2], theirs[5]]
    for name in six:
        desk.find(orderNumber=name)
        desk.clock.shift(timedelta(seconds=2))
    desk.find(orderNumber=six[1])
    assert set(numbers(desk.profile(linked))[10:]) == set(six[1:])


def test_search_note_expires_and_has_no_personal_data(desk):
    desk.find(orderNumber=OLDER)
    [item] = map(tables.plain, desk.dynamodb.scan(TableName=tables.operations_table())["Items"])
    assert set(item) == {"operation", "open_for", "open_as", "expires_at"}
    shop = "demo.myshopify.com"
    assert item["operation"] == f"searched/{shop}/{desk.linked(OLDER)}/{desk.store.order(OLDER).number}"


def test_search_for_a_guest_or_by_email_is_not_noted(desk):
    desk.find(orderNumber="1025")
    desk.find(emails=["martha.williams@example.com"])
    assert desk.dynamodb.scan(TableName=tables.operations_table())["Items"] == []


def test_search_that_cannot_be_noted_still_answers(desk, monkeypatch, capsys):
    monkeypatch.setenv("OPERATIONS_TABLE", "Missing")
    assert len(desk.find(orderNumber=OLDER)) == 1
    assert "could not be noted" in capsys.readouterr().out


def test_profile_is_shown_if_older_orders_cannot_be_read(desk, capsys):
    [found] = desk.find(orderNumber=OLDER)
    desk.sandbox.faults.put(Fault("http", "OlderOrders", status=500))
    assert len(numbers(desk.profile(found["externalCustomerId"]))) == 10
    assert "could not be read" in capsys.readouterr().out


def test_lookup_may_only_write_search_notes():
    from local.template import resources

    [role] = [r for name, r in resources("AWS::IAM::Role").items() if name == "LookupFunctionRole"]
    [write] = [s for s in role["Policies"][0]["PolicyDocument"]["Statement"] if s["Action"] == "dynamodb:PutItem"]
    assert write["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["searched/*"]}}


@pytest.mark.parametrize("query", [{"orderNumber": "1003"}, {"email": "martha.williams@example.com"}])
def test_basic_result_has_the_customers_totals(desk, query):
    [found] = desk.find(**query)
    assert set(found["customAttributes"]) == {"totalSpent", "totalOrders", "customerLink"}
    detailed = desk.profile(found["externalCustomerId"])["customAttributes"]
    assert detailed == found["customAttributes"] | {"ordersShown": "", "lastActions": ""}


def test_basic_result_of_a_guest_names_the_order(desk):
    [found] = desk.find(orderNumber="1025")
    assert found["customAttributes"] == {"guestOrder": "#1025"}
    detailed = desk.profile(found["externalCustomerId"])["customAttributes"]
    assert detailed == found["customAttributes"] | {"lastActions": ""}


def test_fifty_order_numbers_find_fifty_orders(desk):
    """A search may name this many, and none is left out silently."""
    names = [order.name for order in desk.store.orders][-41:]
    owners = {o.customer.id if o.customer else o.id for o in desk.store.orders if o.name in names}
    assert len(desk.find(orderNumber=",".join(names))) == len(owners)
    assert len(desk.sandbox.received) == 1
