"""Each end of an operation, and each state that a person waits for, leaves as one event, in order."""

import re
from datetime import timedelta

import pytest

from local.examples import EXAMPLES
from local.in_process import LambdaContext
from local.sandbox import Fault
from orderdesk import tables
from orderdesk.actions import REFUND
from publish_events.app import lambda_handler as publish
from tests.events.sources import messages
from tests.faults import acting
from tests.functions.approving import approval_from, ask, decide, form_of, of
from tests.functions.test_unreadable_operations import BROKEN, broken

ORDER, OTHER = "#1003", "#1017"
NAMES = {"version", "id", "sequence", "operation", "attempt", "state", "at", "late", "needs_person"}


def key_of(url):
    return re.search("operation=([0-9a-f-]{36})", url)[1]


def lost(desk, action="edit-order-notes", order=ORDER, **values):
    """A submit whose answer is lost; returns its `actionUrl`."""
    url = desk.form(action, order, conversation="c-1").body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", document="mutations", times=1))
    assert desk.send("POST", url, values or {"note": "new"}).status == 406
    desk.sandbox.faults.clear()
    return url


def test_success_is_one_event_with_the_amount_of_its_entry(desk, stream, bus):
    answer = desk.act("refund-order", OTHER, reason="Goodwill")
    assert answer.status == 200, answer.body
    stream.pump()
    [seen] = bus.seen
    [entry] = desk.timeline(OTHER)
    assert (seen["source"], seen["detail-type"]) == ("orderdesk", "orderdesk.entry")
    told = seen["detail"]
    assert told["id"] == f"{entry['operation']}/1/SUCCEEDED" and told["at"] == entry["at"]
    assert (told["amount"], told["currency"]) == (entry["amount"], entry["currency"])
    assert {told[name] for name in ("late", "needs_person")} == {False}
    assert (told["customer"], told["order"], told["order_name"]) == (entry["customer"], entry["order"], OTHER)
    item = desk.dynamodb.get_item(TableName="Timeline", Key=tables.attributes(told["entry"]))
    assert item["Item"]["operation"]["S"] == told["operation"]
    assert set(told) <= NAMES | {
        "store", "action", "customer", "order", "order_name", "amount", "currency", "entry",
    }  # fmt: skip


def test_nothing_but_ids_is_told_of_a_person(desk, stream, bus):
    """The agent's id may be an email address, and notes and names are none of a receiver's business."""
    form = desk.form("edit-order-notes", ORDER, conversation="c-1", agent="ann@example.com", agent_name="Ann+Lee")
    assert desk.send("POST", form.body["actionUrl"], {"note": "call martha.williams@example.com"}).status == 200
    stream.pump()
    [told] = bus.details
    assert told["conversation"] == "c-1"
    assert not re.search("Ann|ann|@|martha|note ", str(told))


def test_agent_is_told_if_the_store_says_so(desk, stream, bus):
    desk.set(helpdesk__event_agents="true")
    form = desk.form("edit-order-notes", ORDER, agent="ann@example.com")
    assert desk.send("POST", form.body["actionUrl"], {"note": "new"}).status == 200
    desk.set(helpdesk__event_agents="ann")
    assert desk.send("POST", desk.form("edit-order-notes", ORDER, agent="a").body["actionUrl"], {"note": "2"}).status
    stream.once()
    assert ["agent" in told for told in bus.details] == [False, False]
    desk.set(helpdesk__event_agents="true")
    form = desk.form("edit-order-notes", ORDER, agent="ann@example.com")
    assert desk.send("POST", form.body["actionUrl"], {"note": "3"}).status == 200
    stream.pump()
    assert bus.details[-1]["agent"] == "ann@example.com"


def test_refusals_are_told_and_a_second_attempt_is_another_event(desk, stream, bus):
    """Shopify refuses a code that exists; other values of the same form are a second attempt."""
    customer = desk.linked(ORDER)
    values = EXAMPLES["create-discount-code"].values | {"code": "TWICE"}
    url = desk.send("GET", f"/actions/create-discount-code?customer={customer}").body["actionUrl"]
    assert desk.send("POST", url, values).status == 200
    url = desk.send("GET", f"/actions/create-discount-code?customer={customer}").body["actionUrl"]
    assert desk.send("POST", url, values).status == 400
    assert desk.send("POST", url, values | {"code": "ANOTHER"}).status == 200
    stream.pump()
    ids = [told["id"] for told in bus.details if told["operation"] == key_of(url)]
    assert ids == [f"{key_of(url)}/1/REFUSED", f"{key_of(url)}/2/SUCCEEDED"]


