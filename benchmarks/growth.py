"""How the cost of a timeline page, a reconciler run and a profile grows with 10 to 100,000 earlier entries or orders.

In one process: the functions, the sandbox Shopify and moto, whose CPU time is subtracted.
"""

import gc
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from statistics import median
from typing import Any, NamedTuple
from unittest.mock import patch

from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.botocore_stubber import BotocoreStubber
from moto.dynamodb import dynamodb_backends
from moto.dynamodb.models.table import Table as MotoTable

from local.emulated_aws import REGION
from local.examples import EXAMPLES
from local.in_process import ENVIRONMENT, Desk, LambdaContext, deployment
from local.sandbox import Fault
from local.sandbox.cases import paid_orders
from orderdesk import tables
from orderdesk.operations.model import iso

from .jobs import ACTIONS, Agent
from .report import Goal, Table
from .stand import function_of, log_to_nowhere
from .watching import watched

SIZES = (10, 1_000, 100_000)
PAGE = 25
OPEN = len(ACTIONS)

_ENVIRONMENT = ENVIRONMENT | {
    # A part measured earlier has left the address of its own local AWS.
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
}


class Cost(NamedTuple):
    """What a job cost once: round trips to Shopify, bytes of its answers, and points; calls to DynamoDB, items read,
    and bytes of its answers; entries, operations or orders returned; milliseconds of our own CPU time."""

    trips: int
    shopify_bytes: int
    points: int
    calls: int
    read: int
    table_bytes: int
    gave: int
    cpu: float


class Job(NamedTuple):
    """A job, and what it has a history of. `after` creates that much history on a new desk and returns a function that
    does the job once and says how much it returned. `runs`: how often to do it."""

    name: str
    history: str
    after: Callable[[Desk, int], Callable[[], int]]
    runs: int


def measure() -> tuple[list[Table], list[Goal]]:
    """The table of costs by history, and the goals."""
    jobs = (
        Job(f"timeline, {PAGE} entries", "entries", _timeline, 9),
        Job(f"reconcile run, {OPEN} open", "closed operations", _reconciling, 1),
        Job("profile, 10 orders", "orders", _profile, 9),
    )
    with log_to_nowhere(), patch.dict(os.environ, _ENVIRONMENT):
        for job in jobs:
            # Things that a process does once, such as reading its documents, don't count.
            _cost(job, SIZES[0])
        costs = {job: [_cost(job, size) for size in SIZES] for job in jobs}
    return [_table(costs)], [_goal(job, found) for job, found in costs.items()]


def _table(costs: dict[Job, list[Cost]]) -> Table:
    table = Table(
        "The cost of a job by the amount of history",
        (
            "job", "history", "round trips", "points", "÷ 10's", "kB of Shopify", "DynamoDB calls", "items read",
            "read for each shown", "kB of DynamoDB", "CPU ms", "÷ 10's",
        ),
        intro=f"The whole history belongs to one customer and one store. The {OPEN} open operations, one of each "
        "action, lost their answers and are found done.",
        notes=[
            "moto simulates DynamoDB, and unlike DynamoDB it scans and sorts its whole table for each query. So we "
            "count items, bytes and our own CPU time, and no elapsed time.",
            f"A page after 10 entries has 10 instead of {PAGE} entries, so its bytes and CPU time are lower.",
        ],
    )  # fmt: skip
    for job, found in costs.items():
        for size, cost in zip(SIZES, found, strict=True):
            table.rows.append((
                job.name, f"{size:,} {job.history}", cost.trips, cost.points, _ratio(cost.points, found[0].points),
                f"{cost.shopify_bytes / 1000:.1f}", cost.calls, cost.read, _ratio(cost.read, cost.gave),
                f"{cost.table_bytes / 1000:.1f}", f"{cost.cpu:.1f}", _ratio(cost.cpu, found[0].cpu),
            ))  # fmt: skip
    return table


def _goal(job: Job, found: list[Cost]) -> Goal:
    """The worst growth in items read per result and in Shopify's points."""
    reads, points = [cost.read / cost.gave for cost in found], [cost.points for cost in found]
    worst = max(max(each) / each[0] for each in (reads, points) if each[0])
    return Goal(f"{job.name}: items read and points, {SIZES[-1]:,} {job.history} ÷ {SIZES[0]}", round(worst, 2), 1.1)


def _ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}" if other else "–"


def _cost(job: Job, size: int) -> Cost:
    """The cost of the job after that much history: the median of its runs."""
    with deployment() as desk, _emulators(desk) as emulators:
        once = job.after(desk, size)
        # Otherwise the garbage collector walks the emulators' many items in the middle of our work.
        gc.collect()
        gc.freeze()
        costs = [_run(desk, once, emulators) for _ in range(job.runs)]
        gc.unfreeze()
    return Cost(*(median(values) for values in zip(*costs, strict=True)))  # type: ignore[arg-type]


