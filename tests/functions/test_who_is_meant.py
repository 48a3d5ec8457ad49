"""Identities are compared exactly, and what Shopify hides is not treated as missing."""

import json
from urllib.parse import quote

import pytest

from local.in_process import TOKEN
from local.sandbox.customers import Customer
from local.sandbox.faults import Fault
from local.template import FILE
from lookup import order_numbers
from tests.functions.test_lookup import number

ROOT = FILE.parent

MARTHA = "martha.williams@example.com"


def logged(capsys):
    """The log lines and metrics since the last call."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def ids(found):
    return {one["externalCustomerId"] for one in found}


@pytest.mark.parametrize(
    ("carried", "asked"),
    [
        ("mike.kelly@example.com", "mi\u212ae.kelly@example.com"),
        ("mi\u212ae.kelly@example.com", "mike.kelly@example.com"),
        ("strasse@example.com", "straße@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("sam@example.com", "\u017fam@example.com"),
        ("info@ﬁrma.example", "info@firma.example"),
        ("ı@example.com", "i@example.com"),
        ("ａnn@example.com", "ann@example.com"),
        ("σ@example.com", "ς@example.com"),
        ("e\u0301va@example.com", "\u00e9va@example.com"),
        ("ÄNNE@example.com", "änne@example.com"),
    ],
)
def test_similar_email_addresses_are_different(desk, carried, asked):
    desk.store.customers[0].email = carried
    assert desk.find(email=asked) == []
    assert ids(desk.find(email=carried)) == {number(desk, 0)}
    assert ids(desk.find(email=carried.replace("example.com", "EXAMPLE.com"))) == {number(desk, 0)}


@pytest.mark.parametrize(
    ("phone", "found"),
    [
        ("+1 501 329 9800 ext. 12", True),
        ("+1 501 329 9800;ext=12", True),
        ("＋１ ５０１ ３２９ ９８００", True),
        ("Tel. +1 501 329 9800", True),
        ("+1 501 329 98OO", False),
        ("+1 5O1 329 9800", False),
        ("+1 501 329 9800 (home)", True),
        ("+1 501 329 9800 h", False),
        ("+1 501 FAX 9800", False),
        ("1-501-329-WXTT", False),
        ("+1 501 329 9800 or 9801", False),
    ],
)
def test_phone_number_with_letters_finds_nobody(desk, phone, found):
    assert ids(desk.find(phone=phone)) == ({number(desk, 0)} if found else set())


def test_letters_in_a_phone_number_do_not_match_another_number(desk):
    """`98OO` is 9866 on a keypad, and a German number without its `O` is a shorter one: both belong to other
    customers."""
    desk.store.customers[0].phone = "+15013299866"
    desk.store.customers[1].phone = "+491511234567"
    assert desk.find(phones=["+1 501 329 98OO", "+49 1511 234567O"]) == []


@pytest.mark.parametrize(
    ("carried", "asked", "found"),
    [
        ("+1 480 725 7813 ext. 35701", "+1 480 725 7813 ext. 35701", True),
        ("+1 480 725 7813 ext. 35701", "+1 480 725 7813 ext. 99999", False),
        ("+1 480 725 7813 ext. 35701", "+1 480 725 7813", False),
        ("+1 480 725 7813", "+1 480 725 7813 ext. 35701", True),
    ],
)
def test_extension_is_part_of_the_phone_number(desk, carried, asked, found):
    place = desk.store.customers[0]
    place.address = {**place.address, "phone": carried}
    desk.store.by_identifier = lambda _identifier: place
    assert bool(desk.find(phone=asked)) == found


def test_phone_number_of_an_address_is_read_in_its_country(desk):
    """A London number read as an American one belongs to a customer in Maine."""
    place = desk.store.customers[0]
    place.address = {**place.address, "phone": "020 7946 0958", "countryCodeV2": "GB"}
    desk.store.by_identifier = lambda _identifier: place
    assert desk.find(phone="+1 207 946 0958") == []
    assert ids(desk.find(phone="+44 20 7946 0958")) == {number(desk, 0)}


def test_all_customers_with_a_phone_number_are_read(desk):
    """Five customers who don't match must not hide the sixth and seventh, who do."""
    for place in range(13):
        desk.store.customers[place].address = {**(desk.store.customers[0].address or {}), "phone": "+14155550199"}
    assert len(desk.find(phone="+14155550199")) == 13
    assert [r.name for r in desk.sandbox.received] == ["MatchCustomers"] * 3


def test_too_many_customers_with_a_phone_number_find_nobody(desk, capsys):
    for n in range(30):
        desk.store.customers.append(
            Customer(f"A{n}", "B", None, None, {"phone": "+14155550199", "countryCodeV2": "US"})
        )
    assert desk.find(phone="+14155550199") == []
    assert "Too many customers have this phone number" in capsys.readouterr().out