def test_lost_answer_is_told_as_unknown_and_then_as_late(desk, stream, bus):
    url = lost(desk)
    desk.reconcile(later=timedelta(minutes=2))
    stream.pump()
    unknown, found = bus.seen
    assert (unknown["detail-type"], unknown["detail"]["id"]) == ("orderdesk.waiting", f"{key_of(url)}/1/UNKNOWN")
    assert "entry" not in unknown["detail"] and not unknown["detail"]["late"]
    assert (found["detail-type"], found["detail"]["state"]) == ("orderdesk.entry", "SUCCEEDED")
    assert found["detail"]["late"] and not found["detail"]["needs_person"]
    assert unknown["detail"]["sequence"] < found["detail"]["sequence"]


def test_unknown_outcome_needs_a_person(desk, stream, bus):
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", document="mutations"))
    assert desk.send("POST", url, {"note": "new"}).status == 406
    desk.sandbox.faults.put(Fault("internal"))
    desk.reconcile(later=timedelta(hours=25))
    for _ in range(20):
        desk.reconcile(later=timedelta(days=1))
    stream.pump()
    ids = [told["id"] for told in bus.details]
    assert ids == [f"{key_of(url)}/1/UNKNOWN", f"{key_of(url)}/1/NEEDS_PERSON"]
    told = bus.details[-1]
    assert (told["state"], told["needs_person"], told["late"]) == ("UNKNOWN", True, True)
    assert told["entry"]


def test_dead_process_is_told_as_unknown_once(desk, stream, bus):
    """A process that dies after it has sent leaves SENT; the reconciler looks again and again."""
    url = lost(desk)
    desk.change(url, state="SENT")
    desk.sandbox.faults.put(Fault("internal"))
    for _ in range(5):
        desk.reconcile(later=timedelta(minutes=7))
    stream.pump()
    ids = {told["id"] for told in bus.details}
    assert ids == {f"{key_of(url)}/1/UNKNOWN"}
    # The change in between is the test's own, and the first look at it is the second of these.
    assert len(bus.details) == 2


def test_refund_on_its_way_is_told_and_so_is_its_failure(desk, stream, bus):
    desk.sandbox.faults.put(Fault("refund_status", transaction_status="PENDING"))
    assert desk.act("refund-order", OTHER, reason="Goodwill").status == 200
    desk.sandbox.faults.clear()
    desk.reconcile(later=timedelta(minutes=2))
    desk.reconcile(later=timedelta(hours=1))
    desk.store.set_status(OTHER, "FAILURE")
    desk.reconcile(later=timedelta(hours=2))
    stream.pump()
    under_way, failed = bus.seen
    assert (under_way["detail-type"], under_way["detail"]["state"]) == ("orderdesk.waiting", "UNDER_WAY")
    assert (failed["detail-type"], failed["detail"]["state"]) == ("orderdesk.entry", "FAILED")
    assert failed["detail"]["late"] and not failed["detail"]["needs_person"]


def test_lost_answer_of_a_refund_on_its_way_is_told_in_three_steps(desk, stream, bus):
    desk.sandbox.faults.put(
        Fault("reset_after", document="mutations"), Fault("refund_status", transaction_status="PENDING")
    )
    assert desk.act("refund-order", OTHER, reason="Goodwill").status == 406
    desk.sandbox.faults.clear()
    desk.reconcile(later=timedelta(minutes=2))
    desk.store.set_status(OTHER, "SUCCESS")
    desk.reconcile(later=timedelta(hours=2))
    stream.pump()
    assert [told["state"] for told in bus.details] == ["UNKNOWN", "UNDER_WAY", "SUCCEEDED"]
    assert sorted(told["sequence"] for told in bus.details) == [told["sequence"] for told in bus.details]


@pytest.mark.parametrize(("kind", "ends"), [("Approve", "SUCCEEDED"), ("Decline", "REFUSED")])
def test_approval_is_told_as_waiting_and_then_as_an_end(desk, stream, bus, kind, ends):
    approval_from(desk, REFUND)
    _, url = ask(desk, REFUND)
    answer, _ = decide(desk, kind, note="call martha.williams@example.com")
    assert answer.status == 200, answer.body
    stream.pump()
    waits, ended = bus.seen
    assert (waits["detail-type"], waits["detail"]["id"]) == ("orderdesk.waiting", f"{key_of(url)}/1/WAITING")
    assert (ended["detail-type"], ended["detail"]["state"]) == ("orderdesk.entry", ends)
    assert waits["detail"]["at"] < waits["detail"]["until"] and "until" not in ended["detail"]
    entries = {f"{e['at']}/{e['operation']}/{e['attempt']}" for e in desk.timeline(acting.ORDER)}
    assert {seen["detail"]["entry"]["entry_key"] for seen in bus.seen} == entries
    assert "@" not in str(bus.seen)


