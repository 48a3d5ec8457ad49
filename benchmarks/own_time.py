"""Our own time: what a warm request costs this process, compared with bare POSTs of the same number of documents.

CPU time is what Lambda bills in addition to waiting; the ratio of the elapsed times is what an agent feels.
"""

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import requests

from orderdesk import api
from orderdesk.shopify import API_VERSION, session

from .jobs import ACTIONS, Agent, Orders
from .report import Goal, Table
from .stand import Stand, Took, log_to_nowhere, stand
from .turns import Pair, Ratio, in_turns
from .watching import watched_aws

#: Shopify's latency for the ratio of elapsed times, in seconds.
LATENCY = 0.1
#: How many turns of each job are made at least and at most, without and with Shopify's latency.
TURNS, SLOW_TURNS = (25, 150), (6, 18)
#: The goals: a submit's CPU time, and the elapsed time of any job, each divided by its bare posts.
CPU_GOAL, CLOCK_GOAL = 4.5, 1.5
#: The goal of a submit's CPU time divided by a bare post for each of its calls, those to AWS included.
CALL_GOAL = 1.5

#: The jobs whose time is shown by package.
_TAKEN_APART = ("profile", "edit-order-tags: submit", "refund-order: submit")


class Job(NamedTuple):
    """A job to time: `prepare` opens what `do` needs, and is not timed."""

    name: str
    do: Callable[[Any], Any]
    prepare: Callable[[], Any] = lambda: None

    @property
    def submits(self) -> bool:
        """True if it is an action's submit."""
        return self.name.endswith("submit")


class Measured(NamedTuple):
    """A job's round trips to Shopify and calls to AWS, and its turns without and with Shopify's latency."""

    trips: int
    calls: int
    fast: Pair[Took]
    slow: Pair[Took]

    @property
    def cpu(self) -> Ratio:
        """CPU time ÷ bare posts."""
        return self.fast.ratio(lambda took: took.cpu)

    @property
    def cpu_of_calls(self) -> Ratio:
        """CPU time ÷ a bare post for each call to Shopify and AWS."""
        share = self.trips / (self.trips + self.calls)
        return Ratio(tuple(ratio * share for ratio in self.cpu.turns))

    @property
    def clock(self) -> Ratio:
        """Elapsed time ÷ bare posts."""
        return self.slow.ratio(lambda took: took.wall)


def measure() -> tuple[list[Table], list[Goal]]:
    """The tables of time and of its largest parts, and the goals."""
    with stand() as it, log_to_nowhere():
        agent = Agent(it.call, it.customer())
        jobs = list(_jobs(agent, Orders(agent, it.orders)))
        parsing = median(_parsed(it).cpu for _ in range(40))
        found = {job: _measured(it, job) for job in jobs}
        parts = {job.name: _parts(job) for job in jobs if job.name in _TAKEN_APART}
    return [_table(found, parsing), *(_parts_table(name, spent) for name, spent in parts.items())], _goals(found)


def _jobs(agent: Agent, orders: Orders) -> Iterator[Job]:
    yield Job("auto-link", lambda _: agent.auto_link())
    yield Job("profile", lambda _: agent.profile())
    for action in ACTIONS:
        form = partial(agent.form, action)
        new = partial(orders.new, action)
        same = new()
        yield Job(f"{action}: form", lambda _, form=form, same=same: form(same))
        yield Job(
            f"{action}: submit", partial(agent.submit, action), lambda form=form, new=new: form(new())  # type: ignore[misc]
        )  # fmt: skip


def _measured(it: Stand, job: Job) -> Measured:
    """Measure a job in turns with as many bare posts of what it reads."""
    read, trips, calls = _reads(job)
    bare = _bare(it, read, trips)

    def ours() -> Took:
        prepared = job.prepare()
        job.do(prepared)
        return it.took

    def enough(made: Pair[Took]) -> bool:
        return not job.submits or made.ratio(lambda took: took.cpu).is_clear(CPU_GOAL)

    fast = in_turns(ours, bare, enough, least=TURNS[0], most=TURNS[1])
    it.pace(latency=LATENCY)
    slow = in_turns(
        ours,
        bare,
        lambda made: made.ratio(lambda took: took.wall).is_clear(CLOCK_GOAL),
        least=SLOW_TURNS[0],
        most=SLOW_TURNS[1],
        warm_ups=1,
    )
    it.pace(latency=0)
    return Measured(trips, calls, fast, slow)


def _reads(job: Job) -> tuple[dict[str, Any], int, int]:
    """The body of the job's first read, with the variables that it sent; how many bodies it posted; and how often it
    called AWS when it was warm. A submit that reads nothing has its form's body."""
    job.do(job.prepare())
    with _posted() as before:
        prepared = job.prepare()
    with _posted() as during, watched_aws() as calls:
        job.do(prepared)
    [read, *_] = [body for body in [*during, *before] if body["query"].lstrip().startswith("query")]
    return read, len(during), len(calls)


@contextmanager
def _posted() -> Iterator[list[dict[str, Any]]]:
    """The bodies that are posted to Shopify while the block runs."""
    bodies: list[dict[str, Any]] = []
    http, real = session(), session().post

    def post(url: str, **given: Any) -> requests.Response:
        bodies.append(given["json"])
        return real(url, **given)

    http.post = post  # type: ignore[method-assign, assignment]
    try:
        yield bodies
    finally:
        del http.post  # type: ignore[method-assign]


