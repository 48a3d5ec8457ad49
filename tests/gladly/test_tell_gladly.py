"""Late outcomes in Gladly: what is written, and what is not."""

from datetime import timedelta

import pytest

from local.gladly.gladly import INBOX
from local.sandbox import Fault
from orderdesk import tables
from orderdesk.actions import REFUND
from tests.faults.acting import SUBMITS, opened
from tests.functions.approving import approval_from, decide, of
from tests.gladly.conftest import PROFILE, connect
from tests.gladly.outcomes import LATER, entries, event, lost, refunded_late, submitted

ORDER = "#1016"


def written(connected, details):
    """What is on the customer's timeline in Gladly after these events."""
    connected.queue.put(*details)
    connected.queue.drain(timedelta(hours=2))
    assert connected.queue.waiting() == connected.queue.lost() == 0
    return connected.gladly.written(PROFILE)


def test_lost_answer_that_was_found_is_in_the_customers_timeline(connected):
    detail = refunded_late(connected.desk)
    [item] = written(connected, [detail])
    [entry] = entries(connected.desk)
    assert item["id"] == f"orderdesk-{detail['operation']}"
    number = connected.desk.store.order(ORDER).number
    assert item["content"] == {
        "type": "CUSTOMER_ACTIVITY",
        "activityType": "ISSUE",
        "title": "Refunded $129.00 on order #1016",
        "body": entry["detail"],
        "sourceName": "Orderdesk",
        "expandByDefault": True,
        "occurredAt": entry["at"],
        "link": {"url": f"https://admin.shopify.com/store/demo/orders/{number}", "text": "Open order #1016"},
    }
    assert "We confirmed this in Shopify later." in item["content"]["body"]


def test_request_that_was_not_carried_out_is_told(connected):
    [item] = written(connected, [refunded_late(connected.desk, done=False)])
    assert "wasn't" in item["content"]["title"] or "failed" in item["content"]["title"]


@pytest.mark.parametrize(("status", "told"), [("FAILURE", 1), ("SUCCESS", 0)])
def test_refund_on_its_way_is_told_if_it_failed(connected, status, told):
    """Gladly has itself written that it is on its way."""
    desk = connected.desk
    assert submitted(desk, Fault("refund_status", transaction_status="PENDING"), action="cancel-order").status == 200
    desk.sandbox.set_status(ORDER, status)
    desk.reconcile(later=LATER)
    [entry] = entries(desk)
    assert len(written(connected, [event(entry)])) == told


def test_refund_that_no_agent_was_told_of_is_told_when_it_arrives(connected):
    """The reconciler alone has seen it on its way."""
    desk = connected.desk
    pending = Fault("refund_status", transaction_status="PENDING")
    assert submitted(desk, Fault("reset_after", "mutations"), pending).status == 406
    desk.reconcile(later=LATER)
    desk.sandbox.set_status(ORDER, "SUCCESS")
    desk.reconcile(later=LATER)
    [entry] = entries(desk)
    assert len(written(connected, [event(entry)])) == 1


def person(desk):
    """The event of a refund that nobody but a person can find out."""
    lost(desk, done=False)
    desk.sandbox.faults.put(Fault("http", "*", status=503))
    desk.reconcile(later=timedelta(days=16))
    desk.sandbox.faults.clear()
    return event(entries(desk)[0])


def test_end_that_needs_a_person_is_an_item_and_a_task(connected):
    detail = person(connected.desk)
    assert detail["needs_person"]
    item, task = written(connected, [detail])
    assert item["content"]["title"].startswith("We couldn't confirm whether this refund went through")
    hexadecimal = task["id"].removeprefix("orderdesk-task-")
    assert task["id"] != item["id"] and len(task["id"]) <= 49 and hexadecimal
    assert task["content"]["assignee"] == {"inboxId": INBOX}
    assert "Check order #1016 in Shopify before you do anything else" in task["content"]["body"]
    assert task["content"]["dueAt"] > task["timestamp"]


def test_without_an_inbox_a_person_gets_the_item_only(connected):
    connected.desk.set(helpdesk__gladly_inbox="")
    [item] = written(connected, [person(connected.desk)])
    assert item["content"]["type"] == "CUSTOMER_ACTIVITY"


def test_repeated_event_is_written_once(connected):
    detail = person(connected.desk)
    assert len(written(connected, [detail, detail, detail])) == 2
    assert [one["status"] for one in connected.gladly.received] == [200, 201, 409, 409, 409, 409]


def test_customer_without_an_order_gets_a_link_to_the_customer(connected):
    detail = refunded_late(connected.desk, action="create-discount-code")
    [item] = written(connected, [detail])
    customer = connected.desk.linked(ORDER)
    link = {"url": f"https://admin.shopify.com/store/demo/customers/{customer}", "text": "Open customer"}
    assert item["content"]["link"] == link


def silent(connected, details):
    """True if nothing was written, nothing is left in a queue, and Gladly was not even asked."""
    return not written(connected, details) and not connected.gladly.received


def test_without_the_customers_id_in_gladly_nothing_is_written(connected):
    assert silent(connected, [refunded_late(connected.desk, profile="")])


def test_without_a_gladly_nothing_is_written(connected):
    connected.desk.set(**dict.fromkeys((f"helpdesk__gladly_{n}" for n in ("host", "user", "token", "inbox")), ""))
    assert silent(connected, [refunded_late(connected.desk)])


