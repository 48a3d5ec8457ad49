import json

import pytest

from local.sandbox import Fault
from local.sandbox.fulfillment_orders import REQUEST_STATUSES, REQUESTED
from orderdesk import scopes, tables
from orderdesk.actions import ADDRESS
from tests.functions.answered import change_answers

ORDER, SERVICE, PARTLY_SENT = "#1016", "#1049", "#1048"
NEW = {
    "first_name": "Mara", "last_name": "Quill", "company": "", "address1": "7 Elm Street", "address2": "Floor 2",
    "city": "Chicago", "province_code": "IL", "zip": "60601", "phone": "",
}  # fmt: skip


def place(desk, order=ORDER):
    return desk.store.order(order).address


def boxes(form):
    return {section["attr"]: section.get("defaultValue") for section in form["sections"]}


def offered(desk, order):
    cards = desk.profile(desk.linked(order))["transactions"]
    actions = next(card["actions"] for card in cards if card["orderNumber"] == order)
    return ADDRESS.title in [action["name"] for action in actions]


def test_form_has_the_address_and_says_why_the_country_stays(desk):
    form = desk.form("edit-shipping-address", ORDER).body
    assert boxes(form) == {
        "first_name": "李", "last_name": "小龙", "company": "", "address1": "12 Harbour Street", "address2": "",
        "city": "Portland", "province_code": "OR", "zip": "97201", "phone": "+8613812345678",
    }  # fmt: skip
    hint = next(section["hint"] for section in form["sections"] if section["attr"] == "address1")
    assert "United States" in hint and "Taxes and shipping aren't calculated again" in hint


def test_address_is_replaced_as_a_whole_and_the_country_stays(desk):
    answer = desk.act("edit-shipping-address", ORDER, **NEW, country="France", countryCode="FR")
    assert (answer.status, answer.body["message"]) == (200, "Changed the shipping address of order #1016")
    kept = place(desk)
    assert (kept["name"], kept["address1"], kept["address2"], kept["city"]) == (
        "Mara Quill", "7 Elm Street", "Floor 2", "Chicago",
    )  # fmt: skip
    assert (kept["provinceCode"], kept["zip"], kept["countryCodeV2"], kept["phone"]) == ("IL", "60601", "US", None)


def test_timeline_has_before_and_after(desk):
    desk.act("edit-shipping-address", ORDER, **NEW)
    [entry] = desk.timeline(ORDER)
    before, _, after = entry["detail"].partition("Now: ")
    assert "12 Harbour Street, Portland OR 97201, United States" in before
    assert "Mara Quill, 7 Elm Street, Floor 2, Chicago IL 60601, United States" in after


def test_unchanged_address_is_not_written(desk):
    form = desk.form("edit-shipping-address", ORDER).body
    answer = desk.send("POST", form["actionUrl"], boxes(form))
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "unchanged")
    assert not desk.sent("EditShippingAddress")


def test_each_refusal_of_shopifys_is_at_its_field(desk):
    url = desk.form("edit-shipping-address", ORDER).body["actionUrl"]
    wrong = NEW | {"last_name": "", "province_code": "ON", "zip": ""}
    answer = desk.send("POST", url, wrong)
    assert answer.status == 400
    assert {(e["attr"], e["detail"]) for e in answer.body["errors"]} == {
        ("last_name", "Enter a last name"),
        ("zip", "Enter a ZIP code"),
        ("province_code", "State is not a valid state in United States"),
    }
    assert place(desk)["city"] == "Portland"
    assert desk.send("POST", url, NEW).status == 200, "other values may do"
    assert [e["outcome"] for e in desk.timeline(ORDER)] == ["SUCCEEDED", "REFUSED"]


def test_refusal_about_no_field_closes_the_form(desk):
    url = desk.form("edit-shipping-address", ORDER).body["actionUrl"]
    refusal = {"order": None, "userErrors": [{"field": ["id"], "message": "Order can't be edited"}]}
    desk.sandbox.mutations.update = lambda _info, **_: refusal
    answer = desk.send("POST", url, NEW)
    assert answer.status == 406
    assert "Shopify says: Order can't be edited" in answer.body["errors"][0]["detail"]


def test_address_changed_by_someone_else_is_not_overwritten(desk):
    url = desk.form("edit-shipping-address", ORDER).body["actionUrl"]
    place(desk)["address1"] = "99 Theirs Road"
    answer = desk.send("POST", url, NEW)
    [error] = answer.body["errors"]
    assert (answer.status, error["code"], error["attr"]) == (400, "address_changed", "address1")
    assert "99 Theirs Road, Portland OR 97201" in error["detail"]
    assert place(desk)["address1"] == "99 Theirs Road"
    assert desk.send("POST", url, NEW).status == 200, "the form is good for what is now"


@pytest.mark.parametrize("request_status", REQUEST_STATUSES)
def test_address_is_offered_unless_a_service_has_the_order(desk, request_status):
    [part] = desk.store.order(SERVICE).work
    part.request = request_status
    expected = request_status not in REQUESTED
    assert offered(desk, SERVICE) == expected
    assert desk.form("edit-shipping-address", SERVICE).status == (200 if expected else 406)


def service_took_it(desk):
    desk.store.order(ORDER).fulfillment_orders()[0].request = "SUBMITTED"


def sent_meanwhile(desk):
    desk.store.order(ORDER).lines[0].fulfilled = 1


def cancelled_meanwhile(desk):
    desk.store.order(ORDER).cancelled = desk.store.now()


