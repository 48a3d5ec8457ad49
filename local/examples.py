"""An example of each action for tests and benchmarks, from its file in `events/` and its documents."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from local.sandbox.order_parts import FITTING
from local.sandbox.orders import Order
from orderdesk.actions import ACTIONS, Action

ROOT = Path(__file__).parents[1]
EVENTS, FUNCTIONS = ROOT / "events", ROOT / "functions"

_OPERATION = re.compile(r"^(query|mutation) (\w+)", re.MULTILINE)


class Example(NamedTuple):
    """`written`: what an agent enters, with `{n}` where each submit must differ. `reads`, `changes`: the names of the
    documents for the form and for the submit. `calls`: how many calls a submit makes, to AWS and Shopify together.
    `referenced`: Shopify keeps the operation's reference. `order`: what makes an order one that the action is offered
    on (a name of `order_parts.FITTING`); "" if a paid, unfulfilled order is one."""

    action: Action
    written: dict[str, Any]
    reads: str
    changes: str
    calls: int
    referenced: bool
    order: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """What an agent enters."""
        return self._filled("")

    def numbered(self, number: int) -> dict[str, Any]:
        """What an agent enters, different for each number."""
        return self._filled(str(number))

    def fit(self, order: Order) -> None:
        """Make an order of the sandbox one that the action is offered on."""
        if self.order:
            FITTING[self.order](order)

    def _filled(self, number: str) -> dict[str, Any]:
        return {k: v.replace("{n}", number) if isinstance(v, str) else v for k, v in self.written.items()}


def of(action: Action) -> Example:
    """The example of an action. Raises FileNotFoundError, KeyError or ValueError if there is none."""
    example = json.loads((EVENTS / f"{action.name}.json").read_text("utf-8"))["example"]
    named = [_OPERATION.findall(path.read_text("utf-8")) for path in (FUNCTIONS / action.name).glob("*.graphql")]
    [changes] = [name for found in named for kind, name in found if kind == "mutation"]
    [(_, reads)] = _OPERATION.findall((FUNCTIONS / action.name / "facts.graphql").read_text("utf-8"))
    return Example(
        action, example["values"], reads, changes, example["calls"], example["referenced"], example.get("order", "")
    )


#: Examples by the action's name in an address: `refund-order`.
EXAMPLES = {action.slug: of(action) for action in ACTIONS}
