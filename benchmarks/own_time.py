"""Our own time: what a warm request costs this process, compared with bare POSTs of the same number of documents.

CPU time is what Lambda bills in addition to waiting; the ratio of the elapsed times is what an agent feels.
"""

import cProfile
import pstats
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import requests

from local.examples import EXAMPLES
from local.in_process import LambdaContext
from orderdesk import api
from orderdesk.shopify import API_VERSION, document

from .jobs import ACTIONS, Agent
from .report import Goal, Table
from .stand import Stand, Took, log_to_nowhere, stand

#: Shopify's latency for the ratio of elapsed times, in seconds.
LATENCY = 0.1
ROUNDS, SLOW_ROUNDS, TURNS, WARM_UPS = 40, 8, 4, 2


class Job(NamedTuple):
    """A job to time: how many round trips to Shopify it makes, what it reads, and how to do it.

    The last request of `do` is timed: what a submit needs is opened before it.
    """

    name: str
    trips: int
    function: str
    reads: str
    do: Callable[[], Any]


def measure() -> tuple[list[Table], list[Goal]]:
    """The tables of time and of its largest parts, and the goals."""
    with stand() as it, log_to_nowhere():
        # One order for each refund, with and without latency, and the first, which all other jobs use.
        orders = it.orders(1 + ROUNDS + SLOW_ROUNDS + 2 * TURNS * WARM_UPS)
        agent = Agent(it.call, it.customer())
        jobs = list(_jobs(agent, orders))
        parsing = _by_turns([lambda: _parsed(it)], ROUNDS)[0]
        fast = _ours_and_bare(it, jobs, agent, ROUNDS)
        it.pace(latency=LATENCY)
        slow = _ours_and_bare(it, jobs, agent, SLOW_ROUNDS)
        it.pace(latency=0)
        parts = {job.name: _parts(job) for job in jobs if job.name in ("profile", "edit-order-tags: submit")}
    time_table = Table(
        "A warm request: CPU time and elapsed time",
        (
            "job",
            "round trips",
            "CPU ms",
            "bare posts, CPU ms",
            "CPU ratio",
            "clock ms",
            "bare posts, ms",
            "clock ratio",
        ),
        intro=f"CPU time without latency; elapsed time with {LATENCY * 1000:.0f} ms of latency in Shopify. A bare POST "
        "is one `requests.post` of the job's reading document for each round trip, with its JSON parsed. The "
        "cancellation is left out, since it waits for Shopify's job.",
        notes=[
            f"A handler that only accepts the event and answers takes {parsing.cpu:.2f} ms of CPU time.",
            "More than 70 % of a submit's CPU time goes into four or five botocore calls, including Python's library "
            "and urllib3: parameters, taking the operation, the lock for money or a note, storing what is sent, and "
            "storing the outcome. Each call keeps a promise; the elapsed time shows how little of it an agent feels.",
        ],
    )
    for job in jobs:
        (ours, bare), (waited, posted) = fast[job], slow[job]
        time_table.rows.append((
            job.name, job.trips, f"{ours.cpu:.1f}", f"{bare.cpu:.1f}", f"{ours.cpu / bare.cpu:.1f}",
            f"{waited.wall:.0f}", f"{posted.wall:.0f}", f"{waited.wall / posted.wall:.2f}",
        ))  # fmt: skip
    goals = [
        Goal(
            "CPU of a warm request, the most expensive job",
            round(max(ours.cpu for ours, _ in fast.values()), 1),
            10,
            " ms",
        ),
        Goal(
            "elapsed time of a warm request ÷ bare POSTs, the worst job",
            round(max(waited.wall / posted.wall for waited, posted in slow.values()), 2),
            1.5,
        ),
    ]
    return [time_table, *(_parts_table(name, found) for name, found in parts.items())], goals


