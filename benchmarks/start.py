"""A function's first request in a new process: imports, clients, the request itself; memory; and sizes on disk."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from local.demo.deployment import BUILT, ROOT
from local.in_process import message_event
from orderdesk.actions import ACTIONS as ROWS

from .jobs import ACTIONS, Agent, Orders
from .report import Goal, Table
from .stand import Stand, log_to_nowhere, stand
from .turns import Ratio, in_turns

#: How many turns are made with each function, at least and at most; and what they are to show.
LEAST, MOST, GOAL = 9, 36, 1.2
#: Shopify's latency in seconds, and AWS's price of a GB-second in USD, to estimate the effect of memory.
LATENCY, GB_SECOND = 0.1, 0.0000166667
#: Megabytes of memory at which Lambda gives a whole vCPU.
WHOLE = 1769
FUNCTIONS = ("lookup", "timeline", *(action.name for action in ROWS), "find_open_operations", "reconcile_operations")


class Child(NamedTuple):
    """A process to start: with which layer, and a function with an event per run, or code instead."""

    layer: Path
    function: str = ""
    code: str = ""
    event: Callable[[], dict[str, Any]] | None = None


LAYER = ROOT / BUILT / "OrderdeskLayer/python"

#: What a process without any of our code does. With the last, each function's first request is compared.
FLOOR = "… and two clients"
BARE = {
    "an empty handler": "",
    "import boto3, requests, pydantic": "import boto3, requests, pydantic",
    FLOOR: "import boto3, requests, pydantic\nfor one in ('ssm', 'dynamodb'): boto3.client(one)",
}


def measure() -> tuple[list[Table], list[Goal]]:
    """The tables of first requests and sizes, and the goals."""
    with stand() as it, log_to_nowhere(), TemporaryDirectory() as folder:
        it.deployment.build()
        agent = Agent(it.call, it.customer())
        orders = Orders(agent, it.orders)
        events = _events(it, orders, agent.customer)
        ours = {name: Child(LAYER, name, event=events[name]) for name in FUNCTIONS}
        ours["edit_order_tags, a submit"] = Child(
            LAYER, "edit_order_tags", event=lambda: _submit(it, agent, orders.new("edit-order-tags"))
        )
        plain = Path(shutil.copytree(LAYER, f"{folder}/layer", ignore=shutil.ignore_patterns("__pycache__")))
        slow = {"lookup, without bytecode": Child(plain, "lookup", event=events["lookup"])}
        others = {name: Child(LAYER, code=code) for name, code in BARE.items()} | slow
        found = {name: _measured(it, child, MOST if name in ours else LEAST) for name, child in (others | ours).items()}
        warm = _warm_submit(it, agent, orders.new("edit-order-tags"))
    sizes, layer = _sizes()
    worst = max(ours, key=lambda name: found[name].ratio.median)
    ratio = found[worst].ratio
    what = f"first request ÷ the three imports and two clients, the worst: {worst}"
    return [_first_requests(found), _memory(found["lookup"].took, found["edit_order_tags"].took, warm), sizes], [
        Goal(what, round(ratio.median, 2), GOAL, "", ratio.spread, ratio.is_clear(GOAL)),
        Goal("layer, unzipped", layer, 20, " MB"),
    ]


class First(NamedTuple):
    """What a first request took: the medians of what the child printed, and the ratios of elapsed and CPU time to the
    floor's in the same turns."""

    took: dict[str, float]
    ratio: Ratio
    cpu: Ratio


def _measured(it: Stand, child: Child, most: int) -> First:
    """Start a child and the floor in turns."""
    floor = Child(LAYER, code=BARE[FLOOR])
    pair = in_turns(
        lambda: _first_request(it, child),
        lambda: _first_request(it, floor),
        lambda made: made.ratio(_whole).is_clear(GOAL),
        least=LEAST,
        most=most,
        warm_ups=1,
    )
    took = {what: median(one[what] for one in pair.ours) for what in pair.ours[0]}
    return First(took, pair.ratio(_whole), pair.ratio(lambda one: one["cpu"]))


def _whole(took: dict[str, float]) -> float:
    return took["whole"]


