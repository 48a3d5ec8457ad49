"""Gladly in trouble: each fault, repeats, a function that is stopped. Nothing is written twice, nothing is lost."""

import json
import os
import random
import time
from collections import Counter
from datetime import timedelta

import pytest

from local.gladly.gladly import Gladly
from local.in_process import LambdaContext
from local.sandbox import Fault
from local.template import resources
from orderdesk import tables
from tell_gladly import app, client, pauses
from tests.faults.calls import BrokenRecords, Stopped
from tests.gladly.conftest import PROFILE, connect, organization
from tests.gladly.outcomes import entries, event, refunded_late

DAY = timedelta(hours=30)
#: A thousand take eight minutes, most of them in moto's queue.
OUTCOMES = int(os.environ.get("OUTCOMES", "100"))


def counted(capsys, name):
    """How often a metric was written for the whole stage."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return sum(sum(line[name]) for line in lines if name in line)


def once(connected):
    """True if the outcome is in Gladly once, and in no queue."""
    return len(connected.gladly.written(PROFILE)) == 1 and connected.queue.waiting() == connected.queue.lost() == 0


FAULTS = {
    "busy": Fault("http", status=429, times=2),
    "busy for half a minute": Fault("http", status=429, times=1, headers={"Retry-After": "30"}),
    "broken": Fault("http", status=500, times=2),
    "broken after the work": Fault("http", status=502, done=True, times=1),
    "down": Fault("refused", times=3),
    "connection reset": Fault("reset_before", times=1),
    "answer lost": Fault("reset_after", times=1),
    "time-out, nothing done": Fault("no_answer", seconds=5, times=1),
    "time-out, all done": Fault("no_answer", seconds=5, done=True, times=1),
    "too slow": Fault("slow", seconds=6, times=1),
    "slow": Fault("slow", seconds=3, times=1),
    "answer cut": Fault("cut", times=1),
    "user refused": Fault("http", status=401, times=2),
    "permission taken away": Fault("http", status=403, times=2),
    "values refused": Fault("http", status=400, times=1),
    "elsewhere": Fault("http", status=302, headers={"Location": "https://elsewhere.example/"}, times=1),
    "unreadable address": Fault("http", status=302, headers={"Location": "http://[::1"}, times=1),
    "success of something in between": Fault("http", status=200, times=1),
    "conflict of something in between": Fault("http", status=409, times=1),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_outcome_is_written_once_when_the_trouble_is_over(connected, fault):
    connected.queue.put(refunded_late(connected.desk))
    connected.gladly.faults.put(fault)
    connected.queue.drain(timedelta(hours=3))
    assert once(connected)


@pytest.mark.parametrize("fault", [f for f in FAULTS.values() if f.kind != "slow" or f.seconds > 5], ids=str)
def test_outcome_stays_in_the_queue_while_the_trouble_lasts(connected, fault):
    connected.queue.put(refunded_late(connected.desk))
    connected.gladly.faults.put(Fault(**(vars(fault) | {"times": None})))
    connected.queue.drain(timedelta(hours=1))
    assert connected.queue.waiting() == 1 and connected.queue.receives > 3
    connected.gladly.faults.clear()
    connected.queue.drain(timedelta(hours=2))
    assert once(connected)


@pytest.mark.parametrize("status", [429, 500, 401])
def test_after_a_day_it_is_in_the_queue_for_a_person(connected, status):
    connected.queue.put(refunded_late(connected.desk))
    connected.gladly.faults.put(Fault("http", status=status))
    connected.queue.drain(timedelta(hours=23))
    assert (connected.queue.waiting(), connected.queue.lost()) == (1, 0)
    connected.queue.drain(DAY - timedelta(hours=23))
    assert (connected.queue.waiting(), connected.queue.lost()) == (0, 1)
    assert 20 <= connected.queue.receives <= 60
    assert not connected.gladly.written(PROFILE)


def test_pauses_grow_to_an_hour(connected):
    def after(seconds, asked=0):
        return pauses.Message("1", "1", 1, time.time() - seconds, "{}").tried(asked).pause

    for waited, least in [(0, 15), (45, 15), (60, 20), (600, 200), (3 * 3600, 3600), (20 * 3600, 3600)]:
        assert least <= after(waited) <= least * 1.5
    assert after(0, 400) == 400
    assert after(0, 100_000) == 3600
    assert 15 <= pauses.Message("1", "1", 1, time.time(), "{}").untried().pause < 23
    # Twice a day's pauses of what is not even tried are fewer than the receives after which SQS moves a message.
    assert 2 * pauses.A_DAY / pauses._UNTRIED < 1000


@pytest.mark.parametrize("trouble", [True, False])
def test_alarm_goes_off_if_an_outcome_is_given_up(connected, trouble):
    alarm = resources("AWS::CloudWatch::Alarm")["OutcomesUntoldAlarm"]
    assert (alarm["Namespace"], alarm["Statistic"]) == ("AWS/SQS", "Maximum")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"GetAtt": "UntoldOutcomesQueue.QueueName"}}]
    connected.queue.put(refunded_late(connected.desk))
    if trouble:
        connected.gladly.faults.put(Fault("http", status=500))
    connected.queue.drain(DAY)
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert (connected.queue.lost() > alarm["Threshold"]) == trouble


def test_person_gets_the_event_as_it_was(connected):
    detail = refunded_late(connected.desk)
    connected.queue.put(detail)
    connected.gladly.faults.put(Fault("http", status=500))
    connected.queue.drain(DAY)
    [body] = connected.queue.given_up()
    assert json.loads(body)["detail"] == detail


def test_queue_for_a_person_that_does_not_answer_keeps_it(connected):
    connected.queue.put(refunded_late(connected.desk))
    connected.gladly.faults.put(Fault("http", status=500))
    broken = BrokenRecords(pauses.sqs(), "SendMessage")
    connected.queue.drain(DAY)
    assert (connected.queue.waiting(), connected.queue.lost()) == (1, 0)
    broken.repair()
    connected.queue.drain(timedelta(hours=2))
    assert (connected.queue.waiting(), connected.queue.lost()) == (0, 1)


def test_retry_after_is_respected(connected):
    connected.queue.put(refunded_late(connected.desk))
    connected.gladly.faults.put(Fault("http", status=429, headers={"Retry-After": "600"}))
    connected.queue.deliver()
    assert connected.queue.next_in() == [600]


@pytest.mark.parametrize("said", ["soon", "-5", "", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 30, "1e3"])
def test_strange_retry_after_is_ignored(connected, said):
    connected.queue.put(refunded_late(connected.desk))
    connected.gladly.faults.put(Fault("http", status=503, headers={"Retry-After": said}))
    connected.queue.deliver()
    assert 15 <= connected.queue.next_in()[0] <= 23


def test_merged_customer_is_followed(connected):
    gladly = connected.gladly
    for one in ("second", "third"):
        gladly.timelines[one] = []
    gladly.merge(PROFILE, "second")
    gladly.merge("second", "third")
    connected.queue.put(refunded_late(connected.desk))
    connected.queue.drain(timedelta(hours=1))
    assert len(gladly.written("third")) == 1
    assert [one["status"] for one in gladly.received] == [301, 301, 200]


def test_customer_who_was_merged_in_a_circle_is_given_up(connected, capsys):
    gladly = connected.gladly
    gladly.merged |= {PROFILE: "second", "second": PROFILE}
    connected.queue.put(refunded_late(connected.desk))
    connected.queue.drain(timedelta(hours=1))
    assert len(gladly.received) == 4 and connected.queue.waiting() == 0
    assert counted(capsys, "GladlyCustomerGone") == 1


def test_unknown_customer_is_given_up_with_a_line_and_a_metric(connected, capsys):
    del connected.gladly.timelines[PROFILE]
    connected.queue.put(refunded_late(connected.desk))
    connected.queue.drain(timedelta(hours=1))
    assert len(connected.gladly.received) == 1
    assert connected.queue.waiting() == connected.queue.lost() == 0
    said = capsys.readouterr()
    assert "Gladly has no such customer" in said.out and '"GladlyCustomerGone"' in said.out


class Redirecting(Gladly):
    """Says of each customer that they are elsewhere."""

    location, meta = "", None

    def _write(self, customer, what, given):
        if customer == "kept":
            return super()._write(customer, what, given)
        error = {"attr": "customerId", "code": "moved"} | ({"meta": self.meta} if self.meta is not None else {})
        return 301, {"Location": self.location}, {"errors": [error]}


@pytest.mark.parametrize(
    ("location", "meta", "arrives"),
    [
        ("/api/v1/customers/kept/conversation-items", None, True),
        ("https://acme.gladly.com/api/v1/customers/kept/conversation-items", None, True),
        ("/api/v1/customer-profiles/kept", None, True),
        ("https://elsewhere.example/api/v1/customers/kept/conversation-items", None, True),
        ("", {"old": PROFILE, "new": "kept"}, True),
        ("https://elsewhere.example/", {"new": "kept"}, True),
        ("", {"new": "../../agents"}, False),
        ("", {"new": 7}, False),
        ("", "kept", False),
        ("", None, False),
        ("https://elsewhere.example/customers", None, False),
        ("/api/v1/customers/..%2f/x", None, False),
    ],
)
def test_only_the_id_is_taken_from_a_redirect(connected, location, meta, arrives):
    """Every request goes to the store's own host: none other has a transport here."""
    gladly = Redirecting(user="orderdesk@acme.example", token="gladly-token-of-the-tests", customers=["kept"])
    gladly.location, gladly.meta = location, meta
    client.session().mount("https://acme.gladly.com", gladly.adapter())
    client.session().mount("https://elsewhere.example", Elsewhere())
    connected.queue.put(refunded_late(connected.desk))
    connected.queue.drain(timedelta(hours=1))
    assert bool(gladly.written("kept")) == arrives
    assert connected.queue.waiting() == 0


