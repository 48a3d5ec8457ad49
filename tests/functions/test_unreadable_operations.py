"""Operations that can't be read: they delay no others, wait, and need a person after a day."""

import json
import time
from datetime import timedelta

import pytest

from local.in_process import PATH, STORE
from local.sandbox import Fault
from orderdesk import tables
from tests.faults.calls import BrokenRecords

ORDER, OTHER = "#1017", "#1003"
DAY = timedelta(hours=25)


@pytest.fixture(autouse=True)
def _no_waiting(hurried):
    """The clock is moved on, so that nothing waits."""


def lost(desk, order):
    """A refund that Shopify made but did not answer; returns its `actionUrl`."""
    url = desk.form("refund-order", order).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"))
    assert desk.send("POST", url, {"reason": "Goodwill"}).body["errors"][0]["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()
    return url


def broken(desk, url, drop=(), **values):
    """Break the stored operation of an `actionUrl`, and let the reconciler look at it first."""
    item = {name: value for name, value in desk.operation(url).items() if name not in drop}
    item |= {"check_at": "2020-01-01T00:00:00.000Z"} | values
    desk.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(item))


def locks(desk):
    items = desk.dynamodb.scan(TableName=tables.operations_table())["Items"]
    return [item["operation"]["S"] for item in items if "holder" in item]


BROKEN = {
    "no details field": {"details": json.dumps({})},
    "details are no JSON": {"details": "{"},
    "details are null": {"details": "null"},
    "details are a list": {"details": "[1]"},
    "what was shown is no JSON": {"shown": "nonsense"},
    "an unknown action": {"action": "print_label"},
    "an unknown state": {"state": "PARKED"},
    "nobody was asked": {"state": "WAITING"},
    "no claim": {"drop": ("claim",)},
    "no attempt": {"drop": ("attempt",)},
    "no action": {"drop": ("action",)},
    "nothing shown": {"drop": ("shown",)},
    "no times": {"drop": ("sent_at", "submitted_at", "created_at")},
    "a time without its zone": {"sent_at": "2026-11-01T10:00:00"},
    "an invalid time": {"sent_at": "yesterday"},
    "a number for a text": {"details": 7},
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_record_delays_no_other(desk, how, capsys):
    url, sound = lost(desk, ORDER), lost(desk, OTHER)
    broken(desk, url, **BROKEN[how])
    before = desk.operation(url)["check_at"]
    ran = desk.reconcile()
    assert ran["ended"] >= 1
    assert [e["outcome"] for e in desk.timeline(OTHER)] == ["SUCCEEDED"]
    assert desk.operation(sound)["state"] == "SUCCEEDED"
    item = desk.operation(url)
    assert item["state"] == "SUCCEEDED" or item["check_at"] > before
    assert "ReconcilerRan" in capsys.readouterr().out


@pytest.mark.parametrize("how", [how for how in BROKEN if how != "no details field"])
def test_broken_record_needs_a_person_after_a_day(desk, how, capsys):
    url = lost(desk, ORDER)
    broken(desk, url, **BROKEN[how])
    desk.reconcile()
    if desk.operation(url)["state"] == "SUCCEEDED":
        return
    desk.reconcile(later=DAY)
    item = desk.operation(url)
    assert item["state"] == "UNKNOWN"
    assert not {"shard", "open_shard"} & item.keys()
    assert '"NeedsPerson":[1.0]' in capsys.readouterr().out
    [entry] = desk.timeline(ORDER)
    assert entry["outcome"] == "UNKNOWN"
    assert "Check order #1017 in Shopify" in entry["detail"]
    assert locks(desk) == [] or how in ("an unknown state",)
    again = desk.send("POST", url, {"reason": "Goodwill"})
    assert again.status == 406


def test_many_broken_records_do_not_block_the_others(desk):
    url = lost(desk, ORDER)
    item = desk.operation(url)
    for place in range(25):
        poison = item | {"operation": f"poison-{place}", "details": "{", "check_at": "2020-01-01T00:00:00.000Z"}
        desk.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(poison))
    for _ in range(2):
        desk.reconcile(later=timedelta(minutes=1))
    assert desk.operation(url)["state"] == "SUCCEEDED"


def test_record_without_a_store_ends_without_an_entry(desk):
    url = lost(desk, ORDER)
    broken(desk, url, drop=("store", "customer", "order_name"), details="{")
    assert desk.reconcile() == {"ended": 0, "waiting": 1}
    assert desk.reconcile(later=DAY) == {"ended": 1, "waiting": 0}
    assert desk.operation(url)["state"] == "UNKNOWN"
    assert desk.timeline(ORDER) == []


