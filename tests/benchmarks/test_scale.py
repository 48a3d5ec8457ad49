"""The simulation of 10,000 agents: nothing gets lost in it, limits are kept, and what must break does break."""

import json
from random import Random

import pytest

from benchmarks.scale import limits, measured, quotas, results, scenarios
from benchmarks.scale.deployment import Simulated, Sizes
from benchmarks.scale.designs import after, before
from benchmarks.scale.document import PARTS
from benchmarks.scale.machine import Bucket, Clock, DynamoDB, Functions
from benchmarks.scale.quotas import PARTITION_WRITES
from benchmarks.scale.stores import MIX, Stores
from local.documents import ROOT
from local.examples import EXAMPLES
from local.template import template

#: Short runs of each scenario.
SHORT = {
    "usual": lambda design, seed: scenarios.usual(design, seed=seed, seconds=120),
    "shopify_down": lambda design, seed: scenarios.shopify_down(design, seed=seed, lasts=60),
    "broken": lambda design, seed: scenarios.broken(design, seed=seed),
    "flood": lambda design, seed: scenarios.flood(design, seed=seed, seconds=3),
}
DESIGNS = {"before": before, "after": after}


def summary(played):
    it = played.it
    return (it.submits, dict(it.ends), len(it.open), dict(it.dynamodb.throttled), it.ssm_calls, played.own)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("name", SHORT)
def test_each_submit_ends_once_or_is_open(name, design):
    it = SHORT[name](DESIGNS[design](), 3).it
    assert it.submits > 100
    assert it.submits == sum(it.ends.values()) + len(it.open)
    assert not it.ended_at.keys() & it.open.keys()
    assert set(it.open) == {number for shard in it.shards.values() for number in shard}


