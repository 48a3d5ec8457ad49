"""Webhooks: each event arrives, signed and in its operation's order, whatever a receiver does to itself or others."""

import json
import random
import time
from collections import Counter
from datetime import timedelta

import pytest

from deliver_webhooks import action, resting
from local import emulated_aws
from local.in_process import LambdaContext
from orderdesk import config
from tests.events.receivers import OTHER_SECRET, SECRET, receiving
from tests.events.sources import messages
from tests.faults.calls import BrokenRecords, Stopped

pytestmark = pytest.mark.enable_socket

ORDER = "#1003"


def hook(desk, receiver, *, store="main", secret=SECRET):
    """Let a store's events go to a receiver."""
    values = {"shopify/domain": "demo.myshopify.com", "helpdesk/webhook_secret": secret}
    values["helpdesk/webhook_url"] = receiver if isinstance(receiver, str) else receiver.url
    for name, value in values.items():
        path = f"/orderdesk/local/stores/{store}/{name}"
        desk.ssm.put_parameter(Name=path, Value=value, Type="String", Overwrite=True)
    config.parameters.cache_clear()


def key(number):
    return f"{number:08x}-0000-0000-0000-000000000000"


def put(number, *states, store="main", queue=None):
    """Put events of an operation into the queue, as the publisher does."""
    sqs, url = emulated_aws.client("sqs"), emulated_aws.queue_url("WebhooksQueue")
    for place, state in enumerate(states):
        event = f"{key(number)}/1/{state}"
        data = {"operation": key(number), "sequence": f"{place:040}", "state": state}
        body = json.dumps({"type": "orderdesk.entry", "timestamp": "2026-11-26T08:00:00.000Z", "data": data})
        sqs.send_message(
            QueueUrl=url,
            MessageBody=json.dumps({"store": store, "id": event, "body": body}),
            MessageGroupId=key(number),
            MessageDeduplicationId=event,
        )


def pass_time(queue, total, step):
    """Let time pass, with the function called whenever something is due."""
    passed = timedelta()
    while passed < total:
        queue.pump()
        time.sleep(step.total_seconds())
        passed += step
    queue.pump()


def ids(receiver):
    return [one["id"] for one in receiver.accepted]


def test_action_arrives_signed_and_as_documented(desk, stream, queue):
    with receiving() as it:
        hook(desk, it)
        assert desk.act("edit-order-notes", ORDER, note="new").status == 200
        stream.pump()
        queue.pump()
        [one] = it.accepted
    assert one["path"] == "/hooks/orderdesk?from=1" and one["type"] == "orderdesk.entry"
    assert one["timestamp"] == one["data"]["at"] and one["data"]["state"] == "SUCCEEDED"
    assert one["id"] == one["data"]["id"]
    assert not messages("WebhooksQueue")


def test_store_without_a_webhook_puts_nothing_into_the_queue(desk, stream, queue):
    assert desk.act("edit-order-notes", ORDER, note="new").status == 200
    stream.pump()
    assert not messages("WebhooksQueue") and not messages("UnpublishedEventsQueue")


def test_repeated_record_is_sent_once(desk, stream, queue):
    with receiving() as it:
        hook(desk, it)
        assert desk.act("edit-order-notes", ORDER, note="new").status == 200
        for _ in range(3):
            stream._at = 0
            stream.pump()
        queue.pump()
        assert len(it.asked) == 1


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
def test_two_secrets_are_valid_while_one_replaces_the_other(desk, queue, secret):
    with receiving(secret=secret) as it:
        hook(desk, it, secret=f"{SECRET}, {OTHER_SECRET}")
        put(1, "SUCCEEDED")
        queue.pump()
        assert len(it.accepted) == 1


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 429, 500, 503])
def test_event_that_is_not_accepted_comes_again_until_it_is(desk, queue, status, capsys):
    with receiving() as it:
        hook(desk, it)
        it.status = status
        put(1, "UNKNOWN", "SUCCEEDED")
        pass_time(queue, timedelta(hours=2), timedelta(seconds=20))
        tries = len(it.asked)
        # Less and less often; and the second event waits for the first.
        assert 5 < tries < 20 and set(it.asked) == {f"{key(1)}/1/UNKNOWN"}
        it.status = 200
        pass_time(queue, timedelta(hours=1), timedelta(minutes=5))
        assert ids(it) == [f"{key(1)}/1/UNKNOWN", f"{key(1)}/1/SUCCEEDED"]
    assert not messages("WebhooksQueue") and not messages("UndeliveredWebhooksQueue")
    assert "/hooks" not in capsys.readouterr().out