def test_single_failed_look_after_days_ends_nothing(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("refund_status", transaction_status="PENDING"))
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200
    desk.sandbox.faults.clear()
    desk.clock.shift(timedelta(days=3))
    broken(desk, url, details="{")
    assert desk.reconcile() == {"ended": 0, "waiting": 1}
    assert desk.operation(url)["state"] == "UNKNOWN"
    broken(desk, url, details='{"reason": "Goodwill"}')
    desk.reconcile()
    assert "unreadable_since" not in desk.operation(url)
    for payment in desk.store.order(ORDER).transactions:
        payment.status = "SUCCESS"
    desk.reconcile(later=DAY)
    assert [e["outcome"] for e in desk.timeline(ORDER)] == ["SUCCEEDED"]


def test_record_that_cannot_be_postponed_does_not_stop_the_run(desk):
    url, sound = lost(desk, ORDER), lost(desk, OTHER)
    broken(desk, url, attempt="9" * 3000)
    desk.reconcile()
    desk.reconcile(later=DAY)
    assert desk.operation(sound)["state"] == "SUCCEEDED"
    assert desk.operation(url)["state"] == "UNKNOWN"


def test_operation_that_shopify_hides_delays_no_other_of_its_store(desk):
    url, sound = lost(desk, ORDER), lost(desk, OTHER)
    broken(desk, url, order="not-a-number")
    desk.reconcile()
    assert desk.operation(sound)["state"] == "SUCCEEDED"


def test_log_names_the_operation_without_its_contents(desk, capsys):
    url = lost(desk, ORDER)
    broken(desk, url, details='{"note": "secret words"')
    desk.reconcile()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "cannot be read" in line]
    assert [line["operation"] for line in lines] == [desk.operation(url)["operation"]]
    assert "secret words" not in json.dumps(lines)


def test_store_connected_to_another_shop_is_not_asked(desk, capsys):
    url = lost(desk, ORDER)
    desk.set(shopify__domain="another.myshopify.com")
    asked = len(desk.sandbox.received)
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 0, "waiting": 1}
    assert len(desk.sandbox.received) == asked
    assert "demo.myshopify.com" in capsys.readouterr().out
    desk.set(shopify__domain="demo.myshopify.com")
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 1, "waiting": 0}
    assert desk.operation(url)["state"] == "SUCCEEDED"


def test_form_of_the_previous_shop_is_not_sent_to_the_new_one(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.set(shopify__domain="another.myshopify.com")
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "form_expired")
    assert desk.sent("RefundOrder") == []
    assert [e["outcome"] for e in desk.timeline(ORDER)] == ["REFUSED"]


def test_two_stores_of_one_shop_share_a_lock(desk):
    for name in ("shopify/domain", "shopify/access_token", "helpdesk/bearer_token", "actions/enabled",
                 "actions/refund_order/enabled"):  # fmt: skip
        value = desk.ssm.get_parameter(Name=f"{PATH}/{name}")["Parameter"]["Value"]
        second = PATH.replace(f"/{STORE}", "/second")
        desk.ssm.put_parameter(Name=f"{second}/{name}", Value=value, Type="String")
    desk.ssm.put_parameter(
        Name=f"{second}/shopify/domain", Value="https://Demo.myshopify.com/", Type="String", Overwrite=True
    )
    number = desk.store.order(ORDER).number
    other = desk.send("GET", f"/actions/refund-order?order={number}", store="second").body["actionUrl"]
    lost(desk, ORDER)
    answer = desk.send("POST", other, {"reason": "Goodwill"}, store="second")
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "order_busy")
    assert len(desk.sent("RefundOrder")) == 2, "one refund, asked for twice with one key"


def test_reopened_form_expires(desk):
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    desk.store.order(ORDER).note = "meanwhile"
    assert desk.send("POST", url, {"note": "mine"}).status == 400
    item = desk.operation(url)
    assert item["state"] == "CREATED"
    assert item["expires_at"] > 0


def test_ended_operation_expires_and_an_open_one_does_not(desk, monkeypatch):
    monkeypatch.setenv("OPERATION_RETENTION_DAYS", "90")
    url = lost(desk, ORDER)
    assert "expires_at" not in desk.operation(url)
    desk.reconcile()
    days = (float(desk.operation(url)["expires_at"]) - time.time()) / 86_400
    assert days == pytest.approx(90, abs=0.1)


def test_broken_record_that_cannot_be_written_delays_no_other(desk, capsys, monkeypatch):
    monkeypatch.setenv("OPERATION_SHARDS", "1")
    url, sound = lost(desk, ORDER), lost(desk, OTHER)
    broken(desk, url, details="{")
    # The first write is that of the shard's lease.
    records = BrokenRecords(tables.dynamodb(), "UpdateItem", error="InternalServerError", skip=1, times=3)
    assert desk.reconcile() == {"ended": 1, "waiting": 1}
    records.repair()
    assert desk.operation(sound)["state"] == "SUCCEEDED"
    assert "An operation could not be written" in capsys.readouterr().out
    assert "unreadable_since" not in desk.operation(url)
    desk.reconcile()
    assert "unreadable_since" in desk.operation(url)