@pytest.mark.parametrize("name", SHORT)
def test_same_seed_gives_the_same_result_and_another_one_does_not(name):
    first, again, other = (summary(SHORT[name](after(), seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_one_partition_throttles_and_shards_do_not():
    one, many = (scenarios.flood(design(), seconds=5).it for design in (before, after))
    assert one.dynamodb.throttled[before().index] > 1000
    assert one.ends["refused: DynamoDB"] > one.submits / 4
    assert not many.dynamodb.throttled
    assert many.ends == {"succeeded": many.submits}


def test_new_table_throttles_a_thousand_submits_a_second():
    it = scenarios.flood(after(), scenarios.WIDE._replace(writes=4_000), seconds=5).it
    assert it.dynamodb.throttled["OperationsTable"] > 1000


def test_partition_never_takes_more_than_its_limit():
    seconds = 5
    it = scenarios.flood(before(), seconds=seconds).it
    [partition] = {it.dynamodb._place(before().index).of("0")}
    assert 1000 * seconds < partition.taken <= PARTITION_WRITES.value * (it.clock.now + 1)


@pytest.mark.parametrize("seed", range(5))
def test_bucket_gives_no_more_than_it_restores(seed):
    random, bucket, now, taken = Random(seed), Bucket(10, 40), 0.0, []
    for _ in range(2000):
        now += random.expovariate(5)
        units = random.choice([1, 2, 7, 35])
        if bucket.take(now, units):
            taken.append((now, units))
    for place, (began, _) in enumerate(taken):
        within = [units for at, units in taken[place:] if at <= began + 10]
        assert sum(within) <= 40 + 10 * 10 + 1e-6


def test_index_without_units_throttles_its_table():
    dynamodb = DynamoDB(1, Random(1))
    writes = {"OperationsTable": 1, "OperationsTable/open": 400}
    done = [dynamodb.write(0.0, writes, {"OperationsTable/open": "0"}) for _ in range(3)]
    assert done == [True, True, False]
    assert dynamodb.throttled == {"OperationsTable/open": 1}
    assert dynamodb.units["OperationsTable"] == 2


def test_functions_refuse_more_than_the_quota_and_faster_growth():
    functions = Functions(quota=30, grows=20)
    assert [functions.enter(0.0, "lookup") for _ in range(25)].count(True) == 20
    assert [functions.enter(10.0, "lookup") for _ in range(15)].count(True) == 10
    functions.leave("lookup")
    assert functions.enter(10.0, "lookup")


def test_processes_go_on_in_the_order_of_time():
    clock, seen = Clock(), []

    def process(name, waits):
        for wait in waits:
            yield wait
            seen.append((name, clock.now))

    clock.start(process("a", [2, 2]))
    clock.start(process("b", [1, 2]))
    clock.run(3.5)
    assert seen == [("b", 1), ("a", 2), ("b", 3)]
    assert clock.now == 3.5


def test_standard_quota_of_ssm_refuses_submits_of_all_agents():
    it = scenarios.usual(after(), Sizes(requests=1000, burst=1000), seconds=60).it
    assert it.ssm_throttled > 1000
    assert it.ends["refused: parameters"] > 50


def test_default_of_the_api_refuses_requests_of_all_agents():
    it = scenarios.usual(after(), Sizes(requests=50, burst=100, ssm=1000), seconds=60).it
    assert it.lookups["refused"] > 1000


@pytest.mark.parametrize("breaks", ["revoked", "silent"])
def test_broken_store_delays_no_other_by_more_than_a_minute(breaks):
    assert scenarios.delay(after(), breaks) <= 60
    assert scenarios.delay(before(), breaks) > 240


def test_operation_cannot_end_twice():
    it = Simulated(after(), scenarios.WIDE, Stores.made(10), 1)
    it.clock.start(it.submit(it.stores.every[0], "edit-order-tags"))
    it.clock.run(5)
    [(operation, _)] = it.ended_at.values()
    with pytest.raises(RuntimeError, match="ended twice"):
        it.end(operation, "reconciled")


def test_stores_are_of_very_different_size():
    stores = Stores.made().every
    assert sum(store.share for store in stores) == pytest.approx(1)
    assert stores[0].share > 100 * stores[500].share
    assert {store.plan for store in stores} == {"Plus", "Advanced", "Standard"}


def test_every_action_has_a_share_of_the_submits():
    assert set(MIX) == set(EXAMPLES)
    assert sum(MIX.values()) == 100


def test_simulation_is_fed_by_what_the_code_does_now():
    """If this fails, run `python -m benchmarks.scale.measured`."""
    assert unordered(measured.measure()) == unordered(json.loads(measured.FILE.read_text("utf-8")))


def unordered(measured):
    """What was measured, without the order of a job's calls: a lookup reads our records while Shopify answers."""
    return {
        job: sorted(json.dumps(call, sort_keys=True) for call in calls) if isinstance(calls, list) else calls
        for job, calls in json.loads(json.dumps(measured)).items()
    }


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_part_of_the_page_is_current(part):
    """If this fails, run `python -m benchmarks.scale.document`."""
    text = (ROOT / part.page).read_text("utf-8")
    assert part.into(text) == text


def test_results_are_of_this_code():
    """If this fails, run `python -m benchmarks scale`, and then `python -m benchmarks.scale.document`."""
    assert json.loads(results.KEPT.read_text("utf-8"))["inputs"] == json.loads(json.dumps(results.inputs()))


def test_kept_results_reach_the_goals():
    assert [goal.what for goal in results.goals(results.kept()) if not goal.reached] == []


def test_limit_that_10000_agents_reach_is_a_parameter_or_is_documented():
    names = set(template()["Parameters"])
    reached = [limit for limit in limits.limits(after()) if limit.breaks]
    assert len(reached) >= 5
    for limit in reached:
        in_template = any(name in limit.name for name in names)
        assert in_template or "plan" in limit.then or "SSM" in limit.name, limit.name
    page = (ROOT / "docs/scale.md").read_text("utf-8")
    assert "higher-throughput-of-ssm" in page and "default-parameter-tier" in page


def test_quotas_and_prices_name_their_pages():
    named = [value for value in vars(quotas).values() if isinstance(value, (quotas.Quota, quotas.Price))]
    named += [*quotas.PRICES.values(), *quotas.SHOPIFY.values()]
    assert len(named) > 20
    assert all(value.page.startswith("https://") for value in named)
