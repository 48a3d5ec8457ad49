"""`python -m benchmarks`: run all parts and write docs/benchmarks.md; `python -m benchmarks start` runs one part and
prints it.

Everything runs on this machine: the functions, the sandbox Shopify with a simulated latency, and a local AWS.
"""

import argparse
import os
import platform
import sys
from importlib import import_module
from pathlib import Path

from .report import FILE, Goal, Table, document

#: A module of this package for each part, and its heading.
PARTS = {
    "round_trips": "Calls for each job",
    "own_time": "Our own time",
    "start": "Start",
    "load": "Under load",
    "growth": "Growth with history",
    "scale": "Ten thousand agents",
    "project": "The project itself",
}


def machine() -> str:
    """The machine in words."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    gigabytes = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    kind = models[0] if models else platform.machine()
    system = f"{platform.system()}, CPython {platform.python_version()}"
    return f"{os.cpu_count()} processors ({kind}), {gigabytes} GB of memory, {system}; servers and load run on it, too."


def main() -> int:
    """Measure. Returns 1 if a goal was not reached."""
    options = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    options.add_argument("parts", nargs="*", choices=[*PARTS, []], help="only these parts, printed to the screen")
    given = options.parse_args()
    sections: list[tuple[str, list[Table]]] = []
    goals: list[Goal] = []
    for part in given.parts or PARTS:
        print(f"measuring: {PARTS[part].lower()}", file=sys.stderr, flush=True)
        tables, reached = import_module(f"{__package__}.{part}").measure()
        sections.append((PARTS[part], tables))
        goals += reached
    text = document(machine(), sections, goals)
    if given.parts:
        print(text)
    else:
        FILE.write_text(text, "utf-8")
        print(f"Written: {FILE}", file=sys.stderr)
    missed = [goal for goal in goals if not goal.reached]
    for goal in missed:
        print(f"not reached: {goal.what}: {goal.found:g}{goal.unit}, at most {goal.most:g}{goal.unit}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
