import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from create_discount_code.ends import end_of
from local.sandbox import discounts

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


def test_form_lists_the_collections(desk):
    sections = {s["attr"]: s for s in open_form(desk)["sections"]}
    assert [o["text"] for o in sections["applies_to"]["input"]["options"]][:2] == ["All collections", "Accessories"]


def test_code_is_created_for_one_use(desk, url):
    answer = desk.send("POST", url, VALUES)
    assert answer.status == 200, answer.body
    assert answer.body["message"] == "Created discount code SORRY10"
    made = desk.store.codes["sorry10"]["input"]
    assert made["usageLimit"] == 1 and made["customerGets"] == {"value": {"percentage": 0.1}, "items": {"all": True}}
    assert made["title"] == "SORRY10" and made["endsAt"]
    assert made["tags"] == [f"Orderdesk {desk.operation(url)['operation']}"]
    assert [e["outcome"] for e in entries(desk)] == ["SUCCEEDED"]


def test_fixed_amount_for_one_collection_without_an_end_is_created(desk, url):
    collection = next(iter(desk.store.collections))
    more = {"type": "fixed", "value": "$12.50", "applies_to": collection, "expires": "never"}
    answer = desk.send("POST", url, VALUES | more)
    assert answer.status == 200, answer.body
    made = desk.store.codes["sorry10"]["input"]
    assert made["customerGets"]["value"]["discountAmount"]["amount"] == "12.50"
    assert made["customerGets"]["items"] == {"collections": {"add": [collection]}}
    assert made.get("endsAt") is None


def test_taken_code_keeps_the_form_open_for_another(desk, url):
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
def test_invalid_value_shows_an_error_at_its_field(desk, url, attr, value):
    answer = desk.send("POST", url, VALUES | {attr: value})
    assert answer.status == 400
    assert answer.body["errors"][0]["attr"] == attr
    assert not desk.sent("CreateDiscountCode")


def test_fixed_amount_of_zero_is_refused(desk, url):
    assert desk.send("POST", url, VALUES | {"type": "fixed", "value": "0"}).body["errors"][0]["attr"] == "value"


def test_unknown_collection_is_refused(desk, url):
    answer = desk.send("POST", url, VALUES | {"applies_to": "gid://shopify/Collection/7"})
    assert (answer.status, answer.body["errors"][0]["attr"]) == (400, "applies_to")


@pytest.mark.parametrize(
    "collections",
    [
        "gid://shopify/Collection/1,gid://shopify/Collection/2", "gid://shopify/Collection/", "gid://shopify/Collection/x",
        "gid://shopify/Collection/1?a=b", "gid://shopify/Collection/1\n2", "gid://shopify/Collection/١",
        "gid://shopify/Product/1", "xgid://shopify/Collection/1", "ALL", "1",
    ],
)  # fmt: skip
def test_malformed_collection_is_refused(desk, url, collections):
    answer = desk.send("POST", url, VALUES | {"applies_to": collections})
    assert (answer.status, answer.body["errors"][0]["attr"]) == (400, "applies_to")
    assert not desk.sent("CreateDiscountCode")


def test_code_without_a_customer_is_refused(desk):
    assert desk.send("GET", "/actions/create-discount-code").status == 400


@pytest.mark.parametrize("customer", ["1", "order-1", "gid://shopify/Customer/1"])
def test_unknown_customer_is_refused(desk, customer):
    answer = desk.send("GET", f"/actions/create-discount-code?customer={customer}")
    assert (answer.status, answer.body["errors"][0]["message"]) == (404, "We couldn't find this customer.")