def test_store_that_is_gone_has_nothing_written(connected):
    detail = refunded_late(connected.desk)
    assert silent(connected, [detail | {"store": "another"}])


def test_erased_entry_is_written_nowhere(connected):
    detail = refunded_late(connected.desk)
    key = {name: {"S": value} for name, value in detail["entry"].items()}
    connected.desk.dynamodb.delete_item(TableName=tables.timeline_table(), Key=key)
    assert silent(connected, [detail])


@pytest.mark.parametrize("late", [True, False])
def test_answer_that_gladly_got_is_not_written_again(connected, late):
    """Whatever an event says: the entry decides."""
    assert submitted(connected.desk).status == 200
    [entry] = entries(connected.desk)
    assert silent(connected, [event(entry, late=late)])


def test_event_without_an_entry_is_nothing_to_write(connected):
    detail = refunded_late(connected.desk)
    assert silent(connected, [{name: value for name, value in detail.items() if name != "entry"}])


def change(connected, **values):
    """Change the stored entry."""
    [entry] = entries(connected.desk)
    connected.desk.dynamodb.put_item(TableName=tables.timeline_table(), Item=tables.attributes(entry | values))


def test_markup_is_escaped_in_the_body_and_plain_in_the_title(connected):
    detail = refunded_late(connected.desk)
    change(connected, message="Noted <b>H&M</b>", detail="<img src=x onerror=alert(1)> & it's “done”")
    [item] = written(connected, [detail])
    assert item["content"]["title"] == "Noted <b>H&M</b>"
    assert item["content"]["body"] == "&lt;img src=x onerror=alert(1)&gt; &amp; it's “done”"


def test_long_texts_are_cut_and_the_title_is_said_whole_in_the_body(connected):
    detail = refunded_late(connected.desk)
    change(connected, message="m" * 101, detail="&" * 12_000)
    [item] = written(connected, [detail])
    title, body = item["content"]["title"], item["content"]["body"]
    assert title == "m" * 97 + "…"
    assert 24_990 < len(body.encode()) <= 25_000 and body.startswith("m" * 101 + " &amp;") and body.endswith("&amp;…")
    assert not body.removesuffix("…").replace("&amp;", "").strip("m ")


def test_character_of_several_bytes_counts_as_so_many(connected):
    detail = refunded_late(connected.desk)
    change(connected, message="😀" * 26, detail="done", order_name="#" + "é" * 50)
    [item] = written(connected, [detail])
    assert item["content"]["title"] == "😀" * 24 + "…" and item["content"]["body"] == "😀" * 26 + " done"
    assert len(item["content"]["link"]["text"].encode()) <= 50


def test_long_task_is_cut(connected):
    detail = person(connected.desk)
    change(connected, detail="<" * 12_000)
    _item, task = written(connected, [detail])
    assert len(task["content"]["body"]) <= 10_000 and task["content"]["body"].endswith("&lt;…")


@pytest.mark.parametrize("attempt", [1, 2, 99, 100, 999_999])
def test_every_attempt_has_its_own_ids(connected, attempt):
    detail = person(connected.desk)
    change(connected, attempt=attempt)
    item, task = written(connected, [detail])
    assert len({item["id"], task["id"]}) == 2
    assert max(len(item["id"]), len(task["id"])) <= 49
    assert attempt > 1 or item["id"] == f"orderdesk-{detail['operation']}"
    change(connected, attempt=attempt + 1)
    assert len(written(connected, [detail])) == 4


def test_unconnected_store_gets_no_link(connected):
    detail = refunded_late(connected.desk)
    connected.desk.set(shopify__domain="")
    [item] = written(connected, [detail])
    assert "link" not in item["content"]


def test_guests_order_is_linked(connected):
    detail = refunded_late(connected.desk)
    change(connected, customer="order-4711", order="", order_name="")
    [item] = written(connected, [detail])
    assert item["content"]["link"]["url"].endswith("/orders/4711")


def test_log_says_what_was_written_and_names_nobody(connected, capsys):
    detail = refunded_late(connected.desk)
    written(connected, [detail])
    log = capsys.readouterr().out
    assert '"message":"A late outcome is in Gladly"' in log and detail["operation"] in log
    assert PROFILE not in log and "gladly-token" not in log


def test_second_store_writes_into_its_own_gladly(connected):
    detail = refunded_late(connected.desk)
    connect(connected.desk, "second", helpdesk__gladly_host="nobody.gladly.com")
    [item] = written(connected, [detail])
    assert item["customerId"] == PROFILE


def waiting(desk):
    """A refund that waits for a second person."""
    approval_from(desk, REFUND)
    url = f"{opened(desk, REFUND.slug)}&profile={PROFILE}"
    assert desk.send("POST", url, SUBMITS[REFUND.slug], headers=of("ann")).status == 200


def test_request_that_nobody_approved_is_told(connected):
    waiting(connected.desk)
    connected.desk.reconcile(later=timedelta(hours=25))
    newest, *_ = entries(connected.desk)
    [item] = written(connected, [event(newest)])
    assert "was not approved in time" in item["content"]["title"]


@pytest.mark.parametrize("decision", ["Approve", "Decline"])
def test_decision_of_a_second_agent_is_written_by_gladly_itself(connected, decision):
    waiting(connected.desk)
    assert decide(connected.desk, decision)[0].status == 200
    assert silent(connected, [event(entry, late=True) for entry in entries(connected.desk)])
