"""What each job asks of Shopify, DynamoDB and SSM: by Orderdesk, by PyPI's ShopifyAPI, and the fewest possible calls.

In one process: the functions, the sandbox Shopify, moto. Nothing here depends on the machine.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest.mock import patch

from local.examples import EXAMPLES
from local.in_process import ENVIRONMENT, Desk, deployment
from local.sandbox.cases import paid_orders
from orderdesk.ids import gid

from . import floor, shopify_api
from .jobs import ACTIONS, Agent
from .report import Goal, Table
from .stand import log_to_nowhere
from .watching import Asked, watched, watched_aws


def measure() -> tuple[list[Table], list[Goal]]:
    """The tables of round trips and of AWS calls, and the goals."""
    ours, theirs = _ours(), shopify_api.measure(watched)
    shopify = Table(
        "Shopify: round trips, kilobytes (there + back), points requested (taken)",
        ("job", "ours", "kB", "points", "ShopifyAPI", "kB", "points", "fewest", "why no fewer"),
        intro="A customer with more than ten orders, each paid by a gift card and a card. One poll of a cancellation "
        "is counted, as for a job that ends at once.",
    )
    for job, asked in ours.items():
        least = floor.FEWEST[job]
        other = theirs[job].shown() if job in theirs else ("–", "–", "–")
        shopify.rows.append((job, *asked.shown(), *other, least.trips, least.why))
    shopify.notes = [
        *shopify_api.NOTES,
        "Orderdesk reads the order again at submit, since the switch, the money or the note may have changed since the "
        "form was opened. The ShopifyAPI version only reads what its next call needs.",
    ]
    least = floor.profile()
    goals = [Goal(f"round trips: {job}", asked.trips, floor.GOALS[job]) for job, asked in ours.items()]
    goals.append(Goal("points of the profile ÷ the least", least.ratio, 1.2))
    return [shopify, least.table(), _aws(ours)], goals


def _ours() -> dict[str, Asked]:
    """Each of our jobs, warm: the parameters have been read, as in any process but a new one."""
    found: dict[str, Asked] = {}
    with patch.dict(os.environ, ENVIRONMENT), log_to_nowhere(), deployment() as desk:
        *_, to_refund, to_cancel, order = paid_orders(desk.store, 10)
        # A cancelled or refunded order has nothing left for another action.
        own = {"cancel-order": to_cancel, "refund-items": to_refund}
        agent = Agent(_sender(desk), order.customer.id.rpartition("/")[2])
        agent.auto_link(), agent.profile(), agent.timeline()
        found["auto-link"] = _job(desk, agent.auto_link)
        found["profile"] = _job(desk, agent.profile)
        for action, of_order in ACTIONS.items():
            about = own.get(action, order).id.rpartition("/")[2] if of_order else ""
            if of_order:
                EXAMPLES[action].fit(desk.store.order(gid("Order", about)))
            form = partial(agent.form, action, about)
            form()
            found[f"{action}: form"] = _job(desk, form)
            found[f"{action}: submit"] = _job(desk, partial(agent.submit, action, form()))
        found["timeline"] = _job(desk, agent.timeline)
        desk.reconcile()
        found["reconcile, nothing open"] = _job(desk, desk.reconcile)
    return found


def _sender(desk: Desk) -> Callable[[str, str, Any], tuple[int, dict[str, Any]]]:
    def send(method: str, url: str, body: Any) -> tuple[int, dict[str, Any]]:
        answer = desk.send(method, url, body)
        return answer.status, answer.body

    return send


def _job(desk: Desk, do: Callable[[], Any]) -> Asked:
    with watched(desk.sandbox) as asked, watched_aws() as calls:
        do()
    asked.calls = calls
    return asked


_WRITES = ("Put", "Update", "Delete")


def _aws(ours: dict[str, Asked]) -> Table:
    """Calls and DynamoDB units by AWS's rules: an item in a transaction costs two units, an index one more."""
    table = Table(
        "DynamoDB and SSM: calls and units of each job",
        ("job", "SSM", "DynamoDB", "read units", "write units", "which"),
        intro="Units for items of at most 1 kB (operations and entries are 0.5 to 1 kB; a note's operation grows with "
        "its note). A warm process reads SSM at each submit, and otherwise every 30 s.",
    )
    for job, asked in ours.items():
        names = [name for name, _ in asked.calls]
        ssm = [name for name in names if name.startswith("GetParameter")]
        dynamodb = [call for call in asked.calls if call[0] not in ssm]
        reads = sum(_read_units(*call) for call in dynamodb)
        writes = sum(_write_units(*call) for call in dynamodb)
        which = ", ".join(name for name, _ in dynamodb) or "–"
        table.rows.append((job, len(ssm), len(dynamodb), f"{reads:g}", writes, which))
    return table


def _read_units(name: str, params: dict[str, Any]) -> float:
    if name not in ("GetItem", "Query"):
        return 0
    return 1 if params.get("ConsistentRead") else 0.5


def _write_units(name: str, params: dict[str, Any]) -> int:
    if name == "PutItem":
        return 1
    if name == "UpdateItem":
        return 1 + _of_indexes({"Update": params})
    if name != "TransactWriteItems":
        return 0
    return sum(2 + _of_indexes(write) for write in params["TransactItems"])


def _of_indexes(write: dict[str, Any]) -> int:
    """An entry is in the indexes by order and by conversation. An operation is added to the index of open operations by
    its claim, to that of its customer when it is sent, and leaves both at its end (`local.table_writes` counts it)."""
    [(kind, item)] = write.items()
    values = item.get("ExpressionAttributeValues", {})
    if kind == "Put":
        return sum(name in item["Item"] for name in ("order_key", "conversation_key"))
    if ":put_state" in values:
        return 1 if values[":put_state"]["S"] in ("PENDING", "SENT") else 2
    return 0


if __name__ == "__main__":
    for one in measure()[0]:
        print(one.markdown(), "\n")
