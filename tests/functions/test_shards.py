"""Open operations in shards: each store gets its turn, a message may fail, come twice or never, and nothing is lost."""

import json
import time
import uuid
from collections import Counter
from datetime import timedelta
from importlib import import_module

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from local import emulated_aws
from local.in_process import LambdaContext, message_event
from local.sandbox import Fault
from local.sandbox.cases import paid_orders
from orderdesk import config, queues, reconcile_queue, tables
from orderdesk.actions import NOTES
from orderdesk.operations import Shard, due, shards, shards_with_due
from orderdesk.operations.model import iso, now
from reconcile_operations import lease
from reconcile_operations.action import TO_END
from reconcile_operations.turns import in_turns
from tests.faults.calls import BrokenRecords, Calls, Stopped

NOTE, LATER = "Leave it with the neighbour", timedelta(minutes=2)
FIND, WORK = (import_module(f"{name}.app") for name in ("find_open_operations", "reconcile_operations"))


@pytest.fixture
def one_shard(desk, monkeypatch):
    """The desk, with all operations in shard 0."""
    monkeypatch.setenv("OPERATION_SHARDS", "1")
    return desk


def store_named(desk, store, domain="demo.myshopify.com"):
    """Another store, of the shop at this domain."""
    for name, value in (("domain", domain), ("access_token", "shpat_sandbox")):
        path = f"/orderdesk/local/stores/{store}/shopify/{name}"
        desk.ssm.put_parameter(Name=path, Value=value, Type="String", Overwrite=True)
    config.parameters.cache_clear()


def lost(desk):
    """The item of an operation that Shopify carried out and did not answer."""
    [order] = paid_orders(desk.store, 1)
    url = desk.form(NOTES.slug, order.name).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"))
    assert desk.send("POST", url, {"note": NOTE}).status == 406
    desk.sandbox.faults.clear()
    return desk.operation(url)


def copies(desk, item, store, count, **values):
    """Operations of a store like this one, which wait since long; their ids."""
    keys = [str(uuid.uuid4()) for _ in range(count)]
    for place, key in enumerate(keys):
        since = iso(now() - timedelta(hours=1) + timedelta(seconds=place))
        new = {"operation": key, "store": store, "check_at": since, "shard": shards.shard_of(store, key)}
        desk.dynamodb.put_item(
            TableName=tables.operations_table(), Item=tables.attributes(item | new | {"lock": f"note/{key}"} | values)
        )
    return keys


def states(desk, keys):
    """How many of these operations are in each state."""
    return Counter(state_of(desk, key) for key in keys)


def state_of(desk, key):
    return stored(desk, key)["state"]


def stored(desk, key):
    item = desk.dynamodb.get_item(TableName=tables.operations_table(), Key={"operation": {"S": key}})
    return tables.plain(item["Item"])


def ends(desk):
    """How many entries each operation has on the timeline."""
    items = desk.dynamodb.scan(TableName=tables.timeline_table())["Items"]
    return Counter(item["operation"]["S"] for item in items)


def work(name="0", index=shards.INDEX, seconds=30.0):
    """One message, once."""
    return WORK.lambda_handler(message_event(json.dumps({"index": index, "name": name})), LambdaContext(seconds))