class Elsewhere(client.requests.adapters.BaseAdapter):
    """A host that must never be asked."""

    def send(self, *_, **__):
        raise AssertionError("a redirect was followed to another host")

    def close(self):
        """Nothing to close."""


def test_refused_user_is_counted_for_the_alarm_and_not_asked_again_in_the_batch(connected, capsys):
    connected.gladly.may_use_the_api = False
    detail = refunded_late(connected.desk)
    connected.queue.put(*[detail] * 10)
    connected.queue.deliver()
    assert [one["status"] for one in connected.gladly.received] == [403]
    assert counted(capsys, "GladlyRefused") == 1
    connected.gladly.may_use_the_api = True
    connected.queue.drain(timedelta(hours=1))
    assert once(connected)


WRONG = {
    "host": {"helpdesk__gladly_host": "gladly.com.example.org"},
    "no host": {"helpdesk__gladly_host": ""},
    "no user": {"helpdesk__gladly_user": ""},
    "no token": {"helpdesk__gladly_token": ""},
    "inbox": {"helpdesk__gladly_inbox": "../x"},
    "user": {"helpdesk__gladly_user": "a:b"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_parameter_is_said_and_waits_for_an_admin(connected, wrong, capsys):
    detail = refunded_late(connected.desk)
    connected.desk.set(**wrong)
    connected.queue.put(detail)
    connected.queue.deliver()
    assert not connected.gladly.received and connected.queue.waiting() == 1
    said = capsys.readouterr().out
    assert "A store's Gladly can't be called" in said and "GladlyRefused" in said
    connect(connected.desk)
    connected.queue.drain(timedelta(hours=1))
    assert once(connected)


def test_inbox_that_gladly_does_not_know_writes_the_item_and_waits_with_the_task(connected):
    from tests.gladly.test_tell_gladly import person

    connected.desk.set(helpdesk__gladly_inbox="unknown")
    connected.queue.put(person(connected.desk))
    connected.queue.drain(timedelta(hours=1))
    assert len(connected.gladly.written(PROFILE)) == 1 and connected.queue.waiting() == 1
    connect(connected.desk)
    connected.queue.drain(timedelta(hours=2))
    assert len(connected.gladly.written(PROFILE)) == 2 and connected.queue.waiting() == 0


def test_settings_that_cannot_be_read_are_waited_for(connected, monkeypatch):
    from orderdesk import config

    connected.queue.put(refunded_late(connected.desk))
    config.parameters.cache_clear()
    BrokenRecords(config.ssm(), "GetParameters", times=3)
    connected.queue.deliver()
    assert connected.queue.waiting() == 1
    connected.queue.drain(timedelta(hours=1))
    assert once(connected)


def test_timeline_that_does_not_answer_is_waited_for(connected):
    connected.queue.put(refunded_late(connected.desk))
    BrokenRecords(tables.dynamodb(), "GetItem", times=3)
    connected.queue.deliver()
    assert connected.queue.waiting() == 1
    connected.queue.drain(timedelta(hours=1))
    assert once(connected)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"detail": null}', '{"detail": {"entry": 7, "operation": "x"}}']
)
def test_message_that_is_no_event_holds_up_no_other(connected, body):
    connected.queue.put_text(body)
    connected.queue.put(refunded_late(connected.desk))
    connected.queue.drain(timedelta(minutes=10))
    assert len(connected.gladly.written(PROFILE)) == 1 and connected.queue.waiting() == 1
    connected.queue.drain(DAY)
    assert (connected.queue.waiting(), connected.queue.lost()) == (0, 1)


