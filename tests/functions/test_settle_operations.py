"""An answer that is lost, and what the settler makes of it: every action, done and not done."""

import pytest
import requests

from settle_operations.app import lambda_handler
from tests.conftest import LambdaContext

ORDER = "#1017"
SUBMITS = {
    "refund-order": {"reason": "Goodwill"},
    "cancel-order": {"reason": "OTHER"},
    "edit-order-tags": {"tags": "VIP, urgent"},
    "edit-order-notes": {"note": "new"},
    "create-discount-code": {"code": "SORRY", "type": "fixed", "value": "5", "applies_to": "all", "expires": "1"},
}
LONG_AGO = "2026-01-01T00:00:00.000Z"


def settle():
    return lambda_handler({}, LambdaContext())


def lost(desk, action, *, done):
    """Submit an action whose answer does not arrive; `done`: Shopify did it all the same."""
    customer = desk.store.order(ORDER).customer.id.rsplit("/", 1)[1]
    number = desk.store.order(ORDER).number
    about = f"customer={customer}" if action == "create-discount-code" else f"order={number}"
    url = desk.send("GET", f"/actions/{action}?{about}").body["actionUrl"]

    def lose(request):
        if b"mutation" in request.body:
            raise requests.exceptions.ReadTimeout

    setattr(desk.adapter, "after" if done else "before", lose)
    answer = desk.send("POST", url, SUBMITS[action])
    desk.adapter.before = desk.adapter.after = lambda _request: None
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "outcome_unknown"), answer.body
    assert "may have worked" in answer.body["errors"][0]["detail"]
    assert desk.operation(url)["state"] == "UNKNOWN"
    return url, customer


def entries(desk, customer):
    return desk.send("GET", f"/timeline?customer={customer}").body["entries"]


@pytest.mark.parametrize("action", SUBMITS)
def test_what_was_done_is_found_and_written_once(desk, action):
    url, customer = lost(desk, action, done=True)
    again = desk.send("POST", url, SUBMITS[action])
    assert again.body["errors"][0]["code"] == "outcome_unknown"
    assert entries(desk, customer) == []
    assert settle() == {"settled": 0, "waiting": 0}, "not before its time"
    desk.change(url, check_at=LONG_AGO)
    assert settle() == {"settled": 1, "waiting": 0}
    assert settle() == {"settled": 0, "waiting": 0}
    [entry] = entries(desk, customer)
    assert entry["outcome"] == "SUCCEEDED"
    assert desk.send("POST", url, SUBMITS[action]).status == 200
    assert desk.store.order(ORDER).refunded in (0, 129)


@pytest.mark.parametrize("action", SUBMITS)
def test_what_was_not_done_is_said_after_some_minutes(desk, action):
    url, customer = lost(desk, action, done=False)
    desk.change(url, check_at=LONG_AGO)
    assert settle() == {"settled": 0, "waiting": 1}
    desk.change(url, check_at=LONG_AGO, sent_at=LONG_AGO)
    assert settle() == {"settled": 1, "waiting": 0}
    [entry] = entries(desk, customer)
    assert entry["outcome"] == "FAILED"
    assert desk.send("POST", url, SUBMITS[action]).status == 406
    assert desk.store.order(ORDER).refunded == 0


def test_cancelled_by_somebody_else(desk):
    url, customer = lost(desk, "cancel-order", done=False)
    desk.store.order(ORDER).cancelled = desk.store.now()
    desk.change(url, check_at=LONG_AGO)
    settle()
    assert "by somebody else" in entries(desk, customer)[0]["message"]


def test_a_store_that_does_not_answer_waits(desk):
    url, _ = lost(desk, "refund-order", done=True)
    desk.change(url, check_at=LONG_AGO)
    desk.set(shopify__domain="evil.com")
    assert settle() == {"settled": 0, "waiting": 1}
    assert desk.operation(url)["check_at"] > LONG_AGO


def test_the_order_is_held_until_it_is_known(desk):
    lost(desk, "refund-order", done=False)
    other = desk.act("cancel-order", ORDER, reason="OTHER")
    assert (other.status, other.body["errors"][0]["code"]) == (406, "order_busy")


def test_no_time_for_more(desk):
    url, _ = lost(desk, "refund-order", done=True)
    desk.change(url, check_at=LONG_AGO)
    assert lambda_handler({}, LambdaContext(seconds=5)) == {"settled": 0, "waiting": 0}


def test_tables_that_do_not_take_the_end(desk, monkeypatch):
    url, _ = lost(desk, "refund-order", done=True)
    desk.change(url, check_at=LONG_AGO)
    monkeypatch.setenv("TIMELINE_TABLE", "Missing")
    assert settle() == {"settled": 0, "waiting": 1}


def test_done_at_shopify_but_not_written_here_is_unknown_never_failed(desk, monkeypatch):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    monkeypatch.setenv("TIMELINE_TABLE", "Missing")
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "outcome_unknown")
    assert desk.store.order(ORDER).refunded == 129
    monkeypatch.undo()


def test_records_that_do_not_answer_mean_that_nothing_happened(desk, monkeypatch):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    monkeypatch.setenv("OPERATIONS_TABLE", "Missing")
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "records_unavailable")
    assert desk.store.order(ORDER).refunded == 0


def test_shopify_down_before_the_sending_keeps_the_form(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]

    def down(_request):
        raise requests.exceptions.ConnectTimeout

    desk.adapter.before = down
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "shopify_unavailable")
    assert desk.operation(url)["state"] == "OFFERED"
    desk.adapter.before = lambda _request: None
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200


def test_a_process_that_died_before_sending_is_taken_over(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.send("POST", url, {"reason": "Goodwill"})
    desk.store.order(ORDER).transactions[:] = desk.store.order(ORDER).payments()
    desk.change(url, state="PENDING", claimed_until=1)
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200
    assert desk.store.order(ORDER).refunded == 129


def test_a_resend_waits_for_the_first(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    answers = []

    def meanwhile(request):
        if b"refundCreate" in request.body:
            answers.append(desk.send("POST", url, {"reason": "Goodwill"}, seconds=2))

    desk.adapter.before = meanwhile
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200
    assert answers[0].body["errors"][0]["code"] == "outcome_unknown"
    assert desk.store.order(ORDER).refunded == 129


def test_a_claim_that_was_lost_sends_nothing(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]

    def stolen(request):
        if b"RefundFacts" in request.body:
            desk.change(url, claim="another")

    desk.adapter.before = stolen
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert answer.status == 406
    assert desk.store.order(ORDER).refunded == 0
