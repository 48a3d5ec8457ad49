"""What may happen to a deployment of 10,000 agents in 1,000 stores, each played with both designs."""

from collections.abc import Callable
from typing import NamedTuple

from .deployment import Simulated, Sizes
from .designs import Design
from .machine import Process
from .reconciling import OneProcess, Reconciler, Workers
from .stores import ACTIONS_AN_HOUR, AGENTS, Store, Stores, some_action

SEED = 20261126
HOUR = 3600.0
#: Submits a second of all agents at work.
USUAL = AGENTS * ACTIONS_AN_HOUR / HOUR
#: One answer in so many is lost on any day.
LOST = 1 / 500

#: What `docs/scale.md` says to turn up for 10,000 agents: the template's RequestsPerSecond and BurstOfRequests, and
#: SSM's setting for higher throughput.
TURNED_UP = Sizes(requests=1000, burst=1000, ssm=1000)


class Played(NamedTuple):
    """A scenario that was played: the deployment and its reconciler at the end, and figures of the scenario's own."""

    it: Simulated
    reconciler: Reconciler
    own: dict[str, float]


def _made(design: Design, sizes: Sizes, seed: int) -> tuple[Simulated, Reconciler]:
    it = Simulated(design, sizes, Stores.made(), seed)
    reconciler: OneProcess | Workers = OneProcess(it) if design.workers == 1 else Workers(it)
    it.clock.start(reconciler.run(), 7.0)
    return it, reconciler


def _agents(it: Simulated, rate: float, until: float, only: Store | None = None) -> Process:
    """Agents begin actions, at random, so many a second."""
    while it.clock.now < until:
        yield it.random.expovariate(rate)
        store = only or it.stores.any(it.random)
        it.clock.start(it.action(store, some_action(it.random), loses=it.random.random() < LOST))


def _submits(it: Simulated, rate: float, until: float) -> Process:
    """Submits alone, so many a second."""
    while it.clock.now < until:
        yield it.random.expovariate(rate)
        it.clock.start(it.submit(it.stores.any(it.random), some_action(it.random)))


def _drained(it: Simulated, at_most: float) -> None:
    """Run on until nothing is open, or for so many seconds."""
    until = it.clock.now + at_most
    while it.open and it.clock.now < until:
        it.clock.run(it.clock.now + 10)


def usual(design: Design, sizes: Sizes = TURNED_UP, seed: int = SEED, seconds: float = HOUR / 3) -> Played:
    """A normal day's busiest hour, twenty minutes of it: all agents at work."""
    it, reconciler = _made(design, sizes, seed)
    it.clock.start(_agents(it, USUAL, seconds))
    it.clock.run(seconds)
    asked = it.ssm_calls / seconds
    _drained(it, HOUR)
    return Played(it, reconciler, {"ssm": asked})


def sale(design: Design, sizes: Sizes = TURNED_UP, seed: int = SEED) -> Played:
    """A sale: for an hour, twenty times as many actions at one store, the tenth largest. All others work as usual."""
    it, reconciler = _made(design, sizes, seed)
    store = it.stores.every[9]
    it.clock.start(_agents(it, USUAL, HOUR))
    it.clock.start(_agents(it, 19 * USUAL * store.share, HOUR, only=store))
    it.clock.run(HOUR)
    _drained(it, HOUR)
    return Played(it, reconciler, {"points": store.bucket.taken / HOUR})


def shopify_down(design: Design, sizes: Sizes = TURNED_UP, seed: int = SEED, lasts: float = HOUR) -> Played:
    """For an hour no answer to a change comes from Shopify, at ten submits a second: 36,000 open operations."""
    it, reconciler = _made(design, sizes, seed)
    it.down = (0.0, lasts)
    for number in range(round(10 * lasts)):
        it.clock.start(it.submit(it.stores.any(it.random), some_action(it.random), loses=True), number / 10)
    it.clock.run(lasts)
    left: dict[str, int] = {}
    for one in it.open.values():
        left[one.store.name] = left.get(one.store.name, 0) + 1
    begun = len(it.open)
    _drained(it, 24 * HOUR)
    after = [(one.store.name, at - lasts) for one, at in it.ended_at.values() if at > lasts]
    few = [seconds for name, seconds in after if left.get(name, 0) < 100]
    return Played(
        it,
        reconciler,
        {"open": begun, "all": max(seconds for _, seconds in after), "few": max(few), "looks": reconciler.looks},
    )


