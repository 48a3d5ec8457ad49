"""What the reconciler finds out about operations without an answer: every action, done and not done."""

from datetime import timedelta

import pytest

from local.examples import EXAMPLES
from local.sandbox import Fault
from orderdesk import tables
from tests.faults.acting import SUBMITS

ORDER = "#1017"
LATER = timedelta(minutes=40)
DAY = timedelta(hours=25)


@pytest.fixture(autouse=True)
def _no_waiting(hurried):
    """The clock is moved on, so that nothing waits."""


def opened(desk, action):
    """A form's actionUrl for the order, or for its customer."""
    EXAMPLES[action].fit(desk.store.order(ORDER))
    number = desk.store.order(ORDER).number
    about = f"customer={customer(desk)}" if action == "create-discount-code" else f"order={number}"
    return desk.send("GET", f"/actions/{action}?{about}").body["actionUrl"]


def customer(desk):
    return desk.store.order(ORDER).customer.id.rsplit("/", 1)[1]


def lost(desk, action, *, done):
    """Submit an action whose answer is lost; `done`: Shopify carries it out anyway."""
    url = opened(desk, action)
    # Shopify stays silent after that, so a check within the call finds nothing either.
    gone = Fault("reset_after" if done else "reset_before", "mutations")
    desk.sandbox.faults.put(gone, Fault("no_answer", "Cancellation", seconds=0))
    answer = desk.send("POST", url, SUBMITS[action])
    desk.sandbox.faults.clear()
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "outcome_unknown"), answer.body
    assert "may have worked" in answer.body["errors"][0]["detail"]
    assert desk.operation(url)["state"] == "UNKNOWN"
    return url


def entries(desk):
    return desk.send("GET", f"/timeline?customer={customer(desk)}").body["entries"]


@pytest.mark.parametrize("action", SUBMITS)
def test_completed_operation_is_found_and_recorded_once(desk, action):
    url = lost(desk, action, done=True)
    again = desk.send("POST", url, SUBMITS[action])
    assert again.body["errors"][0]["code"] == "outcome_unknown"
    assert entries(desk) == []
    assert desk.reconcile() == {"ended": 1, "waiting": 0}
    assert desk.reconcile(later=LATER) == {"ended": 0, "waiting": 0}
    [entry] = entries(desk)
    assert entry["outcome"] == "SUCCEEDED"
    assert "We confirmed this in Shopify later" in entry["detail"]
    assert desk.send("POST", url, SUBMITS[action]).status == 200
    assert desk.store.order(ORDER).refunded in (0, 129)
    if action in ("refund-order", "cancel-order"):
        assert (entry["amount"], entry["currency"]) == ("129.0", "USD")


@pytest.mark.parametrize("action", SUBMITS)
def test_operation_that_did_not_happen_fails_after_some_minutes(desk, action):
    url = lost(desk, action, done=False)
    assert desk.reconcile() == {"ended": 0, "waiting": 1}
    assert desk.reconcile() == {"ended": 0, "waiting": 0}, "not before its time"
    believed = EXAMPLES[action].action.surely_over is not None
    if not believed:
        assert desk.reconcile(later=LATER) == {"ended": 0, "waiting": 1}, "a missing trace is never believed"
    assert desk.reconcile(later=LATER if believed else DAY) == {"ended": 1, "waiting": 0}
    [entry] = entries(desk)
    assert entry["outcome"] == ("FAILED" if believed else "UNKNOWN")
    assert "amount" not in entry
    assert desk.send("POST", url, SUBMITS[action]).status == 406
    assert desk.store.order(ORDER).refunded == 0
    # The order is unlocked again.
    assert desk.send("POST", opened(desk, action), SUBMITS[action]).status == 200


def test_missing_cancellation_is_believed_later_than_a_refund(desk):
    lost(desk, "cancel-order", done=False)
    assert desk.reconcile(later=timedelta(minutes=6)) == {"ended": 0, "waiting": 1}


def test_lost_answer_is_found_within_the_call(desk):
    url = opened(desk, "cancel-order")
    desk.sandbox.faults.put(Fault("reset_after", "CancelOrder"))
    assert desk.send("POST", url, SUBMITS["cancel-order"]).status == 200
    assert [e["outcome"] for e in entries(desk)] == ["SUCCEEDED"]


def test_order_cancelled_by_someone_else_is_refused(desk):
    url = lost(desk, "cancel-order", done=False)
    desk.store.order(ORDER).cancelled = desk.store.now()
    assert desk.reconcile()["ended"] == 1
    assert entries(desk)[0]["message"] == f"Order {ORDER} was cancelled by someone else"
    assert desk.send("POST", url, SUBMITS["cancel-order"]).status == 406


