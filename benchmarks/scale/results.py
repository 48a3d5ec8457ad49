"""What the scenarios gave, as tables and goals, and kept in `results.json` with what it was computed from.

The simulation takes a minute, so the documents are written from the file; a test compares what it was computed from
with what is now.
"""

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

from ..report import Goal, Table
from . import scenarios
from .demand import Demand
from .designs import BEFORE, FILE, Design, after, before
from .scenarios import Played
from .stores import AGENTS, MIX, STORES

KEPT = Path(__file__).with_name("results.json")

#: The goals: seconds until all open operations, and those of stores with fewer than 100, have ended after an outage;
#: and by how many seconds a broken store delays any other.
ALL, FEW, DELAY = 600, 120, 60

_SOURCES = ("deployment.py", "designs.py", "machine.py", "quotas.py", "reconciling.py", "scenarios.py", "stores.py")


def inputs() -> dict[str, Any]:
    """What the results depend on: the measured steps, the code's constants and parameters, and the simulation without
    its comments."""
    design = after()._replace(jobs={})
    folder = Path(__file__).parent
    texts = [_without_texts((folder / name).read_text("utf-8")) for name in _SOURCES]
    texts += [file.read_text("utf-8") for file in (FILE, BEFORE)]
    return {"design": list(design[2:]), "sha256": hashlib.sha256("".join(texts).encode()).hexdigest()}


def _without_texts(source: str) -> str:
    """A module's code, without comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return ast.dump(tree)


def play() -> dict[str, dict[str, float]]:
    """Play all scenarios with both designs: figures by design."""
    return {design.name: _figures(design) for design in (before(), after())}


def _figures(design: Design) -> dict[str, float]:
    """The figures of one design."""
    usual, sale = scenarios.usual(design), scenarios.sale(design)
    down, minute, flood = scenarios.shopify_down(design), scenarios.throttled(design), scenarios.flood(design)
    return {
        "index writes for each submit": Demand.of(design).submit[design.index],
        "usual: submits": usual.it.submits,
        "usual: submits without success": _without(usual),
        "usual: SSM calls/s": usual.own["ssm"],
        "usual: SSM calls for each submit": usual.it.ssm_calls / usual.it.submits,
        "usual: seconds of functions for each submit": sum(usual.it.seconds.values()) / usual.it.submits,
        "usual: invocations at once": usual.it.functions.at_once,
        "usual: write units/s in the operations table, peak": usual.it.dynamodb.peak("OperationsTable"),
        "usual: write units/s in the index, peak": usual.it.dynamodb.peak(design.index),
        "sale: submits": sale.it.submits,
        "sale: submits without success": _without(sale),
        "sale: lookups without Shopify": sale.it.lookups["without Shopify"],
        "sale: lookups": sum(sale.it.lookups.values()),
        "down: open": down.own["open"],
        "down: seconds to end all": down.own["all"],
        "down: seconds to end those of stores with fewer than 100": down.own["few"],
        "broken: delay by a revoked token": scenarios.delay(design, "revoked"),
        "broken: delay by a silent store": scenarios.delay(design, "silent"),
        "minute: submits without success": _without(minute),
        "minute: seconds until all have ended": minute.own["until"],
        "flood: submits": flood.it.submits,
        "flood: submits without success": _without(flood),
        "flood: throttled writes": sum(flood.it.dynamodb.throttled.values()),
    }


def _without(played: Played) -> int:
    """Submits that were refused although nothing was wrong with them."""
    return sum(count for how, count in played.it.ends.items() if how.startswith("refused"))


def write() -> dict[str, dict[str, float]]:
    """Play, and keep the results."""
    found = play()
    rounded = {name: {what: round(value, 2) for what, value in of.items()} for name, of in found.items()}
    KEPT.write_text(json.dumps({"inputs": inputs(), "results": rounded}, indent=1) + "\n", "utf-8")
    return rounded


def kept() -> dict[str, dict[str, float]]:
    """The results in the file."""
    found: dict[str, dict[str, float]] = json.loads(KEPT.read_text("utf-8"))["results"]
    return found


def table(found: dict[str, dict[str, float]]) -> Table:
    """Before and after, a row for each figure."""
    old, new = found["before"], found["after"]
    made = Table(
        f"{AGENTS:,} agents in {STORES:,} stores",
        ("", "before", "after"),
        intro=f"Simulated, with the seed {scenarios.SEED}. Before: version 0.1.0, one partition of the index and one "
        "process a minute. After: the code as it is, with the template's defaults, but the API's rate at 1,000 and "
        f"SSM's higher throughput. An agent submits 12 actions an hour; of a hundred: {_mix()}.",
    )
    made.rows += [(what, f"{old[what]:,.6g}", f"{new[what]:,.6g}") for what in new]
    return made


def goals(found: dict[str, dict[str, float]]) -> list[Goal]:
    """What the code as it is must reach."""
    new = found["after"]
    return [
        Goal("throttled writes at 1,000 submits a second", new["flood: throttled writes"], 0),
        Goal("seconds to end 36,000 open operations after an outage", round(new["down: seconds to end all"]), ALL),
        Goal(
            "seconds to end those of stores with fewer than 100",
            round(new["down: seconds to end those of stores with fewer than 100"]),
            FEW,
        ),
        Goal("seconds by which a store delays others: token revoked", new["broken: delay by a revoked token"], DELAY),
        Goal("seconds by which a store delays others: no answer", new["broken: delay by a silent store"], DELAY),
    ]


def _mix() -> str:
    return ", ".join(f"{share} {action}" for action, share in MIX.items())