def test_entry_that_cannot_be_read_holds_up_no_other(connected):
    detail = refunded_late(connected.desk)
    [entry] = entries(connected.desk)
    strange = entry | {"entry_key": "2026/strange", "at": 7}
    connected.desk.dynamodb.put_item(TableName=tables.timeline_table(), Item=tables.attributes(strange))
    connected.queue.put(event(strange), detail)
    connected.queue.drain(timedelta(minutes=10))
    assert len(connected.gladly.written(PROFILE)) == 1 and connected.queue.waiting() == 1


# Not one that doesn't answer: the clock of these tests goes on for both threads at once.
@pytest.mark.parametrize("bad", [Fault("reset_before"), Fault("http", status=429), Fault("refused")], ids=str)
def test_bad_gladly_holds_up_no_other(connected, bad):
    """Nine of ten messages of each batch are for a Gladly that does not work."""
    desk, queue = connected.desk, connected.queue
    other = organization("other.gladly.com")
    other.faults.put(bad)
    detail = refunded_late(desk)
    for name in ("shopify/domain", "shopify/access_token"):
        value = desk.ssm.get_parameter(Name=f"/orderdesk/local/stores/main/{name}")["Parameter"]["Value"]
        desk.ssm.put_parameter(Name=f"/orderdesk/local/stores/second/{name}", Value=value, Type="String")
    connect(desk, "second", helpdesk__gladly_host="other.gladly.com")
    for _ in range(20):
        queue.put(*[detail | {"store": "second"}] * 9, detail)
    began = time.time()
    while queue.deliver():
        pass
    assert [one["status"] for one in connected.gladly.received].count(200) == 1
    assert len(connected.gladly.received) == 20
    # Four seconds' worth of requests, and a time-out for each pause of the bad one.
    assert time.time() - began < 120
    assert queue.waiting() == 180