def messages(desk):
    """The bodies of the messages that wait in the queue."""
    found = desk.sqs.receive_message(
        QueueUrl=emulated_aws.queue_url("ReconcileQueue"), MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


class Slow:
    """Each answer of Shopify takes a second, and that of a silent shop more time than there is."""

    def __init__(self, desk, *silent):
        self.silent, self.asked, self.granted, self._send = set(silent), [], [], desk.adapter.send
        desk.adapter.send = self.send

    def send(self, request, *given, **more):
        shop = request.url.split("/")[2]
        self.asked.append(shop)
        self.granted.append(more["timeout"][1])
        if shop in self.silent:
            # The clock of the tests: it moves on, and nobody waits.
            time.sleep(more["timeout"][1])
            raise requests.ReadTimeout("Read timed out.")
        time.sleep(1)
        return self._send(request, *given, **more)


# -- turns -----------------------------------------------------------------------------------------------------------
def test_store_with_many_operations_leaves_the_others_their_turn(one_shard):
    desk = one_shard
    store_named(desk, "large"), store_named(desk, "small")
    like = lost(desk)
    large, small = copies(desk, like, "large", 40), copies(desk, like, "small", 3)
    Slow(desk)
    work(seconds=TO_END + 16)
    assert states(desk, small) == {"SUCCEEDED": 3}
    assert 3 <= states(desk, large)["SUCCEEDED"] < 20


def test_turns_are_one_of_each_store_the_longest_waiting_first(one_shard):
    desk = one_shard
    like = lost(desk)
    a, b = copies(desk, like, "a", 3), copies(desk, like, "b", 1)
    found = [one.operation for one in in_turns(due(Shard(shards.INDEX, "0")))]
    assert found == [a[0], b[0], like["operation"], a[1], a[2]]
    last = [one.operation for one in in_turns(due(Shard(shards.INDEX, "0")), last=["a"])]
    assert last == [b[0], like["operation"], a[0], a[1], a[2]]


def test_silent_store_costs_one_time_out_a_run(one_shard):
    desk = one_shard
    store_named(desk, "silent", "silent.myshopify.com"), store_named(desk, "sound")
    like = lost(desk)
    silent = copies(desk, like, "silent", 5, shop="silent.myshopify.com")
    sound = copies(desk, like, "sound", 2)
    shopify = Slow(desk, "silent.myshopify.com")
    work()
    assert shopify.asked.count("silent.myshopify.com") == 1
    assert states(desk, sound) == {"SUCCEEDED": 2} and states(desk, silent) == {"UNKNOWN": 5}
    assert work() == {"ended": 0, "waiting": 0}, "it is not asked again before half a minute has passed"
    desk.clock.shift(timedelta(seconds=31))
    work()
    assert shopify.asked.count("silent.myshopify.com") == 2
    shopify.silent.clear()
    desk.clock.shift(timedelta(seconds=31))
    work(), work()
    assert states(desk, silent)["SUCCEEDED"] >= 4


def silent_store(desk, like, store, operations):
    """A store of a shop of its own, with so many open operations like this one; the shop's domain."""
    shop = f"{store}.myshopify.com"
    store_named(desk, store, shop)
    copies(desk, like, store, operations, shop=shop)
    return shop


def test_broken_stores_delay_no_other_by_more_than_a_minute(one_shard):
    desk = one_shard
    like = lost(desk)
    broken = [silent_store(desk, like, f"silent-{n}", 3) for n in range(12)]
    store_named(desk, "sound")
    shopify = Slow(desk, *broken)
    for minute in range(4):
        sound, began = copies(desk, like, "sound", 5), time.monotonic()
        shopify.asked.clear()
        desk.reconcile()
        assert states(desk, sound) == {"SUCCEEDED": 5}
        assert minute == 0 or shopify.asked.index("demo.myshopify.com") <= 1, "those that were silent come last"
        assert set(shopify.asked) == {"demo.myshopify.com", *broken}
        assert time.monotonic() - began < 70
        desk.clock.shift(timedelta(seconds=31))


def test_silence_everywhere_costs_less_for_each_store(one_shard):
    desk = one_shard
    like = lost(desk)
    silent = [silent_store(desk, like, f"silent-{n}", 1) for n in range(6)]
    shopify = Slow(desk, "demo.myshopify.com", *silent)
    work()
    assert shopify.granted == pytest.approx([4, 4, 4, 2, 2, 2], abs=0.3)


def test_rate_limit_that_is_used_up_delays_its_own_store_alone(one_shard):
    desk = one_shard
    store_named(desk, "busy", "busy.myshopify.com"), store_named(desk, "sound")
    like = lost(desk)
    busy, sound = copies(desk, like, "busy", 2, shop="busy.myshopify.com"), copies(desk, like, "sound", 4)
    first = []

    def after(request):
        if "busy" not in request.url:
            return None
        first.append(request)
        return (429, b"") if len(first) <= 5 else None

    desk.adapter.after = after
    work()
    assert states(desk, sound) == {"SUCCEEDED": 4}
    assert states(desk, busy) == {"SUCCEEDED": 1, "UNKNOWN": 1}, "the one that was refused is asked again later"
    desk.clock.shift(timedelta(seconds=31))
    work()
    assert states(desk, busy) == {"SUCCEEDED": 2}


def test_run_that_only_waits_for_a_rate_limit_ends_in_time_and_is_queued_again(one_shard):
    desk = one_shard
    store_named(desk, "busy", "busy.myshopify.com")
    busy = copies(desk, lost(desk), "busy", 2, shop="busy.myshopify.com")
    desk.adapter.after = lambda request: (429, b"") if "busy" in request.url else None
    work(seconds=TO_END + 5)
    assert states(desk, busy) == {"UNKNOWN": 2}
    assert [message["name"] for message in messages(desk)] == ["0"]


def test_overdue_operation_of_a_silent_store_calls_a_person(one_shard, capsys):
    desk = one_shard
    like = lost(desk)
    store_named(desk, "silent", "silent.myshopify.com")
    days = iso(now() - timedelta(days=3))
    copies(desk, like, "silent", 3, shop="silent.myshopify.com", check_at=days, sent_at=days)
    shopify = Slow(desk, "silent.myshopify.com")
    assert work() == {"ended": 1, "waiting": 3}, "the one of the store that answers, and those three"
    assert shopify.asked.count("silent.myshopify.com") == 1
    assert capsys.readouterr().out.count('"NeedsPerson":[1.0]') == 3


# -- the queue -------------------------------------------------------------------------------------------------------
def test_backlog_larger_than_a_run_continues_by_itself(one_shard):
    desk = one_shard
    store_named(desk, "large")
    large = copies(desk, lost(desk), "large", 30)
    Slow(desk)
    FIND.lambda_handler({}, LambdaContext())
    counts = desk.work_off(seconds=TO_END + 10)
    assert states(desk, large) == {"SUCCEEDED": 30}
    assert counts["ended"] >= 30


def test_run_without_time_leaves_the_shard_to_the_next_minute(one_shard):
    desk = one_shard
    copies(desk, lost(desk), "main", 2)
    assert work(seconds=5) == {"ended": 0, "waiting": 0}
    assert messages(desk) == []


def test_every_shard_with_something_due_gets_one_message(desk):
    like = lost(desk)
    keys = copies(desk, like, "main", 30)
    copies(desk, like, "other", 20)
    later = copies(desk, like, "main", 5, check_at=iso(now() + timedelta(hours=1)), shard="63")
    found = shards_with_due()
    assert sum(found.values()) == 51 and later
    answer = FIND.lambda_handler({}, LambdaContext())
    assert answer == {"shards": len(found), "due": 51}
    assert len({stored(desk, key)["shard"] for key in keys}) == shards.SPREAD
    waiting = []
    while batch := desk.sqs.receive_message(
        QueueUrl=emulated_aws.queue_url("ReconcileQueue"), MaxNumberOfMessages=10
    ).get("Messages"):
        waiting += [Shard(**json.loads(message["Body"])) for message in batch]
    assert sorted(waiting, key=str) == sorted(found, key=str)


def test_message_that_comes_twice_ends_nothing_twice(desk):
    keys = copies(desk, lost(desk), "main", 4)
    FIND.lambda_handler({}, LambdaContext()), FIND.lambda_handler({}, LambdaContext())
    desk.work_off()
    assert states(desk, keys) == {"SUCCEEDED": 4}
    assert set(ends(desk).values()) == {1}


def test_message_that_is_lost_is_replaced_by_the_next_minutes(desk):
    keys = copies(desk, lost(desk), "main", 4)
    FIND.lambda_handler({}, LambdaContext())
    desk.sqs.purge_queue(QueueUrl=emulated_aws.queue_url("ReconcileQueue"))
    assert states(desk, keys) == {"UNKNOWN": 4}
    desk.reconcile(later=timedelta(minutes=1))
    assert states(desk, keys) == {"SUCCEEDED": 4}


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"index": "nothing", "name": "0"}', '{"index": 1}'])
def test_message_that_cannot_be_read_fails_and_changes_nothing(desk, body, capsys):
    copies(desk, lost(desk), "main", 1)
    with pytest.raises(WORK.RunBroken):
        WORK.lambda_handler(message_event(body), LambdaContext())
    assert "A run of the reconciler broke" in capsys.readouterr().out
    assert not ends(desk)


