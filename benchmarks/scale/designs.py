"""The two designs that are compared: one partition and one process, and shards with workers as the code has them now.

What is a constant or a parameter of the template is read from there.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from local import template
from orderdesk import config
from orderdesk.operations import shards
from orderdesk.operations.operation import CHECK_AFTER_SILENCE
from reconcile_operations.action import TO_END

from .measured import FILE, Step

BEFORE = Path(__file__).with_name("before.json")


class Design(NamedTuple):
    """A version of Orderdesk, and the parameters that it is deployed with.

    `jobs`: the steps of each job. `index`: the index of open operations. `shards`: how many values its key has, and
    over how many a store's operations are `spread`. `workers`: how many functions reconcile at once. `at_most`: how
    many operations one of them looks at in a run; 0: as many as it has time for. `seconds`: how long a run may begin
    new looks. `patience`: for so many seconds a call is made again that SSM doesn't allow.
    """

    name: str
    jobs: dict[str, list[Step]]
    index: str
    shards: int
    spread: int
    workers: int
    at_most: int
    seconds: float
    check_after_silence: float
    patience: float


def before() -> Design:
    """Version 0.1.0: one key of the index, one process of up to 500 operations a minute."""
    return Design(
        name="before",
        jobs=_read(BEFORE),
        index="OperationsTable/open_operations",
        shards=1,
        spread=1,
        workers=1,
        at_most=500,
        seconds=22,
        check_after_silence=0,
        patience=0,
    )


def parameter(name: str) -> int:
    """The default of a parameter of the template."""
    return int(template.default(name))


def after() -> Design:
    """The code as it is, deployed with the template's parameters."""
    return Design(
        name="after",
        jobs=_read(FILE),
        index=f"OperationsTable/{shards.INDEX}",
        shards=parameter("OperationShards"),
        spread=shards.SPREAD,
        workers=parameter("ReconcileConcurrency"),
        at_most=0,
        seconds=template.template()["Globals"]["Function"]["Timeout"] - TO_END,
        check_after_silence=CHECK_AFTER_SILENCE.total_seconds(),
        patience=config._PATIENCE,
    )


def _read(file: Path) -> dict[str, list[Step]]:
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


__all__ = ["FILE", "Design", "after", "before", "parameter"]