def test_receiver_that_is_down_is_asked_rarely_and_loses_nothing(desk, queue):
    """Many events wait, and the receiver is not asked for each of them."""
    with receiving() as it:
        hook(desk, it)
        it.status = 503
        for number in range(60):
            put(number, "SUCCEEDED")
        pass_time(queue, timedelta(minutes=30), timedelta(seconds=30))
        assert len(it.asked) < 30
        it.status = 200
        pass_time(queue, timedelta(hours=1), timedelta(minutes=5))
        assert Counter(ids(it)) == Counter(f"{key(number)}/1/SUCCEEDED" for number in range(60))


def test_retry_after_is_kept(desk, queue):
    with receiving() as it:
        hook(desk, it)
        it.status, it.headers = 429, {"Retry-After": "1200"}
        put(1, "SUCCEEDED")
        pass_time(queue, timedelta(minutes=19), timedelta(seconds=30))
        assert len(it.asked) == 1
        it.status = 200
        pass_time(queue, timedelta(minutes=3), timedelta(seconds=30))
        assert len(it.accepted) == 1


def test_receiver_may_not_ask_for_more_than_an_hour(desk, queue):
    with receiving() as it:
        hook(desk, it)
        it.status, it.headers = 503, {"Retry-After": "999999"}
        put(1, "SUCCEEDED")
        queue.pump()
        it.status = 200
        pass_time(queue, timedelta(minutes=65), timedelta(minutes=5))
        assert len(it.accepted) == 1


def test_event_that_one_receiver_refuses_holds_up_no_other_of_its_own(desk, queue):
    with receiving() as it:
        hook(desk, it)
        it.status = 400
        put(1, "SUCCEEDED")
        queue.pump()
        it.status = 200
        put(2, "SUCCEEDED")
        queue.pump()
        assert ids(it) == [f"{key(2)}/1/SUCCEEDED"]


@pytest.mark.parametrize("how", ["down", "slow", "closed"])
def test_bad_receiver_holds_up_no_other(desk, queue, how):
    with receiving() as bad, receiving() as good:
        bad.status, bad.seconds = (503, 0.0) if how == "down" else (200, 9.0)
        hook(desk, "http://127.0.0.1:9/" if how == "closed" else bad, store="main")
        hook(desk, good, store="other")
        for number in range(100):
            put(number, "SUCCEEDED")
        put(1000, "UNKNOWN", "SUCCEEDED", store="other")
        calls = 0
        while len(good.accepted) < 2:
            assert queue.once()
            calls += 1
        assert len(bad.asked) <= 2 and calls <= 12
        assert ids(good) == [f"{key(1000)}/1/UNKNOWN", f"{key(1000)}/1/SUCCEEDED"]


def test_slow_receiver_gets_a_quarter_of_the_time(desk, queue):
    with receiving() as it:
        hook(desk, it)
        it.seconds = 4.0
        for number in range(20):
            put(number, "SUCCEEDED")
        queue.pump()
        assert len(it.asked) == 1 and resting.seconds("main") in (12, 13)
        pass_time(queue, timedelta(minutes=40), timedelta(seconds=15))
        assert Counter(ids(it)) == Counter(f"{key(number)}/1/SUCCEEDED" for number in range(20))


def test_event_goes_to_a_person_after_a_day_and_the_next_one_goes_on(desk, queue):
    with receiving() as it:
        hook(desk, it)
        it.status = 500
        put(1, "UNKNOWN")
        pass_time(queue, timedelta(hours=23), timedelta(minutes=5))
        assert not messages("UndeliveredWebhooksQueue")
        put(1, "SUCCEEDED")
        pass_time(queue, timedelta(hours=2), timedelta(minutes=5))
        [left] = messages("UndeliveredWebhooksQueue")
        assert (left["store"], left["id"]) == ("main", f"{key(1)}/1/UNKNOWN")
        it.status = 200
        pass_time(queue, timedelta(hours=1), timedelta(minutes=5))
        assert ids(it) == [f"{key(1)}/1/UNKNOWN", f"{key(1)}/1/SUCCEEDED"][1:]
        # What a person gives back is what it was.
        time.sleep(360)
        queue.sqs.send_message(
            QueueUrl=queue.url, MessageBody=json.dumps(left), MessageGroupId=key(1), MessageDeduplicationId="again"
        )
        queue.pump()
        assert ids(it)[-1] == f"{key(1)}/1/UNKNOWN"
    # Far fewer than the 1,000 after which SQS itself gives up. moto takes no pauses in the second half of a day.
    assert len(it.asked) < 300


