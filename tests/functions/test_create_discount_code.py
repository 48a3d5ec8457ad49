import pytest

VALUES = {"code": "SORRY10", "type": "percentage", "value": "10", "applies_to": "all", "expires": "1"}


@pytest.fixture
def url(desk):
    return open_form(desk)["actionUrl"]


def open_form(desk):
    customer = desk.store.customers[0].id.rsplit("/", 1)[1]
    answer = desk.send("GET", f"/actions/create-discount-code?customer={customer}")
    assert answer.status == 200, answer.body
    return answer.body


def entries(desk):
    customer = desk.store.customers[0].id.rsplit("/", 1)[1]
    return desk.send("GET", f"/timeline?customer={customer}").body["entries"]


def test_the_form_lists_the_collections(desk):
    sections = {s["attr"]: s for s in open_form(desk)["sections"]}
    assert [o["text"] for o in sections["applies_to"]["input"]["options"]][:2] == ["All collections", "Accessories"]


def test_creates_a_code_for_one_use(desk, url):
    answer = desk.send("POST", url, VALUES)
    assert answer.status == 200, answer.body
    assert answer.body["message"] == "Created discount code SORRY10"
    made = desk.store.codes["sorry10"]["input"]
    assert made["usageLimit"] == 1 and made["customerGets"] == {"value": {"percentage": 0.1}, "items": {"all": True}}
    assert "Orderdesk" in made["title"] and made["endsAt"]
    assert [e["outcome"] for e in entries(desk)] == ["SUCCEEDED"]


def test_a_fixed_amount_off_one_collection_for_ever(desk, url):
    collection = next(iter(desk.store.collections))
    more = {"type": "fixed", "value": "$12.50", "applies_to": collection, "expires": "never"}
    answer = desk.send("POST", url, VALUES | more)
    assert answer.status == 200, answer.body
    made = desk.store.codes["sorry10"]["input"]
    assert made["customerGets"]["value"]["discountAmount"]["amount"] == "12.50"
    assert made["customerGets"]["items"] == {"collections": {"add": [collection]}}
    assert made.get("endsAt") is None


def test_a_taken_code_keeps_the_form_and_another_goes_through(desk, url):
    desk.store.codes["sorry10"] = {"id": "x", "codeDiscount": {"title": "theirs"}}
    answer = desk.send("POST", url, VALUES)
    assert answer.status == 400
    assert answer.body["errors"] == [
        {"attr": "code", "code": "taken", "detail": "Code must be unique. Please try a different code."}
    ]
    assert desk.send("POST", url, VALUES).body == answer.body
    assert desk.send("POST", url, VALUES | {"code": "SORRY11"}).status == 200
    assert sorted(e["outcome"] for e in entries(desk)) == ["REFUSED", "SUCCEEDED"]


@pytest.mark.parametrize(
    ("attr", "value"),
    [
        ("code", "two words"), ("code", ""), ("code", "x" * 201), ("type", "gift"), ("value", "0"), ("value", "100.5"),
        ("value", "ten"), ("value", "1.234"), ("value", ""), ("value", "-5"), ("applies_to", "shoes"),
        ("expires", "2"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_at_its_field(desk, url, attr, value):
    answer = desk.send("POST", url, VALUES | {attr: value})
    assert answer.status == 400
    assert answer.body["errors"][0]["attr"] == attr
    assert not desk.sent("CreateDiscountCode")


def test_a_fixed_amount_of_nothing(desk, url):
    assert desk.send("POST", url, VALUES | {"type": "fixed", "value": "0"}).body["errors"][0]["attr"] == "value"


def test_an_unknown_collection_is_refused_by_shopify(desk, url):
    answer = desk.send("POST", url, VALUES | {"applies_to": "gid://shopify/Collection/7"})
    assert (answer.status, answer.body["errors"][0]["attr"]) == (400, "applies_to")


def test_without_a_customer(desk):
    assert desk.send("GET", "/actions/create-discount-code").status == 400


@pytest.mark.parametrize("customer", ["1", "order-1", "gid://shopify/Customer/1"])
def test_a_customer_who_is_not_there(desk, customer):
    answer = desk.send("GET", f"/actions/create-discount-code?customer={customer}")
    assert (answer.status, answer.body["errors"][0]["message"]) == (404, "The customer was not found.")


def test_a_guest_gets_a_code_too(desk):
    guest = next(o for o in desk.store.orders if o.customer is None)
    form = desk.send("GET", f"/actions/create-discount-code?customer=order-{guest.number}")
    assert desk.send("POST", form.body["actionUrl"], VALUES).status == 200
    owned = desk.store.order("#1003").number
    assert desk.send("GET", f"/actions/create-discount-code?customer=order-{owned}").status == 404


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("-5", "above 0"), ("0", "above 0"), ("ten", "a number"), ("99999999999999", "too large"),
        ("12.505", "decimals"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_value(desk, url, value, says):
    [error] = desk.send("POST", url, VALUES | {"type": "fixed", "value": value}).body["errors"]
    assert error["attr"] == "value" and says in error["detail"]


def test_a_value_may_be_a_number(desk, url):
    assert desk.send("POST", url, VALUES | {"value": 12.5}).status == 200
    assert desk.store.codes["sorry10"]["input"]["customerGets"]["value"] == {"percentage": 0.125}


def test_the_entry_says_what_the_code_is_worth(desk, url):
    collection, title = next(iter(desk.store.collections.items()))
    answer = desk.send("POST", url, VALUES | {"applies_to": collection, "expires": "never"})
    assert f"10 % off, good for one use, without an end. It applies to the collection {title}." in answer.body["detail"]


def test_a_sentence_for_what_no_form_sends(desk, url):
    errors = desk.send("POST", url, VALUES | {"code": [], "type": "gift", "expires": None}).body["errors"]
    assert {e["attr"]: e["detail"] for e in errors} == {
        "code": "Discount code is not text.",
        "type": "Type is not one of those to choose from.",
        "expires": "Expiration is required.",
    }
