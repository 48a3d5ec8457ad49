"""Load tests: the deployed stack with 1 to 64 agents at once, and with Shopify's rate limit nearly used up.

The agents are locust users (`locustfile.py`), in a process of their own. They start again as soon as they have an
answer.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import psutil
import requests

from local.demo.deployment import ROOT
from local.demo.processes import start

from .jobs import Agent
from .report import Goal, Table
from .stand import Stand

#: Shopify's latency in seconds.
LATENCY = 0.1

AGENTS, SECONDS = (1, 4, 16, 64), 10
#: How many processes of one function the local AWS runs at once (`local/demo/local_aws.py`).
AT_ONCE = 4 * (os.cpu_count() or 1)
#: What an agent does in one round: a lookup, a form, a submit, a timeline page; and how often that calls Shopify.
ROUND, TRIPS = ("lookup", "form", "submit", "timeline"), 4

#: Agents who look customers up, and agents who submit forms, each once in this many seconds.
LOOKING, PRESSING, PAUSE, SCARCE_SECONDS = (8, 32), 4, 2, 10
#: Shopify's rate limit on a standard plan: points in the bucket, and points restored per second.
SIZE, RESTORE = 2000, 100
#: A lookup that takes longer than this is too late for the helpdesk.
IN_TIME = 5.0

#: Seconds of measuring, and the largest number of bursts before that in which processes start.
_WARM_UP, _BURSTS_AT_MOST = 3, 5
_ENDLESS = 1e9


class Reply(NamedTuple):
    """A reply to an agent: the request, when it came, after how many milliseconds, and what was wrong (empty:
    nothing)."""

    name: str
    at: float
    milliseconds: float
    wrong: str


@dataclass
class Watched:
    """What was seen from a moment (seconds since 1970) for some seconds: the replies, and CPU seconds by process."""

    replies: list[Reply]
    began: float
    seconds: float
    cpu: dict[str, float]

    def of(self, name: str) -> list[Reply]:
        """The replies to one kind of request."""
        return [reply for reply in self.replies if reply.name == name]

    def good(self, name: str) -> list[Reply]:
        """The replies that were correct and in time."""
        return [reply for reply in self.of(name) if not reply.wrong and reply.milliseconds <= IN_TIME * 1000]

    def rate(self, name: str) -> float:
        """Good replies per second."""
        return len(self.good(name)) / self.seconds

    def percentiles(self, name: str) -> tuple[float, ...]:
        """The 50th, 95th and 99th percentiles of the reply times in milliseconds."""
        took = [reply.milliseconds for reply in self.of(name)]
        if len(took) < 2:
            return (*took, *took, *took) or (0.0, 0.0, 0.0)
        cuts = quantiles(took, n=100, method="inclusive")
        return cuts[49], cuts[94], cuts[98]

    def wrong(self) -> Counter[str]:
        """What was wrong, and how often."""
        return Counter(f"{reply.name}: {reply.wrong}" for reply in self.replies if reply.wrong)


class Deployed(Stand):
    """The whole deployed stack instead of functions in this process: `call` goes through the API."""

    def start(self) -> None:
        """Deploy everything, and wait until it answers."""
        self.deployment.start_servers()
        self.deployment.build()
        self.deployment.deploy()
        self.deployment.set_parameters()
        self.deployment.first_lookup()
        self.base = self.deployment.base_url()
        self.headers = {"Authorization": f"Bearer {self.deployment.secrets['bearer_token']}"}

    def call(self, method: str, url: str, body: Any) -> tuple[int, dict[str, Any]]:
        """A request to the deployed API."""
        answer = requests.request(method, self.base + url, json=body, headers=self.headers, timeout=60)
        return answer.status_code, answer.json()

    def fill_bucket(self) -> None:
        """Set a rate limit that is never reached."""
        self.pace(latency=LATENCY, size=_ENDLESS, restore=RESTORE, available=_ENDLESS)

    def empty_bucket(self) -> None:
        """Set the rate limit of a standard plan, used up."""
        self.pace(latency=LATENCY, size=SIZE, restore=RESTORE, available=0)

    def received(self, after: int) -> list[dict[str, Any]]:
        """The calls to Shopify since the given number of requests."""
        headers = {"X-Shopify-Access-Token": self.deployment.secrets["token"]}
        url = f"{self.deployment.shopify}/_sandbox/received?after={after}"
        return list(requests.get(url, headers=headers, timeout=60).json()["received"])

    def warm_up(self, agent: Agent, order: str) -> None:
        """Let the local AWS start as many processes of each function as it may. A reply by a starting process is not in
        time."""
        # Long enough for all requests of a burst to run at the same time.
        self.pace(latency=1)
        for once in (agent.profile, lambda: agent.form("edit-order-tags", order), agent.timeline):
            for _ in range(_BURSTS_AT_MOST):
                before = len(self.processes())
                with ThreadPoolExecutor(AT_ONCE) as pool:
                    list(pool.map(lambda _, once=once: once(), range(AT_ONCE)))
                if len(self.processes()) == before:
                    break

    def processes(self) -> list[psutil.Process]:
        """The functions' processes."""
        return psutil.Process(self.deployment.servers["aws"].pid).children(recursive=True)

    def cpu(self) -> dict[str, float]:
        """CPU seconds since each started, by process; `machine` is the sum of everything on it."""
        sandbox, aws = (psutil.Process(self.deployment.servers[name].pid) for name in ("shopify", "aws"))
        of_machine = psutil.cpu_times()
        return {
            "functions": sum(map(_taken, self.processes())),
            "local AWS": _taken(aws),
            "sandbox": _taken(sandbox),
            "machine": sum(of_machine) - of_machine.idle - getattr(of_machine, "iowait", 0.0),
        }