def broken(design: Design, sizes: Sizes = TURNED_UP, seed: int = SEED, *, breaks: str = "revoked") -> Played:
    """One store, the fifth largest, has 2,000 open operations, and its token is revoked (or it does not answer, or, to
    compare with, nothing is wrong with it); one answer in fifty of the others is lost on its way."""
    it, reconciler = _made(design, sizes, seed)
    store = it.stores.every[4]
    if breaks == "silent":
        reconciler.silent_stores.add(store.name)
    lost = 0 if breaks == "nothing" else 2_000
    for number in range(lost):
        it.clock.start(it.submit(store, some_action(it.random), loses=True), number / 50)
    it.clock.run(55)
    store.token_revoked = breaks == "revoked"
    others = [one for one in it.stores.every if one is not store]
    arrivals = Stores(others, Stores.made().cumulated)
    random = type(it.random)(seed)
    for number in range(3_600):
        it.clock.start(it.submit(arrivals.any(random), some_action(random), loses=True), 60 + number / 2)
    it.clock.run(60 + 1_800 + 900)
    took = {one.number - lost: at - one.since for one, at in it.ended_at.values() if one.store is not store}
    took |= {one.number - lost: it.clock.now - one.since for one in it.open.values() if one.store is not store}
    return Played(it, reconciler, {str(number): seconds for number, seconds in took.items()})


def delay(design: Design, breaks: str) -> float:
    """By how many seconds a broken store delays an operation of another one, at most: the same operations once with and
    once without it."""
    with_it, without = broken(design, breaks=breaks).own, broken(design, breaks="nothing").own
    return max(seconds - without[number] for number, seconds in with_it.items())


def throttled(design: Design, sizes: Sizes = TURNED_UP, seed: int = SEED) -> Played:
    """For a minute, DynamoDB throttles every write of the region, in the middle of the busiest hour."""
    it, reconciler = _made(design, sizes, seed)
    it.clock.start(_agents(it, USUAL, 900))
    it.dynamodb.closed = (420.0, 480.0)
    it.clock.run(900)
    _drained(it, 2 * HOUR)
    begun = [at for one, at in it.ended_at.values() if one.since <= 480]
    return Played(it, reconciler, {"until": max(begun) - 480})


#: Where 1,000 submits a second are possible: an account with higher quotas, and tables and indexes that have been this
#: busy before, or were warmed up.
WIDE = Sizes(requests=10_000, burst=5_000, ssm=1_000_000, at_once=10_000, writes=24_000)


def flood(design: Design, sizes: Sizes = WIDE, seed: int = SEED, seconds: float = 60.0) -> Played:
    """A thousand submits a second for a minute."""
    it, reconciler = _made(design, sizes, seed)
    for store in it.stores.every:
        # Shopify's own limits are another scenario.
        store.bucket.rate = store.bucket.size = store.bucket.level = 1e9
    it.clock.start(_submits(it, 1000.0, seconds))
    it.clock.run(seconds)
    _drained(it, HOUR)
    return Played(it, reconciler, {})


#: Every scenario, by its name in the tables.
SCENARIOS: dict[str, Callable[[Design], Played]] = {
    "the busiest hour of a normal day": usual,
    "a sale": sale,
    "Shopify is down for an hour": shopify_down,
    "a store's token is revoked": broken,
    "DynamoDB throttles for a minute": throttled,
    "1,000 submits a second": flood,
}
