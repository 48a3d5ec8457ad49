"""orderUpdate with a shipping address: what is refused, what is overwritten, and what does not change."""

import pytest

from local.sandbox import order_parts

UPDATE = """mutation ($i: OrderInput!) { orderUpdate(input: $i) { order { id updatedAt
    shippingAddress { name firstName lastName company address1 address2 city province provinceCode country
        countryCodeV2 zip phone formatted }
    billingAddress { name address1 } billingAddressMatchesShippingAddress
    fulfillmentOrders(first: 1) { nodes { destination { lastName address1 city countryCode zip } } }
} userErrors { field message } } }"""
LEE = {
    "firstName": "Kim", "lastName": "Lee", "address1": "151 O'Connor Street", "city": "Ottawa", "provinceCode": "ON",
    "countryCode": "CA", "zip": "K2P 2L8",
}  # fmt: skip


@pytest.fixture
def order(shop):
    """An unfulfilled order at an address in Portland."""
    return order_parts.outstanding(shop.store, shop.store.customers[0])


def update(shop, order, **address):
    return shop.done(UPDATE, i={"id": order.id, "shippingAddress": address})


def words(payload):
    """What is wrong, by field."""
    assert all(one["field"][0] == "shippingAddress" for one in payload["userErrors"])
    return {one["field"][1]: one["message"] for one in payload["userErrors"]}


def test_new_address_replaces_the_whole_address(shop, order):
    order.address = {**order.address, "company": "Old Ltd", "address2": "Floor 2"}
    shop.later(seconds=5)
    payload = update(shop, order, **LEE)
    assert payload["userErrors"] == []
    place = payload["order"]["shippingAddress"]
    assert (place["name"], place["company"], place["address2"], place["phone"]) == ("Kim Lee", None, None, None)
    assert (place["province"], place["country"], place["countryCodeV2"]) == ("Ontario", "Canada", "CA")
    assert place["formatted"][-1] == "Canada" and payload["order"]["updatedAt"] == "2026-10-15T12:00:05Z"
    (work,) = payload["order"]["fulfillmentOrders"]["nodes"]
    assert work["destination"]["lastName"] == "Lee" and work["destination"]["countryCode"] == "CA"


def test_address_update_keeps_the_billing_address(shop, order):
    before = order.address
    payload = update(shop, order, **LEE)
    assert payload["order"]["billingAddress"] == {"name": before["name"], "address1": before["address1"]}
    assert payload["order"]["billingAddressMatchesShippingAddress"] is False
    again = update(shop, order, **LEE | {"address1": "2 Main Street"})
    assert again["order"]["billingAddress"]["address1"] == before["address1"]


def test_order_without_an_address_gets_a_shipping_address_only(shop, order):
    order.address = None
    payload = update(shop, order, **LEE)
    assert payload["order"]["shippingAddress"]["lastName"] == "Lee" and payload["order"]["billingAddress"] is None


def test_invalid_address_is_refused_in_the_recorded_words(shop, order):
    before = order.address
    payload = update(shop, order, address1="3 Bad Province", city="Chicago", countryCode="US", provinceCode="ON")
    assert [(one["field"], one["message"]) for one in payload["userErrors"]] == [
        (["shippingAddress", "lastName"], "Enter a last name"),
        (["shippingAddress", "zip"], "Enter a ZIP code"),
        (["shippingAddress", "province"], "State is not a valid state in United States"),
    ]
    assert payload["order"]["id"] == order.id and order.address is before


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, {}),
        ({"firstName": None}, {}),
        ({"lastName": " "}, {"lastName": "Enter a last name"}),
        ({"address1": ""}, {"address1": "Enter an address"}),
        ({"city": None}, {"city": "Enter a city"}),
        ({"zip": ""}, {"zip": "Enter a postal code"}),
        ({"zip": "97201"}, {"zip": "Enter a valid postal code"}),
        ({"provinceCode": None}, {"province": "Select a province"}),
        ({"provinceCode": None, "province": "Ontario"}, {}),
        ({"provinceCode": "OR"}, {"province": "Province is not a valid province in Canada"}),
        ({"countryCode": None, "country": "Canada"}, {}),
        ({"countryCode": None}, {"country": "Select a country/region"}),
        ({"countryCode": "US", "provinceCode": "OR", "zip": "97201-1234"}, {}),
        ({"countryCode": "US", "provinceCode": "OR"}, {"zip": "Enter a valid ZIP code"}),
        ({"countryCode": "GB", "provinceCode": None, "zip": ""}, {"zip": "Enter a postcode"}),
        ({"countryCode": "IE", "provinceCode": None, "zip": ""}, {}),
        ({"countryCode": "DE", "provinceCode": None, "zip": "10115"}, {}),
    ],
)
def test_incomplete_address_is_refused(shop, order, change, wrong):
    assert words(update(shop, order, **LEE | change)) == wrong
    assert (order.address.get("lastName") == "Lee") is (not wrong)


def test_invalid_address_with_a_note_changes_nothing(shop, order):
    payload = shop.done(UPDATE, i={"id": order.id, "note": "Ring twice", "shippingAddress": LEE | {"lastName": ""}})
    assert words(payload) and order.note is None


def test_sent_or_cancelled_order_accepts_a_new_address(shop, order):
    order.lines[0].fulfilled = 1
    order.cancelled = shop.now
    assert update(shop, order, **LEE)["userErrors"] == []


@pytest.mark.parametrize(
    ("email", "words"), [("not an email", "Email is invalid"), ("lee@example.com", None), ("", None)]
)
def test_email_address_of_an_order_is_validated(shop, order, email, words):
    payload = shop.done(UPDATE, i={"id": order.id, "email": email})
    assert [one["message"] for one in payload["userErrors"]] == ([words] if words else [])
    assert (order.email == email) is (words is None)