@pytest.mark.parametrize(
    ("change", "mended"),
    [
        ({"helpdesk/webhook_secret": "too-short"}, {"helpdesk/webhook_secret": SECRET}),
        ({"helpdesk/webhook_secret": " "}, {"helpdesk/webhook_secret": SECRET}),
        ({"helpdesk/webhook_url": "http://receiver.example.com/"}, {}),
        ({"helpdesk/webhook_url": "https://127.0.0.1/"}, {}),
        ({"helpdesk/webhook_url": "https://user:a-secret@receiver.example.com/"}, {}),
    ],
)
def test_webhook_that_cannot_be_used_loses_nothing(desk, queue, change, mended, capsys):
    with receiving() as it:
        hook(desk, it)

        def set_all(values):
            for name, value in values.items():
                desk.ssm.put_parameter(
                    Name=f"/orderdesk/local/stores/main/{name}", Value=value, Type="String", Overwrite=True
                )
            config.parameters.cache_clear()

        set_all(change)
        put(1, "SUCCEEDED")
        pass_time(queue, timedelta(minutes=10), timedelta(minutes=1))
        assert not it.asked
        set_all(mended or {"helpdesk/webhook_url": it.url})
        pass_time(queue, timedelta(minutes=20), timedelta(minutes=1))
        assert len(it.accepted) == 1
    assert "a-secret" not in (printed := capsys.readouterr().out) and "WebhookFailed" in printed


def test_webhook_that_was_removed_gets_nothing_more(desk, queue):
    with receiving() as it:
        hook(desk, it)
        put(1, "SUCCEEDED")
        desk.set(helpdesk__webhook_url="")
        queue.pump()
        assert not it.asked and not messages("WebhooksQueue") and not messages("UndeliveredWebhooksQueue")


def test_store_that_was_removed_gets_nothing_more(desk, queue):
    put(1, "SUCCEEDED", store="gone")
    queue.pump()
    assert not messages("WebhooksQueue")


def test_parameters_that_do_not_answer_lose_nothing(desk, queue):
    with receiving() as it:
        hook(desk, it)
        broken = BrokenRecords(config.ssm(), "GetParameters", times=10**6)
        put(1, "SUCCEEDED")
        queue.pump()
        assert not it.asked
        broken.repair()
        pass_time(queue, timedelta(minutes=2), timedelta(seconds=20))
        assert len(it.accepted) == 1


@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"store": "main"}', "null"])
def test_message_that_cannot_be_read_goes_to_a_person(desk, queue, body):
    with receiving() as it:
        hook(desk, it)
        queue.sqs.send_message(QueueUrl=queue.url, MessageBody=body, MessageGroupId="x", MessageDeduplicationId="x")
        put(1, "SUCCEEDED")
        queue.pump()
        assert len(it.accepted) == 1
    kept = emulated_aws._part("sqs").queues["Undelivered.fifo"]._messages
    assert [one.body for one in kept] == [body] and not messages("WebhooksQueue")


def test_queue_for_a_person_that_does_not_answer_loses_nothing(desk, queue):
    with receiving() as it:
        hook(desk, it)
        it.status = 500
        put(1, "SUCCEEDED")
        queue.sqs.send_message(QueueUrl=queue.url, MessageBody="?", MessageGroupId="x", MessageDeduplicationId="x")
        down = BrokenRecords(action.sqs(), "SendMessage", times=10**6)
        pass_time(queue, timedelta(hours=26), timedelta(minutes=10))
        assert not messages("UndeliveredWebhooksQueue")
        down.repair()
        pass_time(queue, timedelta(hours=1), timedelta(minutes=10))
    assert len(emulated_aws._part("sqs").queues["Undelivered.fifo"]._messages) == 2


def test_queue_that_does_not_take_the_pauses_gives_it_again(desk, queue):
    with receiving() as it:
        hook(desk, it)
        it.status = 500
        BrokenRecords(action.sqs(), "ChangeMessageVisibilityBatch", times=10**6)
        put(1, "SUCCEEDED")
        pass_time(queue, timedelta(minutes=4), timedelta(minutes=1))
        assert len(it.asked) == 2


def test_kills_lose_nothing_and_keep_the_order(desk, queue):
    """The process is killed at one of its calls in ten, in the middle of receivers' errors."""
    chance = random.Random(20261126)
    with receiving() as it:
        hook(desk, it)

        def maybe(**_):
            it.status = chance.choice([200, 200, 200, 500, 404])
            if chance.random() < 0.1:
                raise Stopped

        for client in (action.sqs(), config.ssm()):
            client.meta.events.register_first("before-send", maybe)
        for number in range(60):
            put(number, "WAITING", "UNKNOWN", "SUCCEEDED")
        pass_time(queue, timedelta(hours=6), timedelta(minutes=2))
        first = list(dict.fromkeys(ids(it)))
    expected = {f"{key(n)}/1/{state}" for n in range(60) for state in ("WAITING", "UNKNOWN", "SUCCEEDED")}
    disorder = [n for n in range(60) if [i for i in first if i.startswith(key(n))] != [
        f"{key(n)}/1/{state}" for state in ("WAITING", "UNKNOWN", "SUCCEEDED")
    ]]  # fmt: skip
    assert set(first) == expected and not disorder
    assert not messages("WebhooksQueue") and not messages("UndeliveredWebhooksQueue")


def test_no_message_is_no_work():
    from deliver_webhooks.app import lambda_handler

    assert lambda_handler({"Records": []}, LambdaContext()) == {"batchItemFailures": []}