def measure() -> tuple[list[Table], list[Goal]]:
    """The tables of load, CPU time and the used-up rate limit, and the goals."""
    it = Deployed()
    try:
        it.start()
        customer = it.customer()
        it.warm_up(Agent(it.call, customer), *it.orders(1))
        it.fill_bucket()
        levels = {agents: _level(it, customer, agents) for agents in AGENTS}
        scarce = {looking: _scarce(it, customer, looking) for looking in LOOKING}
    finally:
        it.stop()
    wrong = sum((level.wrong() for level in levels.values()), Counter())
    unanswered = sum(len(seen.of("submit")) - len(seen.good("submit")) for seen, _ in scarce.values())
    goals = [
        Goal(f"failures with {AGENTS[0]} to {AGENTS[-1]} agents", wrong.total(), 0),
        Goal(f"submits without success in {IN_TIME:.0f} s, Shopify's rate limit nearly used up", unanswered, 0),
    ]
    return [_levels_table(levels, wrong), _cpu_table(levels), _scarce_table(scarce)], goals


# -- agents ------------------------------------------------------------------------------------------------------------
def _level(it: Deployed, customer: str, agents: int) -> Watched:
    """Agents who do everything."""
    plan = {"customer": customer, "orders": it.orders(agents), "forms": [], "pressing": 0, "pause": PAUSE}
    with _locust(it, plan, agents, "Working") as watch:
        return watch(SECONDS)


def _scarce(it: Deployed, customer: str, looking: int) -> tuple[Watched, dict[str, int]]:
    """Agents who look customers up, and some who submit forms, with a used-up rate limit; and the points that each
    used."""
    it.fill_bucket()
    orders = it.orders(looking + PRESSING)
    agent = Agent(it.call, customer)
    presses = PRESSING * (_WARM_UP + SCARCE_SECONDS + 5) // PAUSE
    with ThreadPoolExecutor(PRESSING) as pool:
        forms = list(pool.map(lambda n: agent.form("edit-order-tags", orders[n % PRESSING]), range(presses)))
    plan = {"customer": customer, "orders": orders, "forms": forms, "pressing": PRESSING, "pause": PAUSE}
    earlier = len(it.received(0))
    it.empty_bucket()
    with _locust(it, plan, looking + PRESSING, "Looking", "Pressing") as watch:
        earlier += len(it.received(earlier))
        seen = watch(SCARCE_SECONDS)
        asked = it.received(earlier)
    taken = Counter[str]()
    for request in asked:
        taken["lookups" if request["name"] == "CustomerProfile" else "submits"] += request["actualQueryCost"] or 0
    return seen, taken