def _file_of(operation: str) -> str:
    """The name of a document's file from its operation's: `TagsFacts` is in `tags_facts`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


def _jobs(agent: Agent, orders: list[str]) -> Any:
    # A cancellation's time consists of polls, which have to wait.
    reads = {slug: _file_of(example.reads) for slug, example in EXAMPLES.items() if slug != "cancel-order"}
    yield Job("auto-link", 1, "", "match_customers", agent.auto_link)
    yield Job("profile", 1, "lookup", "customer_profile", agent.profile)
    for action, read in reads.items():
        function = action.replace("-", "_")

        def order(action: str = action) -> str:
            """Each refund needs a new order."""
            return "" if not ACTIONS[action] else orders.pop() if EXAMPLES[action].action.moves_money else orders[0]

        def form(action: str = action, order: Callable[[], str] = order) -> str:
            return agent.form(action, orders[0] if ACTIONS[action] else "")

        def submit(action: str = action, order: Callable[[], str] = order) -> Any:
            return agent.submit(action, agent.form(action, order()))

        yield Job(f"{action}: form", 1, function, read, form)
        yield Job(f"{action}: submit", 1 if action == "create-discount-code" else 2, function, read, submit)


def _done(it: Stand, job: Job) -> Took:
    job.do()
    return it.took


def _ours_and_bare(it: Stand, jobs: list[Job], agent: Agent, rounds: int) -> dict[Job, tuple[Took, Took]]:
    """What each job takes, and what the same number of bare POSTs takes."""
    ours = [lambda job=job: _done(it, job) for job in jobs]
    bare = [_bare(it, job, agent) for job in jobs]
    took = _by_turns([once for both in zip(ours, bare, strict=True) for once in both], rounds)
    return {job: (took[2 * place], took[2 * place + 1]) for place, job in enumerate(jobs)}


def _by_turns(each: Sequence[Callable[[], Took]], rounds: int) -> list[Took]:
    """The median for each, measured in `TURNS` turns, so that changes on the machine affect all of them.

    In each turn every job is repeated after `WARM_UPS`, since a Lambda process has one function.
    """
    took: list[list[Took]] = [[] for _ in each]
    for _ in range(TURNS):
        for once, kept in zip(each, took, strict=True):
            kept += [once() for _ in range(WARM_UPS + rounds // TURNS)][WARM_UPS:]
    return [Took(median(one.wall for one in kept), median(one.cpu for one in kept)) for kept in took]


def _bare(it: Stand, job: Job, agent: Agent) -> Callable[[], Took]:
    """POST the job's reading document as often as the job makes round trips."""
    module = import_module(f"{job.function}.action" if job.function else "orderdesk.customers")
    text = document(str(module.__file__), job.reads).text
    kind = "Customer" if job.function == "lookup" else "Order"
    about = agent.customer if kind == "Customer" else "1"
    nobody = {f"identifier{slot}": {"id": "gid://shopify/Customer/1"} for slot in range(1, 5)}
    flags = {f"with{slot}": slot < 3 for slot in range(1, 5)}
    variables = (
        {"id": f"gid://shopify/{kind}/{about}"} if job.function else nobody | flags | {"phones": "", "byPhone": False}
    )
    url = f"{it.deployment.shopify}/admin/api/{API_VERSION}/graphql.json"
    headers = {"X-Shopify-Access-Token": it.deployment.secrets["token"]}

    def once() -> Took:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(job.trips):
            requests.post(url, json={"query": text, "variables": variables}, headers=headers, timeout=10).json()
        return Took((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)

    return once


def _parsed(it: Stand) -> Took:
    """A handler that accepts an event and answers."""
    handler = api.handler(api.Endpoint("", post=lambda request: api.ok({"results": []})))
    event, context = it.event("POST", "", {"lookupLevel": "BASIC", "query": {}}), LambdaContext()
    wall, cpu = time.perf_counter(), time.process_time()
    handler(event, context)  # type: ignore[arg-type]
    return Took((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


def _parts(job: Job) -> list[tuple[str, float]]:
    """Milliseconds of CPU time per package for one run of the job, according to the profiler; the largest first."""
    profile, rounds = cProfile.Profile(time.process_time), 30
    profile.enable()
    for _ in range(rounds):
        job.do()
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
    said = "with the form before it, " if name.endswith("submit") else ""
    return Table(f"Where the time of “{name}” goes", ("package", "ms", "share"), rows, f"By the profiler, {said}which "
                 "itself doubles the figures.")  # fmt: skip


if __name__ == "__main__":
    for one in measure()[0]:
        print(one.markdown(), "\n")
