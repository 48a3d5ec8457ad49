"""A function's first request in a fresh process: imports, clients, the request itself; memory; and sizes on disk."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from local.demo.deployment import BUILT, ROOT

from .report import Goal, Table
from .stand import Stand, log_to_nowhere, stand

#: One child after the other; the medians of so many.
ROUNDS = 9
FUNCTIONS = (
    "lookup", "timeline", "cancel_order", "refund_order", "create_discount_code",
    "edit_order_tags", "edit_order_notes", "settle_operations",
)  # fmt: skip


class Child(NamedTuple):
    """A process to be started: with which layer, and a function with its event, or code in its place."""

    layer: Path
    function: str = ""
    code: str = ""
    event: dict[str, Any] | None = None


LAYER = ROOT / BUILT / "OrderdeskLayer/python"

#: What a process that has nothing of ours in it does.
BARE = {
    "an empty handler": "",
    "import boto3, requests, pydantic": "import boto3, requests, pydantic",
    "… and two clients": "import boto3, requests, pydantic\nfor one in ('ssm', 'dynamodb'): boto3.client(one)",
}


def measure() -> tuple[list[Table], list[Goal]]:
    """The tables of first requests and of sizes, and what they were to reach."""
    with stand() as it, log_to_nowhere(), TemporaryDirectory() as folder:
        it.deployment.build()
        events = _events(it)
        bare = {name: Child(LAYER, code=code) for name, code in BARE.items()}
        ours = {name: Child(LAYER, name, event=events[name]) for name in FUNCTIONS}
        plain = Path(shutil.copytree(LAYER, f"{folder}/layer", ignore=shutil.ignore_patterns("__pycache__")))
        uncompiled = {"lookup, without bytecode": Child(plain, "lookup", event=events["lookup"])}
        found = _medians(it, bare | ours | uncompiled)
    floor = found["… and two clients"]["whole"]
    table = Table(
        "The first request in a fresh process",
        ("function", "import ms", "request ms", "together, ms", "CPU ms", "÷ the three and two clients", "memory, MB"),
        intro="By the clock, without Shopify's latency, from the first line after Python's own start; the request "
        "makes the clients, reads the parameters and asks the sandbox. Functions and layer are what `sam build` makes, "
        "boto3 is from elsewhere, as in Lambda.",
        notes=[
            "`sam build`'s own way leaves a layer without bytecode; each new process in Lambda compiles it again.",
            "What an action has beyond the floor: Powertools' event handler and log (about 40 ms here), pydantic's "
            "models (25), our own modules (20), the first request itself (15). Clients and parameters are the floor's "
            "own.",
            "In Lambda, imports run in the init phase, at full speed whatever the memory setting; the request's part "
            "runs at the setting's share of a processor (1,769 MB make a whole one).",
            "SnapStart for Python: AWS's figures are cold starts from several seconds down to under one; it needs "
            "published versions, costs cache and restores, and forbids nothing here (nothing is read, opened or made "
            "random at import). Off: at 0.4 s it would save little, and a helpdesk's calls keep few processes warm.",
            "arm64: AWS publishes up to 34 % better price for performance and a fifth less a GB-second; choose "
            "`Architecture=arm64` where the layer is built on such a machine.",
        ],
    )
    for name, took in found.items():
        table.rows.append((
            name, f"{took['import']:.0f}", f"{took['request']:.0f}", f"{took['whole']:.0f}", f"{took['cpu']:.0f}",
            f"{took['whole'] / floor:.2f}", f"{took['memory']:.0f}",
        ))  # fmt: skip
    sizes, layer = _sizes()
    worst = max(found[name]["whole"] for name in FUNCTIONS) / floor
    return [table, sizes], [
        Goal("first request ÷ the three imports and two clients, the worst", round(worst, 2), 1.3),
        Goal("layer, unzipped", layer, 20, " MB"),
    ]


def _events(it: Stand) -> dict[str, dict[str, Any]]:
    """One request for each function that does the most at a start: for an action its form."""
    order, customer = it.orders(1)[0], it.customer()
    events = {
        "lookup": it.event("POST", "", {"lookupLevel": "DETAILED", "query": {"externalCustomerId": customer}}),
        "timeline": it.event("GET", f"/timeline?customer={customer}", None),
        "create_discount_code": it.event("GET", f"/actions/create-discount-code?customer={customer}", None),
        "settle_operations": {},
    }
    for name in FUNCTIONS:
        if name not in events:
            events[name] = it.event("GET", f"/actions/{name.replace('_', '-')}?order={order}", None)
    return events


def _medians(it: Stand, children: dict[str, Child]) -> dict[str, dict[str, float]]:
    """The medians of what each child prints: fresh processes by turns, so that what the machine does meets all."""
    took: dict[str, list[dict[str, float]]] = {name: [] for name in children}
    for _ in range(ROUNDS + 1):
        for name, child in children.items():
            took[name].append(_first_request(it, child))
    return {name: {what: median(one[what] for one in ones[1:]) for what in ones[0]} for name, ones in took.items()}


def _first_request(it: Stand, child: Child) -> dict[str, float]:
    path = f"{ROOT / BUILT}/LookupFunction:{child.layer}"
    # Lambda cannot write where it reads code from either.
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"} | it.environment()
    command = [sys.executable, str(Path(__file__).with_name("first_request.py")), child.function, child.code]
    said = json.dumps(child.event)
    done = subprocess.run(command, env=environment, input=said, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _sizes() -> tuple[Table, float]:
    """Unzipped sizes of what `sam build` made, and the layer's in MB."""
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