@pytest.mark.parametrize(
    "asked",
    [
        "1003", "#1003", "Order #1003", "order 1003", "ORDER 1003", "Order no. 1003", "order number: 1003", "Order1003",
        "１００３", "＃１００３", "Order ＃１００３", "No. 1003", "№ 1003", " # 1003 ", "Order #1003.", "order: #1003",
        1003, 1003.0,
    ],
)  # fmt: skip
def test_order_number_is_accepted_in_several_spellings(desk, asked):
    assert ids(desk.find(orderNumber=asked)) == {number(desk, 2)}


@pytest.mark.parametrize("write", ["{}", "{lower}", "#{}", "Order {}", "Confirmation #{}", "confirmation number {}"])
def test_order_is_found_by_confirmation_number(desk, write):
    wanted = f"{int(desk.store.order('#1003').number) % 36**8:09X}"
    assert ids(desk.find(orderNumber=write.format(wanted, lower=wanted.lower()))) == {number(desk, 2)}


def test_guest_is_found_by_confirmation_number(desk):
    wanted = f"{int(desk.store.order('#1025').number) % 36**8:09X}"
    [guest] = desk.find(orderNumber=wanted)
    assert guest["externalCustomerId"] == f"order-{desk.store.order('#1025').number}"


@pytest.mark.parametrize("asked", ["10033", "100", "003", "1003x", "Order", "order #", "#", "1003 1004"])
def test_similar_order_number_finds_nobody(desk, asked):
    assert desk.find(orderNumber=asked) == []


def test_order_named_order_is_found(desk):
    desk.store.order("#1003").name = "ORDER-1003"
    for asked in ("ORDER-1003", "order-1003", "Order ORDER-1003"):
        assert ids(desk.find(orderNumber=asked)) == {number(desk, 2)}
    assert desk.find(orderNumber="1003") == []


def test_any_result_of_shopify_is_compared(desk):
    assert not order_numbers.is_one_of({"name": "#1004", "confirmationNumber": None}, frozenset({"1003"}))
    assert order_numbers.is_one_of({"name": "#1004", "confirmationNumber": "XPAV284CT"}, frozenset({"xpav284ct"}))
    assert not order_numbers.is_one_of({"name": "#K1"}, frozenset({order_numbers.bare("\u212a1")}))


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({"emails": [], "email": MARTHA}, {0}),
        ({"emails": None, "email": MARTHA}, {0}),
        ({"emails": "", "email": MARTHA}, {0}),
        ({"emails": ["jonas.weber@example.com"], "email": MARTHA}, {0, 1}),
        ({"emails": [[MARTHA], "jonas.weber@example.com, zoe.lefevre@example.com"]}, {0, 1, 2}),
        ({"emails": [{"original": MARTHA}]}, {0}),
        ({"email": [MARTHA, MARTHA.upper()]}, {0}),
        ({"phones": [], "phone": "+15013299800"}, {0}),
        ({"phones": [15013299800], "phone": None}, {0}),
        ({"orderNumber": "", "orderNumbers": ["1001"], "order_number": "1003"}, {0, 2}),
        ({"emails": [True, None, 5, {"a": {"b": 1}}, [[[]]]], "email": MARTHA}, {0}),
    ],
)
def test_values_under_several_names_are_combined(desk, query, places):
    assert ids(desk.find(**query)) == {number(desk, place) for place in places}


@pytest.mark.parametrize("level", ["BASIC", "basic", " Basic ", "", None])
def test_lookup_level_is_case_insensitive(desk, level):
    answer = desk.send("POST", "", {"lookupLevel": level, "query": {"email": MARTHA}})
    assert answer.status == 200 and "transactions" not in answer.body["results"][0]


@pytest.mark.parametrize("level", ["detailed", "Detailed", "DETAILED ", "dEtAiLeD"])
@pytest.mark.parametrize("linked", [str, int, float, " {} ".format, "gid://shopify/Customer/{}".format])
def test_detailed_level_is_case_insensitive(desk, level, linked):
    asked = linked(number(desk, 0))
    answer = desk.send("POST", "", {"lookupLevel": level, "query": {"externalCustomerId": asked}})
    assert answer.body["results"][0]["transactions"]


@pytest.mark.parametrize("level", ["ALL", "deta\u0131led", "BASI\u00c7", 5, True, [], {}])
def test_unknown_lookup_level_is_refused(desk, level):
    answer = desk.send("POST", "", {"lookupLevel": level, "query": {}})
    assert (answer.status, answer.body["errors"][0]["attr"]) == (400, "lookupLevel")


def denials(capsys):
    """How often a denial was counted for the whole stage, and which fields the log names."""
    lines = logged(capsys)
    counted = sum("ShopifyCredentialsRefused" in line for line in lines)
    return counted, {field for line in lines for field in line.get("fields", [])}