@contextmanager
def _locust(it: Deployed, plan: dict[str, Any], agents: int, *kinds: str) -> Iterator[Callable[[float], Watched]]:
    """Run locust users of these classes of `locustfile.py`, after a warm-up. Yields an object that watches them for
    some seconds; the replies are there when the block ends."""
    with TemporaryDirectory() as place:
        ready, replies, log = (Path(place) / name for name in ("ready", "replies", "log"))
        plan |= {"base": it.base, "token": it.deployment.secrets["bearer_token"]}
        file = Path(place) / "plan"
        file.write_text(json.dumps(plan | {"ready": str(ready), "replies": str(replies)}), "utf-8")
        command = [
            sys.executable, "-m", "locust", "--locustfile", str(ROOT / "benchmarks/locustfile.py"), "--headless",
            "--users", str(agents), "--spawn-rate", str(agents), "--only-summary", *kinds,
        ]  # fmt: skip
        locust = start(command, log, ORDERDESK_LOAD=str(file))
        watched: list[Watched] = []

        def watch(seconds: float) -> Watched:
            of_locust = psutil.Process(locust.pid)
            began, before = time.time(), it.cpu() | {"locust": _taken(of_locust)}
            time.sleep(seconds)
            ended, after = time.time(), it.cpu() | {"locust": _taken(of_locust)}
            watched.append(Watched([], began, ended - began, {who: after[who] - before[who] for who in after}))
            return watched[-1]

        try:
            _await(ready, locust, log)
            time.sleep(_WARM_UP)
            yield watch
        finally:
            locust.terminate()
            locust.wait(20)
        if not replies.exists():
            raise RuntimeError(f"locust stopped: {_end(log)}")
        came = [Reply(*row) for row in json.loads(replies.read_text("utf-8"))]
        for seen in watched:
            seen.replies += [reply for reply in came if 0 <= reply.at - seen.began < seen.seconds]


def _await(ready: Path, locust: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while not ready.exists():
        if locust.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"locust did not start: {_end(log)}")
        time.sleep(0.1)


def _end(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-3000:]


