"""What each job reads, writes and sends, step by step: measured with the real handlers, in one process, and kept in
`measured.json`. `before.json` has the same of version 0.1.0, when all open operations were in one partition.

`python -m benchmarks.scale.measured` writes the file again; a test compares it with what the code does now.
"""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from local.examples import EXAMPLES
from local.in_process import ENVIRONMENT, Desk, deployment
from local.sandbox import Fault
from local.sandbox.cases import paid_orders
from orderdesk import config

from ..jobs import ACTIONS, Agent
from ..stand import log_to_nowhere
from .units import traced

FILE = Path(__file__).with_name("measured.json")

#: A look at an open operation: so long after it was sent that whose the order is is asked again.
_LATER = timedelta(minutes=10)


#: A call: `{"ssm": "GetParameters"}`, `{"shopify": [points asked, points taken]}`, or one to DynamoDB (`units.traced`).
Step = dict[str, Any]


def measure() -> dict[str, list[Step]]:
    """The steps of each job, in order, in a process that has no parameters kept yet."""
    with patch.dict(os.environ, ENVIRONMENT), log_to_nowhere():
        return _requests() | _looks()


def _requests() -> dict[str, list[Step]]:
    """What agents ask for."""
    found: dict[str, list[Step]] = {}
    with deployment() as desk:
        customer = paid_orders(desk.store, 12)[-1].customer.id.rpartition("/")[2]
        agent = _agent(desk, customer)
        found["auto-link"] = _job(desk, agent.auto_link)
        found["profile"] = _job(desk, agent.profile)
        for action in ACTIONS:
            order = _order(desk, action)
            found[f"{action}: form"] = _job(desk, partial(agent.form, action, order))
            url = agent.form(action, _order(desk, action))
            found[f"{action}: submit"] = _job(desk, partial(agent.submit, action, url))
        found["timeline"] = _job(desk, agent.timeline)
    return found


def _looks() -> dict[str, list[Step]]:
    """What it costs to find out how an operation ended whose answer was lost, by action; and a run with nothing due."""
    found: dict[str, list[Step]] = {}
    for action in ACTIONS:
        with deployment() as desk:
            agent = _agent(desk, paid_orders(desk.store, 1)[-1].customer.id.rpartition("/")[2])
            url = agent.form(action, _order(desk, action))
            desk.sandbox.faults.put(Fault("reset_after", "mutations"), Fault("reset_before", "Cancellation"))
            desk.send("POST", url, agent.values(action), seconds=4)
            desk.sandbox.faults.clear()
            found[f"{action}: look"] = _job(desk, partial(desk.reconcile, later=_LATER))
            found["nothing due"] = _job(desk, desk.reconcile)
    return found


def _job(desk: Desk, do: Callable[[], Any]) -> list[Step]:
    config.parameters.cache_clear()
    steps: list[Step] = []

    def note_ssm(model: Any, **_: Any) -> None:
        steps.append({"ssm": model.name})

    real, earlier = desk.sandbox.handle, len(desk.sandbox.received)

    def handle(*request: Any) -> Any:
        steps.append({"shopify": []})
        return real(*request)

    ssm = config.ssm().meta.events
    ssm.register("before-parameter-build.ssm", note_ssm)
    desk.sandbox.handle = handle  # type: ignore[method-assign]
    try:
        with traced(steps):
            do()
    finally:
        desk.sandbox.handle = real  # type: ignore[method-assign]
        ssm.unregister("before-parameter-build.ssm", note_ssm)
    asked = [step for step in steps if "shopify" in step]
    for step, request in zip(asked, desk.sandbox.received[earlier:], strict=True):
        cost = request.answer["extensions"]["cost"]
        step["shopify"] = [cost["requestedQueryCost"], cost["actualQueryCost"]]
    return steps


def _agent(desk: Desk, customer: str) -> Agent:
    def send(method: str, url: str, body: Any) -> tuple[int, dict[str, Any]]:
        answer = desk.send(method, url, body)
        return answer.status, answer.body

    return Agent(send, customer)


def _order(desk: Desk, action: str) -> str:
    """The number of a new order that the action is offered on; "" if it is about a customer."""
    if not ACTIONS[action]:
        return ""
    [order] = paid_orders(desk.store, 1)
    EXAMPLES[action].fit(order)
    return order.number


def main() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(measure(), indent=1) + "\n", "utf-8")
    print(f"Written: {FILE}")


if __name__ == "__main__":
    main()