def test_run_that_breaks_gives_the_shard_back(one_shard):
    desk = one_shard
    keys = copies(desk, lost(desk), "main", 2)
    broken = BrokenRecords(tables.dynamodb(), "Query", "GetItem")
    with pytest.raises(WORK.RunBroken):
        work()
    broken.repair()
    assert work()["ended"] >= 2 and states(desk, keys) == {"SUCCEEDED": 2}


def test_queue_that_does_not_answer_breaks_the_run_that_finds(desk, capsys):
    copies(desk, lost(desk), "main", 1)
    BrokenRecords(queues.sqs(), "SendMessageBatch")
    with pytest.raises(FIND.RunBroken):
        FIND.lambda_handler({}, LambdaContext())
    assert "ReconcilerRan" not in capsys.readouterr().out


def test_message_that_sqs_refuses_is_logged(desk, capsys):
    shard = Shard("open_by_shard", "0")

    def refused(parsed, **_):
        parsed["Failed"] = [{"Id": "0", "Code": "InternalError", "SenderFault": False}]

    events = queues.sqs().meta.events
    events.register("after-call.sqs", refused)
    reconcile_queue.send([reconcile_queue.Message(shard)])
    events.unregister("after-call.sqs", refused)
    assert "A message was not taken by SQS" in capsys.readouterr().out