def _taken(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


# -- tables ------------------------------------------------------------------------------------------------------------
def _levels_table(levels: dict[int, Watched], wrong: Counter[str]) -> Table:
    table = Table(
        "With 1 to 64 agents at once",
        (
            "agents", "lookups/s", "× 1 agent", "actions/s", "× 1 agent", "lookup: p50, p95, p99 ms", "÷ latency",
            "submit: p50, p95, p99 ms", "÷ latency", "failures",
        ),
        intro=f"On the deployed stack, with a latency of {LATENCY * 1000:.0f} ms in Shopify and an unlimited rate. "
        "Each agent repeats, without a pause: a profile, the form of an order's tags, its submit, a timeline page. An "
        f"action is a successful submit. {SECONDS} s each, after a warm-up. “÷ latency” is p50 divided by the latency "
        "of the necessary round trips to Shopify: one for a lookup, two for a submit.",
        notes=[
            f"From 16 agents on, the form and the submit wait for one of the {AT_ONCE} processes that the local AWS "
            "runs of their function. Lambda would have one process for each agent.",
        ],
    )  # fmt: skip
    alone = levels[AGENTS[0]]
    for agents, seen in levels.items():
        look, press = seen.percentiles("lookup"), seen.percentiles("submit")
        table.rows.append((
            agents, f"{seen.rate('lookup'):.1f}", _ratio(seen.rate("lookup"), alone.rate("lookup")),
            f"{seen.rate('submit'):.1f}", _ratio(seen.rate("submit"), alone.rate("submit")),
            _three(look), _ratio(look[0], LATENCY * 1000), _three(press), _ratio(press[0], 2 * LATENCY * 1000),
            seen.wrong().total(),
        ))  # fmt: skip
    if wrong:
        table.notes.append(f"Failures: {_counted(wrong)}")
    return table


def _cpu_table(levels: dict[int, Watched]) -> Table:
    cores = psutil.cpu_count() or 1
    table = Table(
        "CPU time by process",
        (
            "agents", "functions", "local AWS", "sandbox", "locust", "others here", "functions' ms a round", "rounds/s",
            "at most", "reached", "what limits",
        ),
        intro=f"In percent of one core; the machine has {cores}. A round is the four requests of an agent. “At most” "
        f"is the smallest of four limits: {TRIPS} round trips at Shopify's latency for each agent; the {AT_ONCE} "
        "processes of a function that the local AWS runs at once, if the tags' form and submit take as long as with "
        f"one agent; {cores} cores for the CPU time of a round; and one core each for the local AWS and the sandbox, "
        "which are one process each.",
        notes=[
            "Only the functions' time is Orderdesk's own. In AWS, each concurrent request has its own vCPU.",
            "The API's own limit (RequestsPerSecond, BurstOfRequests) refused no request: a 429 would be a failure.",
        ],
    )  # fmt: skip
    tags = sum(levels[AGENTS[0]].percentiles(name)[0] for name in ("form", "submit")) / 1000
    for agents, seen in levels.items():
        rounds = min(len(seen.good(name)) for name in ROUND) / seen.seconds
        spent = {who: seen.cpu[who] / seen.seconds for who in ("functions", "local AWS", "sandbox", "locust")}
        others = max(0.0, seen.cpu["machine"] / seen.seconds - sum(spent.values()))
        most = {
            "Shopify's latency": agents / (TRIPS * LATENCY),
            "processes of a function": AT_ONCE / tags,
            f"{cores} cores": rounds * cores / sum(spent.values()),
            "the local AWS": rounds / spent["local AWS"],
            "the sandbox": rounds / spent["sandbox"],
        }
        limit = min(most, key=lambda what: most[what])
        table.rows.append((
            agents, *(f"{share:.0%}" for share in (*spent.values(), others)),
            f"{1000 * spent['functions'] / rounds:.0f}" if rounds else "–",
            f"{rounds:.1f}", f"{most[limit]:.1f}", _ratio(rounds, most[limit]), limit,
        ))  # fmt: skip
    return table


def _scarce_table(scarce: dict[int, tuple[Watched, dict[str, int]]]) -> Table:
    table = Table(
        "With Shopify's rate limit nearly used up",
        (
            "agents looking", "lookups in time", "share", "p95 ms", "submits in time", "share", "p95 ms",
            "points of submits", "of lookups", "restored", "used",
        ),
        intro=f"A rate limit of {SIZE} points with none left at the start, and {RESTORE} restored per second; latency "
        f"{LATENCY * 1000:.0f} ms; {SCARCE_SECONDS} s after a warm-up. Agents look customers up without a pause, while "
        f"{PRESSING} others each submit an open tags form once in {PAUSE} s. “In time” is a profile or a successful "
        f"submit within {IN_TIME:.0f} s; p95 is that of all. A lookup that Shopify refuses for too long returns "
        "`results: []`, and the agent tries again.",
        notes=[
            "Submits go first: a submit's call that Shopify refused is repeated when there are enough points for it, a "
            "lookup's call only when there are also enough for a submit.",
            "“used” is the share of the restored points that were used. It can't exceed 100 %.",
        ],
    )  # fmt: skip
    for looking, (seen, taken) in scarce.items():
        restored = RESTORE * seen.seconds
        table.rows.append((
            looking, *_in_time(seen, "lookup"), *_in_time(seen, "submit"), taken["submits"], taken["lookups"],
            f"{restored:.0f}", f"{(taken['submits'] + taken['lookups']) / restored:.0%}",
        ))  # fmt: skip
        if wrong := seen.wrong():
            table.notes.append(f"{looking} looking: {_counted(wrong)}")
    return table


def _in_time(seen: Watched, name: str) -> tuple[str, str, str]:
    """How many of the replies were good and in time, their share, and the p95 of all."""
    good, every = len(seen.good(name)), len(seen.of(name))
    return f"{good} of {every}", f"{good / every:.0%}" if every else "–", f"{seen.percentiles(name)[1]:.0f}"


def _counted(wrong: Counter[str]) -> str:
    return "; ".join(f"{count} × {what}" for what, count in wrong.most_common())


def _three(percentiles: tuple[float, ...]) -> str:
    return ", ".join(f"{one:.0f}" for one in percentiles)


def _ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}" if other else "–"


if __name__ == "__main__":
    for one in measure()[0]:
        print(one.markdown(), "\n")