@pytest.mark.parametrize("happens", [service_took_it, sent_meanwhile, cancelled_meanwhile])
def test_order_that_is_on_its_way_meanwhile_is_left_alone(desk, happens):
    url = desk.form("edit-shipping-address", ORDER).body["actionUrl"]
    happens(desk)
    answer = desk.send("POST", url, NEW)
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "not_available")
    assert not desk.sent("EditShippingAddress") and not offered(desk, ORDER)


def test_partly_sent_order_is_not_offered(desk):
    assert not offered(desk, PARTLY_SENT)
    assert desk.form("edit-shipping-address", PARTLY_SENT).status == 406


def test_order_without_an_address_is_not_offered(desk):
    desk.store.order(ORDER).address = None
    refused = desk.form("edit-shipping-address", ORDER)
    assert "it has no shipping address" in refused.body["errors"][0]["message"]
    assert not offered(desk, ORDER)


def test_more_parts_than_were_read_decide_nothing(desk):
    order = desk.store.order(ORDER)
    [part] = order.fulfillment_orders()
    order.work += [type(part)([], part.location, part.created) for _ in range(10)]
    assert not offered(desk, ORDER)
    refused = desk.form("edit-shipping-address", ORDER)
    assert "Shopify doesn't show how it's being fulfilled" in refused.body["errors"][0]["message"]


@pytest.mark.parametrize("missing", ADDRESS.scopes[1:])
def test_action_without_its_scope_is_not_offered_and_names_it(desk, missing):
    granted = desk.sandbox.scopes - {missing, missing.replace("read_", "write_")}
    desk.sandbox.scopes = granted
    assert not offered(desk, ORDER)
    refused = desk.form("edit-shipping-address", ORDER)
    assert refused.status == 406
    assert missing in json.dumps(refused.body)


def test_profile_without_any_scope_for_parts_still_shows_the_orders(desk):
    desk.sandbox.scopes = frozenset(s for s in desk.sandbox.scopes if "fulfillment_orders" not in s)
    for trips in (2, 1):
        asked = len(desk.sandbox.received)
        assert desk.profile(desk.linked(ORDER))["transactions"]
        assert len(desk.sandbox.received) - asked == trips, "the second lookup of the process knows"
    assert desk.form("edit-shipping-address", ORDER).status == 406
    desk.sandbox.scopes |= set(ADDRESS.scopes)
    desk.profile(desk.linked(ORDER))
    assert offered(desk, ORDER), "a lookup after the scope was granted offers it"


def test_error_in_the_parts_alone_still_shows_the_orders(hurried):
    desk = hurried
    path = "customer.orders.nodes.0.fulfillmentOrders"
    desk.sandbox.faults.put(Fault("error_at", "CustomerProfile", path=path))
    assert desk.profile(desk.linked(ORDER))["transactions"]


def test_profile_reads_parts_only_if_an_action_needs_them(desk):
    for action in ("edit_shipping_address", "hold_fulfillment", "release_fulfillment"):
        desk.set(**{f"actions__{action}__enabled": "false"})
    desk.profile(desk.linked(ORDER))
    assert [sent["fulfillment"] for sent in desk.sent("CustomerProfile")] == [False]


def lost(desk, *, done):
    url = desk.form("edit-shipping-address", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after" if done else "reset_before", "EditShippingAddress"))
    assert desk.send("POST", url, NEW).body["errors"][0]["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()
    return url


def test_lost_answer_is_found_with_before_and_after(desk):
    lost(desk, done=True)
    desk.reconcile()
    [entry] = desk.timeline(ORDER)
    assert entry["outcome"] == "SUCCEEDED"
    assert "12 Harbour Street" in entry["detail"] and "7 Elm Street" in entry["detail"]


def test_address_that_is_neither_old_nor_new_needs_a_person(hurried):
    lost(hurried, done=True)
    place(hurried)["address1"] = "99 Theirs Road"
    hurried.clock.shift(600)
    hurried.reconcile()
    [entry] = hurried.timeline(ORDER)
    assert entry["outcome"] == "UNKNOWN" and "neither the old one nor the new one" in entry["message"]


@pytest.mark.parametrize("ends", ["at once", "later"])
def test_addresses_are_kept_in_the_timeline_and_the_reply_only(desk, ends):
    if ends == "at once":
        url = desk.form("edit-shipping-address", ORDER).body["actionUrl"]
        assert desk.send("POST", url, NEW).status == 200
    else:
        url = lost(desk, done=True)
        desk.reconcile()
    item = desk.operation(url)
    assert item["state"] == "SUCCEEDED"
    rest = json.dumps({name: value for name, value in item.items() if name != "reply"}, default=str)
    assert "Harbour" not in rest and "Elm" not in rest and "Quill" not in rest


def test_form_that_was_only_opened_keeps_no_address(desk):
    desk.form("edit-shipping-address", ORDER)
    items = desk.dynamodb.scan(TableName=tables.operations_table())["Items"]
    assert items and "Harbour" not in json.dumps(items, default=str)


def test_scopes_of_an_answer_that_says_nothing_are_not_known():
    assert scopes.of(None) is None
    assert scopes.of({"accessScopes": [{"handle": "write_orders"}]}) == {"write_orders", "read_orders"}


def test_address_without_a_country_is_refused(desk):
    change_answers(
        desk, "ShippingAddressFacts", lambda data: data["order"]["shippingAddress"].update(countryCodeV2=None)
    )
    form = desk.form("edit-shipping-address", ORDER)
    assert form.status == 406
    assert form.body["errors"][0]["message"] == f"The shipping address of order {ORDER} has no country."