# -- two at once -----------------------------------------------------------------------------------------------------
def test_second_worker_leaves_the_shard_to_the_first(one_shard):
    desk = one_shard
    keys = copies(desk, lost(desk), "main", 2)
    seen = []
    desk.adapter.before = lambda _request: seen or seen.append(work())
    assert work()["ended"] >= 2
    assert seen == [{"ended": 0, "waiting": 0}]
    assert states(desk, keys) == {"SUCCEEDED": 2}


def test_two_workers_on_one_shard_end_each_operation_once(one_shard, monkeypatch):
    """Whatever the lease says: each has found the same, and the second ends it all while the first still asks."""
    desk = one_shard
    keys = copies(desk, lost(desk), "main", 6)
    monkeypatch.setattr(
        lease, "take", lambda shard, _seconds: lease.Lease(f"shard/{shard.name}", str(uuid.uuid4()), {})
    )
    inner = []

    def meanwhile(_request):
        if len(inner) < 3:
            inner.append(None)
            inner[-1] = work()

    desk.adapter.before = meanwhile
    work()
    assert states(desk, keys) == {"SUCCEEDED": 6}
    assert set(ends(desk).values()) == {1} and len(ends(desk)) == 7


@pytest.mark.parametrize("when", ["before", "after"])
def test_worker_that_dies_at_any_call_loses_nothing(one_shard, when):
    desk = one_shard
    like = lost(desk)
    calls = Calls(desk)
    work()
    made = len(calls.made)
    assert made >= 6
    for number in range(made):
        keys = copies(desk, like, "main", 2)
        calls.stop_at(number, when)
        with pytest.raises(Stopped):
            work()
        calls.go_on()
        desk.reconcile(later=timedelta(minutes=1))
        desk.reconcile(later=timedelta(minutes=1))
        assert states(desk, keys) == {"SUCCEEDED": 2}, (number, calls.made)
    assert set(ends(desk).values()) == {1}