def test_job_that_fails_after_the_reply_is_recorded(desk):
    url = opened(desk, "cancel-order")
    desk.sandbox.mutations.job_seconds = 30
    desk.sandbox.mutations.fail_next_job = "Fulfillment could not be canceled"
    answer = desk.send("POST", url, SUBMITS["cancel-order"])
    assert answer.body["errors"][0]["code"] == "still_running"
    assert desk.reconcile(later=timedelta(minutes=1))["ended"] == 1
    assert "Fulfillment could not be canceled" in entries(desk)[0]["detail"]
    assert entries(desk)[0]["outcome"] == "REFUSED"


def test_job_that_never_ends_needs_a_person(desk, capsys):
    url = opened(desk, "cancel-order")
    desk.sandbox.faults.put(Fault("job_hangs", "CancelOrder", seconds=10**7))
    desk.send("POST", url, SUBMITS["cancel-order"])
    for _ in range(14 * 24 - 1):
        assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 0, "waiting": 1}
    assert desk.form("refund-order", ORDER).body["errors"][0]["code"] == "order_busy"
    assert desk.reconcile(later=timedelta(hours=2)) == {"ended": 1, "waiting": 0}
    entry = next(e for e in entries(desk) if e["action"] == "cancel_order")
    assert "Shopify is still cancelling order #1017. Shopify may still do it" in entry["detail"]
    assert "the timeline will say" not in entry["detail"]
    # It stays locked afterwards: the job may still run.
    assert desk.form("refund-order", ORDER).body["errors"][0]["code"] == "order_busy"
    assert entry["outcome"] == "UNKNOWN"
    assert "Check order #1017 in Shopify" in entry["detail"]
    assert "NeedsPerson" in capsys.readouterr().out
    again = desk.send("POST", url, SUBMITS["cancel-order"])
    assert (again.status, again.body["errors"][0]["code"]) == (406, "unknown")


def test_refund_at_the_provider_is_followed_to_its_end(desk):
    desk.sandbox.faults.put(Fault("refund_pending", "RefundOrder"))
    url = opened(desk, "refund-order")
    answer = desk.send("POST", url, SUBMITS["refund-order"])
    assert answer.status == 200
    assert "on its way" in answer.body["detail"] and "the timeline will say how it ends" in answer.body["detail"]
    assert desk.send("POST", url, SUBMITS["refund-order"]).body == answer.body
    assert entries(desk) == []
    assert desk.reconcile() == {"ended": 0, "waiting": 1}
    for t in desk.store.order(ORDER).refunds[0].transactions:
        t.status = "SUCCESS"
    assert desk.reconcile(later=timedelta(minutes=2)) == {"ended": 1, "waiting": 0}
    [entry] = entries(desk)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "129.0")


def test_refund_that_fails_at_the_provider_is_recorded(desk):
    desk.sandbox.faults.put(Fault("refund_pending", "RefundOrder"))
    desk.send("POST", opened(desk, "refund-order"), SUBMITS["refund-order"])
    desk.store.order(ORDER).refunds[0].transactions[0].status = "FAILURE"
    desk.store.order(ORDER).refunds[0].transactions[1].status = "SUCCESS"
    assert desk.reconcile() == {"ended": 1, "waiting": 0}
    [entry] = entries(desk)
    assert (entry["outcome"], entry["amount"]) == ("FAILED", "69.0")
    assert "couldn't be refunded to Visa" in entry["detail"]
    # The order was unlocked in between, and the rest can be refunded.
    assert desk.act("refund-order", ORDER, reason="Goodwill").status == 200
    assert desk.store.order(ORDER).refunded == 129


def test_partly_changed_tags_are_listed_on_the_entry(desk):
    lost(desk, "edit-order-tags", done=True)
    desk.store.order(ORDER).tags = ["gift", "urgent"]
    assert desk.reconcile() == {"ended": 0, "waiting": 1}
    assert desk.reconcile(later=LATER) == {"ended": 1, "waiting": 0}
    assert "The tags are now: gift, urgent." in entries(desk)[0]["detail"]


def test_note_changed_again_needs_a_person(desk):
    url = lost(desk, "edit-order-notes", done=True)
    desk.store.order(ORDER).note = "by someone else"
    assert desk.reconcile(later=LATER) == {"ended": 1, "waiting": 0}
    [entry] = entries(desk)
    assert entry["outcome"] == "UNKNOWN"
    assert desk.send("POST", url, SUBMITS["edit-order-notes"]).status == 406