def test_guest_gets_a_code(desk):
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
def test_invalid_value_is_explained(desk, url, value, says):
    [error] = desk.send("POST", url, VALUES | {"type": "fixed", "value": value}).body["errors"]
    assert error["attr"] == "value" and says in error["detail"]


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("fixed", "10%", "“10%” is a percentage, but the type is Fixed amount"),
        ("fixed", "10 percent", "is a percentage"), ("fixed", "10％", "is a percentage"),
        ("fixed", "%10", "is a percentage"), ("fixed", "$10%", "is a percentage"),
        ("percentage", "$10", "“$10” is an amount of money, but the type is Percentage"),
        ("percentage", "10 USD", "is an amount of money"), ("percentage", "€10", "is an amount of money"),
        ("percentage", "10 kr", "is an amount of money"), ("percentage", "$10%", "is an amount of money"),
        ("fixed", "€10", "“€10” isn't an amount in USD"), ("fixed", "10 EUR", "n't an amount in USD"),
        ("fixed", "£10", "n't an amount in USD"), ("fixed", "CA$10", "n't an amount in USD"),
        ("fixed", "$10 EUR", "n't an amount in USD"), ("fixed", "¥10", "n't an amount in USD"),
        ("fixed", "1.000", "2 decimals in USD. “1.000” has 3"), ("fixed", "1.0000", "2 decimals"),
        ("percentage", "1.000", "2 decimals"), ("percentage", "10.0000%", "2 decimals"),
        ("fixed", "1,000", "without the comma"), ("fixed", "1,5", "without the"), ("fixed", "1.000,50", "without the"),
        ("fixed", "+5", "above 0"), ("fixed", "1e3", "above 0"), ("fixed", "1 000", "above 0"),
        ("fixed", "$", "above 0"),
        ("fixed", "10²", "above 0"), ("fixed", "½", "above 0"), ("fixed", "10k", "above 0"), ("fixed", "−5", "above 0"),
        ("fixed", ".", "above 0"), ("fixed", "1.2.3", "above 0"), ("fixed", "0.00", "above 0"),
        ("fixed", "٫5", "above 0"),
        ("fixed", "infinity", "above 0"), ("fixed", "10‰", "above 0"), ("percentage", "100.01", "more than 100"),
    ],
)  # fmt: skip
def test_ambiguous_value_is_refused(desk, url, kind, value, says):
    [error] = desk.send("POST", url, VALUES | {"type": kind, "value": value}).body["errors"]
    assert error["attr"] == "value" and says in error["detail"]
    assert not desk.sent("CreateDiscountCode")


@pytest.mark.parametrize(
    ("kind", "value", "amount"),
    [
        ("fixed", "$12.50", "12.50"), ("fixed", "12.5", "12.5"), ("fixed", "10 USD", "10"), ("fixed", "usd 10", "10"),
        ("fixed", "US$10", "10"), ("fixed", "$10 USD", "10"), ("fixed", "＄１０", "10"), ("fixed", "١٠", "10"),
        ("fixed", ".5", "0.5"), ("fixed", "5.", "5"), ("fixed", " 5 ", "5"), ("fixed", "10\u00a0$", "10"),
        ("percentage", "10%", "10"), ("percentage", "12.25 %", "12.25"), ("percentage", "100", "100"),
        ("percentage", "10 per cent", "10"), ("percentage", "0.01", "0.01"),
    ],
)  # fmt: skip
def test_value_is_accepted_in_several_spellings(desk, url, kind, value, amount):
    assert desk.send("POST", url, VALUES | {"type": kind, "value": value}).status == 200
    made = desk.store.codes["sorry10"]["input"]["customerGets"]["value"]
    off = made["discountAmount"]["amount"] if kind == "fixed" else str(Decimal(str(made["percentage"])) * 100)
    assert Decimal(off) == Decimal(amount)


@pytest.mark.parametrize(
    ("currency", "value", "status"),
    [
        ("CAD", "$10", 200), ("CAD", "CA$10", 200), ("CAD", "US$10", 400), ("JPY", "¥1000", 200), ("JPY", "10.0", 400),
        ("KWD", "1.000", 200), ("KWD", "1.0000", 400), ("EUR", "€10", 200), ("EUR", "$10", 400), ("SEK", "10 kr", 200),
        ("BRL", "R$10", 200), ("CHF", "10 CHF", 200),
    ],
)  # fmt: skip
def test_value_follows_the_shops_currency(desk, currency, value, status):
    desk.store.currency = currency
    answer = desk.send("POST", open_form(desk)["actionUrl"], VALUES | {"type": "fixed", "value": value})
    assert answer.status == status, answer.body


def test_missing_type_is_refused(desk):
    sections = {s["attr"]: s for s in open_form(desk)["sections"]}
    assert "defaultValue" not in sections["type"]
    url = open_form(desk)["actionUrl"]
    [error] = desk.send("POST", url, {k: v for k, v in VALUES.items() if k != "type"}).body["errors"]
    assert (error["attr"], error["detail"]) == ("type", "Type is required.")


@pytest.mark.parametrize(
    ("zone", "now", "ends", "day"),
    [
        ("Europe/Berlin", "2026-01-31T12:00Z", "2026-02-28T22:59:59Z", "2026-02-28"),
        # Berlin's date differs from UTC's, and a month later it is on summer time.
        ("Europe/Berlin", "2026-03-10T23:30Z", "2026-04-11T21:59:59Z", "2026-04-11"),
        ("America/Los_Angeles", "2026-06-01T02:00Z", "2026-07-01T06:59:59Z", "2026-06-30"),
        ("Pacific/Kiritimati", "2026-06-01T12:00Z", "2026-07-02T09:59:59Z", "2026-07-02"),
        # Clocks are turned back at midnight: the day has 25 hours.
        ("America/Havana", "2026-10-01T12:00Z", "2026-11-02T04:59:59Z", "2026-11-01"),
        ("Nowhere/Yet", "2026-06-01T12:00Z", "2026-07-01T23:59:59Z", "2026-07-01"),
    ],
)
def test_code_ends_with_the_last_day_in_the_shops_time_zone(desk, zone, now, ends, day):
    desk.clock.move_to(datetime.fromisoformat(now))
    desk.store.time_zone = "Europe/Berlin"
    form = open_form(desk)
    desk.change(form["actionUrl"], shown=json.dumps({"currency": "USD", "zone": zone}))
    answer = desk.send("POST", form["actionUrl"], VALUES)
    assert desk.store.codes["sorry10"]["input"]["endsAt"] == ends
    shown = "UTC" if zone == "Nowhere/Yet" else zone
    assert f"through the end of {day} ({shown})" in answer.body["detail"]