def _first_requests(found: dict[str, First]) -> Table:
    table = Table(
        "The first request in a new process",
        (
            "function", "import ms", "request ms", "together, ms", "CPU ms", "÷ the three and two clients", "quartiles",
            "turns", "CPU ratio", "modules", "memory, MB",
        ),
        intro="Elapsed time without Shopify's latency, after Python's own start. The request creates the clients, "
        "reads the parameters and asks the sandbox. Functions and layer are from `sam build`; boto3 is from "
        "elsewhere, as in Lambda. Each process is started in turns with one that only imports boto3, requests and "
        "pydantic and makes two clients.",
        notes=[
            "`sam build`'s own builder makes a layer without bytecode, which each new process in Lambda compiles "
            "again.",
            "botocore reads 150 calls of SSM and the endpoints of every service before its first call. Our clients "
            "only get the few calls that Orderdesk makes (`layers/orderdesk/cut_aws_models.py`). Powertools' event "
            "handler would import asyncio and every other kind of event, for two methods.",
            "SnapStart for Python: AWS's figures are cold starts from several seconds down to under one; it needs "
            "published versions, costs cache and restores, and forbids nothing here (nothing is read, opened or made "
            "random at import). Off: at 0.4 s it would save little, and a helpdesk's calls keep few processes warm.",
            "arm64: AWS publishes up to 34 % better price for performance and a fifth less per GB-second; choose it "
            "with `Architecture=arm64`.",
        ],
    )  # fmt: skip
    for name, (took, ratio, cpu) in found.items():
        table.rows.append((
            name, f"{took['import']:.0f}", f"{took['request']:.0f}", f"{took['whole']:.0f}", f"{took['cpu']:.0f}",
            f"{ratio.median:.2f}", ratio.spread, len(ratio.turns),
            f"{cpu.median:.2f}", f"{took['modules']:.0f}", f"{took['memory']:.0f}",
        ))  # fmt: skip
    return table


def _events(it: Stand, orders: Orders, customer: str) -> dict[str, Callable[[], dict[str, Any]]]:
    """One request for each function, the one that does most work at a start: an action's form."""
    events = {
        "lookup": it.event("POST", "", {"lookupLevel": "DETAILED", "query": {"externalCustomerId": customer}}),
        "timeline": it.event("GET", f"/timeline?customer={customer}", None),
        "find_open_operations": {},
        "reconcile_operations": message_event('{"index": "open_by_shard", "name": "0"}'),
    }
    for slug, of_order in ACTIONS.items():
        about = f"order={orders.new(slug)}" if of_order else f"customer={customer}"
        events[slug.replace("-", "_")] = it.event("GET", f"/actions/{slug}?{about}", None)
    return {name: lambda event=event: event for name, event in events.items()}  # type: ignore[misc]


def _submit(it: Stand, agent: Agent, order: str) -> dict[str, Any]:
    """The submit of a form that was just opened."""
    return it.event("POST", agent.form("edit-order-tags", order), agent.values("edit-order-tags"))


def _warm_submit(it: Stand, agent: Agent, order: str) -> float:
    """Milliseconds of CPU time of a submit in a warm process."""
    took = []
    for _ in range(30):
        agent.submit("edit-order-tags", agent.form("edit-order-tags", order))
        took.append(it.took.cpu)
    return median(took)


def _memory(lookup: dict[str, float], form: dict[str, float], submit: float) -> Table:
    """What a function's memory changes, by AWS's published vCPU shares and prices."""
    table = Table(
        "What memory would change",
        (
            "MB", "share of a vCPU", "first lookup, ms", "first form, ms", "a submit's own time, ms",
            "a million submits, USD",
        ),
        intro="Calculated from the table above and from AWS's published figures: 1,769 MB is one full vCPU, and less "
        "memory is proportionally less; imports run in the init phase, at full speed with any memory; "
        f"0.0000166667 USD a GB-second. Tags: two round trips of {LATENCY * 1000:.0f} ms and {submit:.0f} ms of "
        "CPU time.",
        notes=[
            f"The template's default is {WHOLE} MB: less memory would save less on a million submits than their "
            "agents' waiting costs.",
        ],
    )  # fmt: skip
    for size in (512, 1024, WHOLE):
        share = size / WHOLE
        seconds = 2 * LATENCY + submit / share / 1000
        table.rows.append((
            f"{size:,}", f"{share:.2f}", f"{lookup['import'] + lookup['request'] / share:.0f}",
            f"{form['import'] + form['request'] / share:.0f}", f"{submit / share:.0f}",
            f"{seconds * size / 1024 * GB_SECOND * 1e6:.2f}",
        ))  # fmt: skip
    return table


def _first_request(it: Stand, child: Child) -> dict[str, float]:
    path = f"{ROOT / BUILT}/LookupFunction:{child.layer}"
    # Lambda cannot write where it reads code from either.
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"} | it.environment()
    command = [sys.executable, str(Path(__file__).with_name("first_request.py")), child.function, child.code]
    said = json.dumps(child.event() if child.event else None)
    done = subprocess.run(command, env=environment, input=said, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _sizes() -> tuple[Table, float]:
    """Unzipped sizes of what `sam build` made, and of the layer, in MB."""
    parts = sorted(((_megabytes(path), path.name) for path in LAYER.iterdir()), reverse=True)
    whole = round(sum(size for size, _ in parts), 1)
    functions = _megabytes(ROOT / BUILT / "LookupFunction")
    rows = [("functions, together", f"{functions:.2f}"), ("layer", f"{whole:.1f}")]
    rows += [(f"– {name}", f"{size:.1f}") for size, name in parts[:6]]
    return Table("Unzipped sizes, MB", ("", "MB"), rows), whole


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files) / 1e6


if __name__ == "__main__":
    for one in measure()[0]:
        print(one.markdown(), "\n")