def test_store_without_an_answer_delays_no_other(desk):
    other = opened(desk, "edit-order-tags")
    for _ in range(3):
        lost(desk, "create-discount-code", done=True)
    lost(desk, "refund-order", done=True)
    for item in desk.dynamodb.scan(TableName=tables.operations_table())["Items"]:
        found = tables.plain(item)
        if found.get("action") == "create_discount_code":
            desk.dynamodb.put_item(
                TableName=tables.operations_table(), Item=tables.attributes(found | {"store": "broken"})
            )
    desk.ssm.put_parameter(Name="/orderdesk/local/stores/broken/shopify/domain", Value="evil.com", Type="String")
    asked = len(desk.sandbox.received)
    assert desk.reconcile() == {"ended": 1, "waiting": 3}
    assert len(desk.sandbox.received) == asked + 1
    assert desk.reconcile() == {"ended": 0, "waiting": 0}, "those wait for their turn"
    assert desk.reconcile(later=DAY) == {"ended": 3, "waiting": 0}
    assert other


def test_hidden_order_is_not_reported_as_unchanged(desk):
    lost(desk, "refund-order", done=True)
    desk.store.orders.remove(desk.store.order(ORDER))
    assert desk.reconcile(later=LATER) == {"ended": 0, "waiting": 1}


def test_order_stays_locked_until_the_outcome_is_known(desk):
    lost(desk, "refund-order", done=False)
    other = desk.act("cancel-order", ORDER, reason="OTHER")
    assert (other.status, other.body["errors"][0]["code"]) == (406, "order_busy")


def test_reconciler_without_time_stops(desk):
    lost(desk, "refund-order", done=True)
    assert desk.reconcile(seconds=5) == {"ended": 0, "waiting": 0}


def test_outcome_that_cannot_be_stored_stays_open(desk, monkeypatch):
    lost(desk, "refund-order", done=True)
    monkeypatch.setenv("TIMELINE_TABLE", "Missing")
    assert desk.reconcile() == {"ended": 0, "waiting": 1}
    monkeypatch.undo()


def test_refund_that_was_not_recorded_is_recorded_later(desk, monkeypatch):
    url = opened(desk, "refund-order")
    monkeypatch.setenv("TIMELINE_TABLE", "Missing")
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert answer.status == 200
    assert answer.body["detail"].endswith("The timeline will show it in a few minutes.")
    monkeypatch.setenv("TIMELINE_TABLE", "Timeline")
    assert entries(desk) == []
    assert desk.reconcile(later=timedelta(minutes=2)) == {"ended": 1, "waiting": 0}
    assert [e["outcome"] for e in entries(desk)] == ["SUCCEEDED"]


def test_dynamodb_failure_before_sending_changes_nothing(desk, monkeypatch):
    url = opened(desk, "refund-order")
    monkeypatch.setenv("OPERATIONS_TABLE", "Missing")
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "records_unavailable")
    assert desk.store.order(ORDER).refunded == 0


def test_shopify_down_before_sending_keeps_the_form(desk):
    url = opened(desk, "refund-order")
    desk.sandbox.faults.put(Fault("refused"))
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "shopify_unavailable")
    assert desk.operation(url)["state"] == "CREATED"
    desk.sandbox.faults.clear()
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200


def test_no_time_left_to_send_keeps_the_form(desk):
    url = opened(desk, "refund-order")
    answer = desk.send("POST", url, {"reason": "Goodwill"}, seconds=2.5)
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "shopify_unavailable")
    assert not desk.sent("RefundOrder")
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200


def test_resend_waits_for_the_first_submit(desk):
    url = opened(desk, "refund-order")
    answers = []

    def meanwhile(request):
        if b"refundCreate" in request.body:
            answers.append(desk.send("POST", url, {"reason": "Goodwill"}, seconds=2))

    desk.adapter.before = meanwhile
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200
    assert answers[0].body["errors"][0]["code"] == "outcome_unknown"
    assert desk.store.order(ORDER).refunded == 129


def test_submit_that_lost_its_operation_sends_nothing(desk):
    url = opened(desk, "refund-order")

    def stolen(request):
        if b"RefundFacts" in request.body:
            desk.change(url, claim="another")

    desk.adapter.before = stolen
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert answer.status == 406
    assert desk.store.order(ORDER).refunded == 0


def test_two_agents_changing_one_note_do_not_overwrite(desk):
    first, second = opened(desk, "edit-order-notes"), opened(desk, "edit-order-notes")
    answers = []

    def meanwhile(request):
        if b"orderUpdate" in request.body and not answers:
            answers.append(desk.send("POST", second, {"note": "other"}))

    desk.adapter.before = meanwhile
    assert desk.send("POST", first, {"note": "one"}).status == 200
    assert (answers[0].status, answers[0].body["errors"][0]["code"]) == (400, "note_busy")
    assert desk.send("POST", second, {"note": "other"}).body["errors"][0]["code"] == "note_changed"
    assert desk.store.order(ORDER).note == "one"