def test_approval_that_nobody_gives_ends(desk, stream, bus):
    approval_from(desk, REFUND)
    _, url = ask(desk, REFUND)
    desk.reconcile(later=timedelta(hours=25))
    stream.pump()
    assert [told["id"] for told in bus.details] == [f"{key_of(url)}/1/WAITING", f"{key_of(url)}/1/REFUSED"]


def test_approval_that_was_not_carried_out_waits_again_under_the_same_id(desk, stream, bus):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    url = form_of(desk, "Approve").body["actionUrl"]
    desk.sandbox.faults.put(Fault("internal"))
    assert desk.send("POST", url, {"note": ""}, headers=of("bob")).status != 200
    desk.sandbox.faults.clear()
    answer, _ = decide(desk, "Approve")
    assert answer.status == 200, answer.body
    stream.pump()
    first, again, ended = bus.details
    assert again == first | {"sequence": again["sequence"]} and first["sequence"] < again["sequence"]
    assert ended["state"] == "SUCCEEDED"


@pytest.mark.parametrize("how", BROKEN)
def test_unreadable_operation_of_any_kind_needs_a_person(desk, stream, bus, how):
    url = lost(desk)
    broken(desk, url, **BROKEN[how])
    desk.reconcile(later=timedelta(minutes=2))
    desk.reconcile(later=timedelta(hours=25))
    for _ in range(3):
        desk.reconcile(later=timedelta(hours=25))
    stream.pump()
    assert not messages("UnpublishedEventsQueue")
    ends = [seen["detail"] for seen in bus.seen if seen["detail-type"] == "orderdesk.entry"]
    [entry] = desk.timeline(ORDER)
    assert [(told["entry"]["entry_key"], told["attempt"]) for told in ends] == [
        (f"{entry['at']}/{entry['operation']}/{entry['attempt']}", entry["attempt"])
    ]


def test_unreadable_operation_is_told_without_what_it_does_not_say(desk, stream, bus):
    url = lost(desk)
    item = {name: value for name, value in desk.operation(url).items() if name not in ("shown", "store")}
    desk.dynamodb.put_item(TableName="Operations", Item=tables.attributes(item))
    desk.reconcile(later=timedelta(minutes=7))
    desk.reconcile(later=timedelta(hours=25))
    stream.pump()
    told = bus.details[-1]
    assert told["id"] == f"{key_of(url)}/1/NEEDS_PERSON"
    assert set(told) == NAMES | {"action", "customer", "order", "order_name", "conversation"}


def test_forms_locks_and_numbers_pass_no_filter(desk, stream):
    desk.set(limits='{"actions/refund_order/per_hour": "20", "actions/refund_order/limit": "1000"}')
    desk.find(emails=["martha.williams@example.com"])
    desk.form("edit-order-notes", ORDER)
    assert desk.act("refund-order", OTHER, reason="Goodwill").status == 200
    assert len(stream.records()) > 5 and stream.behind == 1


def test_same_record_twice_is_the_same_event(desk, stream, bus):
    assert desk.act("edit-order-notes", ORDER, note="new").status == 200
    records = [one for one in stream.records() if stream._passes(one)]
    for _ in range(2):
        assert publish({"Records": records}, LambdaContext()) == {"batchItemFailures": []}
    first, second = bus.details
    assert first == second


def test_erased_entry_is_left_out(desk, stream, bus):
    assert desk.act("refund-order", OTHER, reason="Goodwill").status == 200
    [item] = desk.dynamodb.scan(TableName="Timeline")["Items"]
    desk.dynamodb.delete_item(TableName="Timeline", Key={name: item[name] for name in ("customer_key", "entry_key")})
    stream.pump()
    [told] = bus.details
    assert told["state"] == "SUCCEEDED" and not {"entry", "amount"} & set(told)


def test_record_that_cannot_be_read_holds_up_no_other(desk, stream, bus):
    assert desk.act("edit-order-notes", ORDER, note="first").status == 200
    broken = {"operation": "not-an-operation", "state": "SUCCEEDED", "ended_at": "2026-11-26T00:00:00.000Z"}
    desk.dynamodb.put_item(TableName="Operations", Item=tables.attributes(broken))
    strange = {"operation": key_of(f"operation={'0' * 8}-0000-0000-0000-{'0' * 12}"), "state": "FAILED"}
    strange |= {"ended_at": "yesterday", "agent_id": "ann@example.com"}
    desk.dynamodb.put_item(TableName="Operations", Item=tables.attributes(strange))
    assert desk.act("edit-order-notes", ORDER, note="last").status == 200
    stream.pump()
    assert [told["state"] for told in bus.details] == ["SUCCEEDED", "SUCCEEDED"]
    left = messages("UnpublishedEventsQueue")
    assert [(one["operation"], one["why"]) for one in left] == [
        ("not-an-operation", "NotAnOperation"),
        (strange["operation"], "ValidationError"),
    ]
    assert "ann@example.com" not in str(left) and left[0]["sequence"]