def _bare(it: Stand, read: dict[str, Any], trips: int) -> Callable[[], Took]:
    """POST a body as often as the job makes round trips, as a program without Orderdesk would."""
    url = f"{it.deployment.shopify}/admin/api/{API_VERSION}/graphql.json"
    headers = {"X-Shopify-Access-Token": it.deployment.secrets["token"]}

    def once() -> Took:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(trips):
            requests.post(url, json=read, headers=headers, timeout=10).json()
        return Took((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)

    return once


def _parsed(it: Stand) -> Took:
    """A handler that accepts an event and answers."""
    handler = api.handler(api.Endpoint("", post=lambda request: api.ok({"results": []})))
    event, context = it.event("POST", "", {"lookupLevel": "BASIC", "query": {}}), it.context()
    wall, cpu = time.perf_counter(), time.process_time()
    handler(event, context)  # type: ignore[arg-type]
    return Took((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


# -- what was measured -------------------------------------------------------------------------------------------------
def _goals(found: dict[Job, Measured]) -> list[Goal]:
    submits = {job: one for job, one in found.items() if job.submits}
    read = {job: one.cpu for job, one in submits.items() if one.trips > 1}
    by_call = {job: one.cpu_of_calls for job, one in submits.items()}
    clock = {job: one.clock for job, one in found.items()}
    return [
        _worst("CPU of a submit that reads the order ÷ its bare posts", read, CPU_GOAL),
        _worst("CPU of a submit ÷ a bare post for each call, AWS's too", by_call, CALL_GOAL),
        _worst("elapsed time of a warm request ÷ its bare posts", clock, CLOCK_GOAL),
    ]


def _worst(what: str, ratios: dict[Job, Ratio], most: float) -> Goal:
    job = max(ratios, key=lambda one: ratios[one].median)
    ratio = ratios[job]
    return Goal(f"{what}, the worst: {job.name}", round(ratio.median, 2), most, "", ratio.spread, ratio.is_clear(most))


def _table(found: dict[Job, Measured], parsing: float) -> Table:
    table = Table(
        "A warm request: CPU time and elapsed time",
        (
            "job", "round trips", "AWS calls", "CPU ms", "bare posts, CPU ms", "CPU ratio", "quartiles", "turns",
            "÷ a bare post for each call", "clock ms", "bare posts, ms", "clock ratio", "quartiles",
        ),
        intro=f"CPU time without latency; elapsed time with {LATENCY * 1000:.0f} ms of latency in Shopify. A bare POST "
        "is one `requests.post` of the job's reading document for each round trip, with its JSON parsed. Both are "
        "measured in turns. A cancellation is found done by the first look.",
        notes=[
            f"A handler that only accepts the event and answers takes {parsing:.2f} ms of CPU time.",
            "Two thirds of a submit's CPU time go into four or five botocore calls, including Python's library and "
            "urllib3: parameters, taking the operation, the lock, storing what is sent, and storing the outcome. Each "
            "call keeps a promise; the elapsed time shows how little of it an agent feels.",
            "A discount code's submit makes a single round trip to Shopify and nearly the same calls to AWS, so its "
            "ratio to its one bare post is the highest; with a bare post for each call it is like the others.",
        ],
    )  # fmt: skip
    for job, one in found.items():
        ours, bare = (median(took.cpu for took in side) for side in one.fast)
        waited, posted = (median(took.wall for took in side) for side in one.slow)
        table.rows.append((
            job.name, one.trips, one.calls, f"{ours:.1f}", f"{bare:.1f}", f"{one.cpu.median:.2f}", one.cpu.spread,
            len(one.cpu.turns), f"{one.cpu_of_calls.median:.2f}", f"{waited:.0f}", f"{posted:.0f}",
            f"{one.clock.median:.2f}", one.clock.spread,
        ))  # fmt: skip
    return table


def _parts(job: Job) -> list[tuple[str, float]]:
    """Milliseconds of CPU time per package for one run of the job, according to the profiler; the largest first."""
    profile, rounds = cProfile.Profile(time.process_time), 30
    for _ in range(rounds):
        prepared = job.prepare()
        profile.enable()
        job.do(prepared)
        profile.disable()
    spent: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        spent[_package(file, name)] += own * 1000 / rounds
    return spent.most_common(8)


def _package(file: str, name: str) -> str:
    """The package that a function belongs to."""
    if "socket" in name or "recv" in name or "sendall" in name:
        return "sockets"
    path = Path(file)
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1].removesuffix(".py")
    if "orderdesk" in path.parts or "functions" in path.parts:
        return "Orderdesk"
    return "Python's own"


def _parts_table(name: str, parts: list[tuple[str, float]]) -> Table:
    whole = sum(spent for _, spent in parts)
    rows = [(package, f"{spent:.2f}", f"{spent / whole:.0%}") for package, spent in parts]
    return Table(
        f"Where the time of “{name}” goes", ("package", "ms", "share"), rows,
        "By the profiler, which itself makes everything several times slower.",
    )  # fmt: skip


if __name__ == "__main__":
    for one in measure()[0]:
        print(one.markdown(), "\n")
