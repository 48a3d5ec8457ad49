"""Whatever Shopify has or an agent types can be recorded: DynamoDB's limit is 400 KB per item."""

import json

from local.sandbox import Fault
from orderdesk import tables

ORDER = "#1003"
ITEM = 400_000
EMOJI = "\U0001f60a"


def largest(desk):
    """The size of the largest item in the tables, in bytes as DynamoDB counts them (names and texts)."""
    items = [i for t in ("Operations", "Timeline") for i in desk.dynamodb.scan(TableName=t)["Items"]]
    return max(len(json.dumps(tables.plain(i), ensure_ascii=False, default=str).encode()) for i in items)


def tags(length, count=250):
    return [f"{n:03}".ljust(length, EMOJI) for n in range(count)]


def test_250_emoji_tags_are_replaced_and_recorded(desk):
    desk.store.order(ORDER).tags = tags(40)
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    answer = desk.send("POST", url, {"tags": ", ".join(f"x{tag[1:]}" for tag in tags(40))})
    assert answer.status == 200, answer.body
    assert largest(desk) < ITEM
    assert [e["outcome"] for e in desk.timeline(ORDER)] == ["SUCCEEDED"]
    assert desk.send("POST", url, {"tags": ", ".join(f"x{tag[1:]}" for tag in tags(40))}).body == answer.body


def test_tags_beyond_the_forms_limit_are_recorded(desk):
    desk.store.order(ORDER).tags = tags(255)
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    answer = desk.send("POST", url, {"tags": ""})
    assert answer.status == 200, answer.body
    assert 0 < len(desk.store.order(ORDER).tags) < 250
    assert largest(desk) < ITEM


def test_tags_too_large_to_record_are_refused_before_sending(desk):
    desk.set(actions__edit_order_tags__categories="Damaged, Late")
    desk.store.order(ORDER).tags = tags(255)
    form = desk.form("edit-order-tags", ORDER)
    assert (form.status, form.body["errors"][0]["code"]) == (406, "too_large")
    assert "in Shopify" in form.body["errors"][0]["detail"]
    assert desk.sent("EditOrderTags") == []


def test_longest_note_is_recorded(desk):
    desk.store.order(ORDER).note = EMOJI * 5000
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    assert desk.send("POST", url, {"note": "\\" * 1000 + EMOJI * 4000}).status == 200
    assert largest(desk) < ITEM
    assert len(desk.timeline(ORDER)) == 1


def test_long_refusal_by_shopify_is_shortened(desk):
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("internal", "mutations", times=1))
    desk.send("POST", url, {"note": EMOJI * 5000})
    assert largest(desk) < ITEM


def test_invalid_unicode_is_refused(desk):
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    answer = desk.send("POST", url, '{"note": "\\ud800"}')
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "invalid_json")
    assert desk.sent("EditOrderNote") == []