def test_form_names_the_shops_time_zone(desk):
    desk.store.time_zone = "Europe/Berlin"
    form = open_form(desk)
    assert "Europe/Berlin" in next(s for s in form["sections"] if s["attr"] == "expires")["hint"]
    assert json.loads(desk.operation(form["actionUrl"])["shown"])["zone"] == "Europe/Berlin"


@settings(deadline=None)
@given(
    st.sampled_from(sorted(available_timezones() - {"Factory", "localtime"})),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.sampled_from([1, 3, 6, 9]),
)
def test_end_is_the_last_second_of_a_day_in_every_time_zone(zone, now, months):
    end = end_of(now, months, zone)
    last, next_ = (m.astimezone(ZoneInfo(zone)) for m in (end.moment, end.moment + timedelta(seconds=1)))
    assert next_.date() - last.date() == timedelta(days=1)
    assert f"{last:%Y-%m-%d}" in end.words and end.moment > now


def refuse(monkeypatch, *errors):
    """Let Shopify refuse the code with these errors: field, message, code."""
    refusals = [{"field": field, "message": message, "code": code} for field, message, code in errors]
    payload = {"codeDiscountNode": None, "userErrors": refusals}
    monkeypatch.setattr(discounts, "create", lambda _store, _given: payload)


def test_refusal_by_shopify_is_shown_at_each_field(desk, url, monkeypatch):
    top = "basicCodeDiscount"
    refuse(
        monkeypatch,
        ([top, "code"], "Code is not allowed", "INVALID"),
        ([top, "title"], "Title is too long", "TOO_LONG"),
        ([top, "customerGets", "value", "discountAmount", "amount"], "Amount is too high", "LESS_THAN"),
        ([top, "customerGets", "items", "collections", "add"], "Collection is invalid", "INVALID"),
        ([top, "endsAt"], "Ends at needs to be after starts_at", "INVALID"),
    )
    answer = desk.send("POST", url, VALUES)
    assert answer.status == 400
    assert [(e["attr"], e["code"], e["detail"]) for e in answer.body["errors"]] == [
        ("code", "invalid", "Code is not allowed"),
        ("code", "too_long", "Title is too long"),
        ("value", "less_than", "Amount is too high"),
        ("applies_to", "invalid", "Collection is invalid"),
        ("expires", "invalid", "Ends at needs to be after starts_at"),
    ]
    said = (
        "Code is not allowed. Title is too long. Amount is too high. Collection is invalid. Ends at needs to be after"
    )
    assert said in entries(desk)[0]["detail"]


def test_refusal_without_a_field_closes_the_form(desk, url, monkeypatch):
    refuse(
        monkeypatch,
        (["basicCodeDiscount", "code"], "Code is not allowed", "INVALID"),
        (["basicCodeDiscount", "context"], "Try later", None),
        (None, "", None),
    )
    answer = desk.send("POST", url, VALUES)
    assert answer.status == 406
    assert answer.body["errors"][0]["detail"] == "Nothing was changed. Shopify says: Code is not allowed. Try later"


def test_numeric_value_is_accepted(desk, url):
    assert desk.send("POST", url, VALUES | {"value": 12.5}).status == 200
    assert desk.store.codes["sorry10"]["input"]["customerGets"]["value"] == {"percentage": 0.125}


def test_timeline_entry_describes_the_code(desk, url):
    collection, title = next(iter(desk.store.collections.items()))
    answer = desk.send("POST", url, VALUES | {"applies_to": collection, "expires": "never"})
    assert (
        f"10% off, good for one use, with no end date. It applies to the collection {title}." in answer.body["detail"]
    )


def test_values_that_no_form_sends_are_refused(desk, url):
    errors = desk.send("POST", url, VALUES | {"code": [], "type": "gift", "expires": None}).body["errors"]
    assert {e["attr"]: e["detail"] for e in errors} == {
        "code": "Discount code isn't text.",
        "type": "Type isn't one of the choices.",
        "expires": "Expiration is required.",
    }