def _run(desk: Desk, once: Callable[[], int], emulators: "_Emulators") -> Cost:
    """Do the job once."""
    answers: list[tuple[dict[str, Any], int]] = []

    def note(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
        answers.append((parsed, len(http_response.content)))

    events = tables.dynamodb().meta.events
    events.register("after-call.dynamodb", note)
    with watched(desk.sandbox) as asked:
        before, emulators.seconds = time.process_time(), 0.0
        gave = once()
        own = time.process_time() - before - emulators.seconds
    events.unregister("after-call.dynamodb", note)
    return Cost(
        trips=asked.trips,
        shopify_bytes=asked.received,
        points=asked.actual,
        calls=len(answers),
        read=sum(parsed.get("ScannedCount", "Item" in parsed) for parsed, _ in answers),
        table_bytes=sum(size for _, size in answers),
        gave=gave,
        cpu=own * 1000,
    )


# -- the history -----------------------------------------------------------------------------------------------------
def _timeline(desk: Desk, size: int) -> Callable[[], int]:
    """Create entries for a customer; the job reads one page of them."""
    agent = _agent(desk)
    agent.submit("edit-order-tags", agent.form("edit-order-tags", _order(desk)))
    [entry] = desk.dynamodb.scan(TableName=tables.timeline_table())["Items"]
    first = datetime.fromisoformat(entry["at"]["S"])
    moments = (iso(first - timedelta(minutes=minutes)) for minutes in range(1, size))
    _put(tables.timeline_table(), ({**entry, "entry_key": {"S": f"{at}/{uuid.uuid4()}/1"}} for at in moments))
    return lambda: len(_handled(desk, "GET", f"/timeline?customer={agent.customer}&limit={PAGE}", None)["entries"])


def _reconciling(desk: Desk, size: int) -> Callable[[], int]:
    """Create operations that have ended and some that have not; the job is a reconciler run."""
    agent = _agent(desk)
    agent.submit("edit-order-tags", agent.form("edit-order-tags", _order(desk)))
    [closed] = desk.dynamodb.scan(TableName=tables.operations_table())["Items"]
    for action in ACTIONS:
        _lose(desk, agent, action)
    _put(tables.operations_table(), ({**closed, "operation": {"S": str(uuid.uuid4())}} for _ in range(1, size)))
    # moto's scan of a large table must not end the run early.
    return lambda: desk.reconcile(seconds=1000)["ended"]


def _profile(desk: Desk, size: int) -> Callable[[], int]:
    """Create orders of a customer, all alike; the job is a profile."""
    desk.store.orders.clear()
    while missing := size - len(desk.store.orders):
        paid_orders(desk.store, missing)
    asked = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": _agent(desk).customer}}
    return lambda: len(_handled(desk, "POST", "", asked)["results"][0]["transactions"])


def _put(table: str, items: Iterator[dict[str, Any]]) -> None:
    """Write directly into moto's table: through its API, 100,000 items take three times as long."""
    kept = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].get_table(table)
    for item in items:
        kept.put_item(item)


def _agent(desk: Desk) -> Agent:
    """An agent with the customer whose orders `paid_orders` creates."""

    def send(method: str, url: str, body: Any) -> tuple[int, dict[str, Any]]:
        answer = desk.send(method, url, body)
        return answer.status, answer.body

    return Agent(send, desk.store.customers[0].id.rpartition("/")[2])


def _order(desk: Desk, action: str = "edit-order-tags") -> str:
    """The number of a new order that the action is offered on; "" if it is about a customer."""
    if not ACTIONS[action]:
        return ""
    [order] = paid_orders(desk.store, 1)
    EXAMPLES[action].fit(order)
    return order.number


def _lose(desk: Desk, agent: Agent, action: str) -> None:
    """Submit an action that Shopify carries out but does not answer."""
    url = agent.form(action, _order(desk, action))
    desk.sandbox.faults.put(Fault("reset_after", "mutations"), Fault("reset_before", "Cancellation"))
    assert desk.send("POST", url, agent.values(action), seconds=4).status == 406
    desk.sandbox.faults.clear()


# -- our own time ----------------------------------------------------------------------------------------------------
def _handled(desk: Desk, method: str, url: str, body: Any) -> dict[str, Any]:
    """Handle a request and return the body of its reply, without the tests' checks."""
    handler = import_module(f"{function_of(url)}.app").lambda_handler
    return dict(json.loads(handler(desk.event(method, url, body), LambdaContext())["body"]))


class _Emulators:
    """Seconds of CPU time that moto and the sandbox have used."""

    seconds = 0.0

    def timed(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Measure the time of one emulator."""

        def call(*given: Any, **named: Any) -> Any:
            started = time.thread_time()
            try:
                return real(*given, **named)
            finally:
                self.seconds += time.thread_time() - started

        return call


@contextmanager
def _emulators(desk: Desk) -> Iterator[_Emulators]:
    emulators = _Emulators()
    shopify, aws = emulators.timed(desk.adapter.send), emulators.timed(BotocoreStubber.__call__)
    # moto copies a whole table for each transaction, to undo it if it fails: ten seconds for 100,000 operations.
    uncopied = patch.object(MotoTable, "__deepcopy__", lambda table, _memo: table, create=True)
    with patch.object(desk.adapter, "send", shopify), patch.object(BotocoreStubber, "__call__", aws), uncopied:
        yield emulators


if __name__ == "__main__":
    for one in measure()[0]:
        print(one.markdown(), "\n")