def test_two_processes_stay_below_ten_requests_a_second(connected):
    detail = refunded_late(connected.desk)
    connected.queue.put(*[detail] * 30)
    began = time.time()
    while connected.queue.deliver():
        pass
    assert {one["status"] for one in connected.gladly.received} == {200, 409}
    assert 30 / (time.time() - began) < 5


def test_gladly_that_is_busy_gets_everything_in_the_end(connected):
    connected.gladly.per_second = 1
    connected.queue.put(*[refunded_late(connected.desk)] * 20)
    connected.queue.drain(timedelta(hours=2))
    assert once(connected)
    assert 429 in {one["status"] for one in connected.gladly.received}


def test_function_that_is_stopped_after_the_post_writes_once(connected):
    connected.queue.put(refunded_late(connected.desk))
    connected.queue.deliver(acknowledge=lambda: False)
    assert connected.queue.waiting() == 1
    connected.queue.drain(timedelta(hours=1))
    assert once(connected)
    assert [one["status"] for one in connected.gladly.received] == [200, 409]


def test_little_time_begins_nothing(connected):
    connected.queue.put(refunded_late(connected.desk))
    connected.queue.deliver(seconds=10)
    assert not connected.gladly.received and connected.queue.waiting() == 1
    connected.queue.drain(timedelta(hours=1))
    assert once(connected)


