"""DynamoDB and SSM fail at each call of an action, for a while or permanently: what the agent reads, and what is
true."""

import pytest

from local.examples import EXAMPLES
from orderdesk import config, tables
from tests.faults.acting import ORDER, SUBMITS, opened, reconciled, submit
from tests.faults.calls import WRITES, BrokenRecords, Calls, Stopped
from tests.faults.truth import check, entries

WAYS = {
    "throttled": {"error": "ThrottlingException"},
    "too much": {"error": "ProvisionedThroughputExceededException"},
    "broken": {"error": "InternalServerError"},
    "forbidden": {"error": "AccessDeniedException"},
    "no answer": {},
    "done, no answer": {"lost": True},
}
FOR = {"once": 1, "permanently": 99}
#: A submit's writes, in order. Money and a note are locked for one operation.
HELD = ("claim", "hold", "send", "result")
WRITTEN = {slug: HELD if example.action.lock else HELD[:1] + HELD[2:] for slug, example in EXAMPLES.items()}
PARTS = [(action, part) for action in SUBMITS for part in WRITTEN[action]]


def code(answer):
    return None if answer.status == 200 else answer.body["errors"][0]["code"]


@pytest.mark.parametrize("times", FOR)
@pytest.mark.parametrize("way", WAYS)
def test_ssm_failure_changes_nothing(hurried, way, times):
    url = opened(hurried, "refund-order")
    broken = BrokenRecords(config.ssm(), "GetParameters", times=FOR[times], **WAYS[way])
    answer = submit(hurried, "refund-order", url)
    if code(answer):
        assert (answer.status, code(answer)) == (400, "settings_unavailable")
        assert "Nothing was changed" in answer.body["errors"][0]["detail"]
    assert (answer.status == 200) == (times == "once" and way != "forbidden")
    broken.repair()
    assert submit(hurried, "refund-order", url).status == 200
    check(hurried)


@pytest.mark.parametrize("way", WAYS)
def test_form_that_cannot_be_stored_is_not_shown(hurried, way):
    broken = BrokenRecords(tables.dynamodb(), "PutItem", **WAYS[way])
    number = hurried.store.order(ORDER).number
    answer = hurried.send("GET", f"/actions/refund-order?order={number}")
    assert (answer.status, code(answer)) == (400, "records_unavailable")
    broken.repair()
    assert opened(hurried, "refund-order")


@pytest.mark.parametrize("times", FOR)
@pytest.mark.parametrize("way", WAYS)
def test_resend_that_cannot_read_the_first_is_unknown(hurried, way, times):
    url = opened(hurried, "refund-order")
    first = Calls(hurried)
    first.stop_at(1, "after")  # The write that takes the operation.
    with pytest.raises(Stopped):
        submit(hurried, "refund-order", url)
    broken = BrokenRecords(tables.dynamodb(), "GetItem", times=FOR[times], **WAYS[way])
    assert code(submit(hurried, "refund-order", url)) == "outcome_unknown"
    broken.repair()
    reconciled(hurried)
    submit(hurried, "refund-order", url)
    check(hurried)
    assert entries(hurried)


@pytest.mark.parametrize("times", FOR)
@pytest.mark.parametrize("way", [*WAYS, "conflict"])
@pytest.mark.parametrize(("action", "part"), PARTS)
def test_failed_write_is_told_truly_and_recorded(hurried, action, part, way, times):
    desk, writes = hurried, WRITTEN[action]
    url = opened(desk, action)
    how = WAYS.get(way, {"error": "TransactionConflictException"})
    broken = BrokenRecords(tables.dynamodb(), *WRITES, skip=writes.index(part), times=FOR[times], **how)
    answer = submit(desk, action, url)
    broken.repair()
    assert answer.status in (200, 400, 406), answer.body
    if times == "once" and way != "forbidden":
        assert answer.status == 200, answer.body
    if part == "result":
        assert answer.status == 200, "Shopify did it, and the agent is told so"
    if code(answer) == "records_unavailable":
        assert "Nothing was changed" in answer.body["errors"][0]["detail"]
        assert not desk.store.order(ORDER).refunds and not desk.store.codes
        again = submit(desk, action, url)
        assert again.status == 200 or code(again) == "outcome_unknown", again.body
    reconciled(desk)
    again = submit(desk, action, url)
    assert again.status in (200, 406), again.body
    reconciled(desk)
    check(desk)
    assert entries(desk)


def test_reconciler_continues_after_a_dynamodb_failure(hurried):
    desk = hurried
    url = opened(desk, "refund-order")
    broken = BrokenRecords(tables.dynamodb(), *WRITES, skip=3)
    assert submit(desk, "refund-order", url).status == 200
    reconciled(desk)
    assert entries(desk) == []
    broken.repair()
    reconciled(desk)
    assert [e["outcome"] for e in entries(desk)] == ["SUCCEEDED"]
    check(desk)