def test_shard_of_a_dead_worker_is_free_after_its_time(one_shard):
    desk = one_shard
    assert lease.take(Shard(shards.INDEX, "0"), 30)
    assert lease.take(Shard(shards.INDEX, "0"), 30) is None
    desk.clock.shift(timedelta(seconds=32))
    assert lease.take(Shard(shards.INDEX, "0"), 30)


def test_lease_whose_answer_was_lost_is_this_workers_own(one_shard):
    broken = BrokenRecords(tables.dynamodb(), "UpdateItem", lost=True, times=1)
    assert lease.take(Shard(shards.INDEX, "0"), 30)
    broken.repair()


# -- the number of shards --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("then", "today"), [("1", "64"), ("64", "1"), ("64", "16"), ("3", "4")])
def test_number_of_shards_may_change_while_operations_are_open(desk, monkeypatch, then, today):
    monkeypatch.setenv("OPERATION_SHARDS", then)
    keys = copies(desk, lost(desk), "main", 12)
    monkeypatch.setenv("OPERATION_SHARDS", today)
    keys += copies(desk, lost(desk), "main", 12)
    desk.reconcile(later=LATER)
    assert states(desk, keys) == {"SUCCEEDED": 24}


@pytest.mark.parametrize("then", [{"open_shard": "0"}, {"unsettled": "yes"}])
def test_operations_of_earlier_indexes_are_found(desk, then):
    item = {name: value for name, value in lost(desk).items() if name != "shard"}
    item |= then
    desk.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(item))
    [found] = shards_with_due()
    assert (found.index, found.name) == next((name, value) for name, value in _by_index(then))
    assert desk.reconcile() == {"ended": 1, "waiting": 0}
    assert not then.keys() & stored(desk, item["operation"]).keys()


def _by_index(then):
    yield {"open_shard": "open_operations", "unsettled": "unsettled"}[next(iter(then))], next(iter(then.values()))


def test_claim_of_an_earlier_version_is_taken_over_into_a_shard(desk):
    """A process of the version before died between claim and sending; the agent submits again."""
    url = desk.form(NOTES.slug, "#1003").body["actionUrl"]
    key = desk.operation(url)["operation"]
    claimed = {"state": "PENDING", "claim": "dead", "claimed_until": 1, "payload_hash": "x", "attempt": 1}
    desk.change(url, **claimed, open_shard="0", check_at=iso(now()), submitted_at=iso(now()))
    desk.sandbox.faults.put(Fault("reset_after", "mutations"))
    assert desk.send("POST", url, {"note": NOTE}).status == 406
    item = stored(desk, key)
    assert item["shard"] == shards.shard_of("main", key) and "open_shard" not in item


HANDLES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}\Z")


def test_stores_are_spread_over_all_shards(desk, monkeypatch):
    monkeypatch.setenv("OPERATION_SHARDS", "64")
    found = Counter(shards.shard_of(f"store-{number}", "one") for number in range(6400))
    assert len(found) == 64 and max(found.values()) < 150 and min(found.values()) > 60


@given(store=HANDLES, number=st.integers(1, 200), seed=st.integers(0, 2**32))
@example(store="0", number=3, seed=5756918)
def test_store_is_in_a_few_shards_evenly(store, number, seed):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPERATION_SHARDS", str(number))
        found = Counter(shards.shard_of(store, str(uuid.UUID(int=seed + place))) for place in range(400))
        assert {int(name) for name in found} <= set(range(number))
        assert len(found) == min(shards.SPREAD, number)
        assert max(found.values()) < 400 / len(found) * 1.5
        assert shards.shard_of(store, "x") == shards.shard_of(store, "x")


def test_shard_of_an_operation_stays_what_it_is(desk, monkeypatch):
    """Two versions that run side by side need not agree, but the same one must."""
    monkeypatch.setenv("OPERATION_SHARDS", "64")
    assert shards.shard_of("main", "52fdfc07-2182-454f-963f-5f0f9a621d72") == "44"