@pytest.mark.parametrize(
    ("denied", "query", "field"),
    [
        ("Customer.defaultPhoneNumber", {"email": MARTHA}, "customer1.defaultPhoneNumber"),
        ("Customer.defaultAddress", {"email": MARTHA}, "customer1.defaultAddress"),
        ("Customer.defaultEmailAddress", {"phone": "+15013299800"}, "customer1.defaultEmailAddress"),
        ("Order.email", {"orderNumber": "1001"}, "orders.nodes.0.email"),
    ],
)
def test_search_returns_what_may_be_seen(desk, capsys, denied, query, field):
    desk.sandbox.deny(denied)
    assert ids(desk.find(**query)) == {number(desk, 0)}
    counted, fields = denials(capsys)
    assert counted == 1 and field in fields


@pytest.mark.parametrize(
    ("denied", "query"),
    [
        ("Customer.defaultEmailAddress", {"email": MARTHA}),
        ("Customer.defaultPhoneNumber", {"phone": "+49 1511 2345678"}),
        ("Customer", {"email": MARTHA}),
        ("Customer.displayName", {"email": MARTHA}),
        ("Order.customer", {"orderNumber": "1003"}),
        ("Customer", {"orderNumber": "1003"}),
        ("Customer", {"orderNumber": "1025"}),
        ("Order", {"orderNumber": "1003"}),
    ],
)
def test_customer_that_cannot_be_compared_is_left_out_and_logged(desk, capsys, denied, query):
    """A customer without an address to compare may be anyone; an order with a hidden customer is not a guest's."""
    desk.store.customers[1].address = None
    desk.sandbox.deny(denied)
    found = desk.find(**query)
    assert found == []
    counted, fields = denials(capsys)
    assert counted == 1 and fields


def test_search_that_may_miss_a_customer_finds_nobody(desk, capsys):
    """A single result links automatically, so a search that may have lost another result returns none."""
    desk.sandbox.faults.put(Fault("error_at", "MatchCustomers", path="customer2"))
    assert desk.find(emails=[MARTHA, "jonas.weber@example.com"]) == []
    assert any(line.get("cause") == "shopify_in_part" for line in logged(capsys))
    desk.sandbox.faults.clear()
    desk.sandbox.faults.put(Fault("error_at", "MatchCustomers", path="customers"))
    assert desk.find(phones=["+15013299800"]) == []
    desk.sandbox.faults.clear()
    desk.sandbox.faults.put(Fault("error_at", "OrdersByName", path="orders"))
    assert desk.find(orderNumber="1003") == []


@pytest.mark.parametrize("denied", ["Order.customer", "Customer"])
def test_order_of_a_customer_is_not_treated_as_a_guests(desk, capsys, denied):
    order = desk.store.order("#1003")
    url = f"?customer=order-{order.number}&order={order.number}"
    desk.sandbox.deny(denied)
    body = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": f"order-{order.number}"}}
    assert desk.send("POST", "", body).body == {"results": []}
    counted, fields = denials(capsys)
    assert counted == 1 and fields == {"order.customer"}
    for action in ("cancel-order", "refund-order", "edit-order-tags", "edit-order-notes", "create-discount-code"):
        form = desk.send("GET", f"/actions/{action}{url}")
        assert (form.status, form.body["errors"][0]["code"]) == (406, "misconfigured")
        assert "order.customer" in form.body["errors"][0]["message"]


def test_submit_with_a_denied_customer_changes_nothing(desk):
    forms = [desk.form(action, "#1003") for action in ("refund-order", "edit-order-tags", "edit-order-notes")]
    desk.sandbox.deny("Order.customer")
    for form in forms:
        values = {"reason": "Goodwill", "tags": "vip", "note": "Hello"}
        assert desk.send("POST", form.body["actionUrl"], values).status == 406
    assert not desk.sent("RefundOrder") and not desk.sent("EditTags") and not desk.store.order("#1003").refunds


@pytest.mark.parametrize("other", ["c" * 121, "c" * 120 + "\u200b", "c" * 60 + "\u0000" + "c" * 60, "C" * 120])
def test_similar_conversation_ids_have_separate_timelines(desk, other):
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Conversation-Id": "c" * 120}
    for n, conversation in enumerate(("c" * 120, other)):
        headers["X-Conversation-Id"] = conversation
        form = desk.send("GET", f"/actions/edit-order-notes?order={desk.store.order('#1003').number}", headers=headers)
        answer = desk.send("POST", form.body["actionUrl"], {"note": f"note {n}"}, headers=headers)
        assert answer.status == 200
    [entry] = desk.send("GET", f"/timeline?conversation={'c' * 120}").body["entries"]
    assert entry["conversation"] == "c" * 120
    asked = desk.send("GET", f"/timeline?conversation={quote(other)}")
    assert asked.status == (200 if len(other) == 120 else 400)
    assert len(desk.timeline("#1003")) == 2


def test_profile_shows_what_may_be_seen(desk, capsys):
    desk.sandbox.deny("Customer.defaultEmailAddress", "Order.billingAddress", "Order.note")
    profile = desk.profile(number(desk, 0))
    assert profile["transactions"] and profile["phones"] and "emails" not in profile
    counted, fields = denials(capsys)
    assert counted == 1 and "customer.defaultEmailAddress" in fields