def test_queue_that_does_not_take_the_pauses_brings_it_again(connected, monkeypatch):
    connected.queue.put(refunded_late(connected.desk))
    connected.gladly.faults.put(Fault("http", status=500, times=1))
    BrokenRecords(pauses.sqs(), "ChangeMessageVisibilityBatch", times=2)
    connected.queue.deliver()
    assert connected.queue.next_in() == [180]
    connected.queue.drain(timedelta(hours=1))
    assert once(connected)


def made(connected, count):
    """Late entries, of operations of their own."""
    refunded_late(connected.desk)
    [entry] = entries(connected.desk)
    details = []
    for n in range(count):
        operation = f"{n:08x}-0000-4000-8000-000000000000"
        one = entry | {"operation": operation, "entry_key": f"{entry['at']}/{operation}/1"}
        connected.desk.dynamodb.put_item(TableName=tables.timeline_table(), Item=tables.attributes(one))
        details.append(event(one))
    return details


class Stops:
    """Stops the function now and then: before a request, after its answer, and before Lambda knows of the end."""

    def __init__(self, transport):
        self.seen, self.made = Counter(), Counter()
        transport.before = lambda _request: self.at("before", 31)
        transport.after = lambda _request: self.at("after", 23)

    def at(self, where, every):
        self.seen[where] += 1
        if self.seen[where] % every == 0:
            self.made[where] += 1
            raise Stopped

    def acknowledged(self):
        self.seen["end"] += 1
        if self.seen["end"] % 7 == 0:
            self.made["end"] += 1
            return False
        return True


def test_outcomes_under_all_faults_are_written_once_each(connected):
    """Batches meet all faults, the function is stopped everywhere, and messages come twice."""
    chance = random.Random(18)
    details = made(connected, OUTCOMES)
    connected.queue.put(*details, *chance.sample(details, OUTCOMES // 5))
    chosen = [f for f in FAULTS.values() if f.status not in (400, 401, 403)]
    stops = Stops(connected.transport)

    def acknowledged():
        connected.gladly.faults.put(*([Fault(**vars(chance.choice(chosen)))] if chance.random() < 0.3 else []))
        return stops.acknowledged()

    connected.queue.drain(timedelta(hours=20), acknowledge=acknowledged)
    ids = Counter(item["id"] for item in connected.gladly.written(PROFILE))
    assert len(ids) == OUTCOMES and set(ids.values()) == {1}
    assert connected.queue.waiting() == connected.queue.lost() == 0
    assert len(stops.made) == 3, stops.made
    requests = len(connected.gladly.received)
    print(f"\n{OUTCOMES} outcomes, {requests} requests, stopped {dict(stops.made)}: 0 lost, 0 twice")


def test_broken_batch_says_no_text_of_a_person(connected, capsys):
    """Lambda writes the text of what a function raises into the log."""
    with pytest.raises(app.RunBroken, match="see the line before this one") as broken:
        app.lambda_handler({"Records": [{"Martha": "4711"}]}, LambdaContext())
    assert broken.value.__cause__ is None and "Martha" not in capsys.readouterr().out
