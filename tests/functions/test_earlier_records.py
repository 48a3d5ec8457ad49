"""Operations written by earlier versions are reconciled: one of every shape that ever existed.

`records/operations.json` only grows: when operations get a new shape, the last test says what to add.
"""

import json
from pathlib import Path

import pytest

from local.examples import EXAMPLES
from local.in_process import TOKEN
from local.sandbox import Fault
from orderdesk import tables
from orderdesk.actions import ACTIONS
from orderdesk.operations import model
from tests.faults.acting import OF_ORDERS, SUBMITS, opened

FILE = Path(__file__).parent / "records/operations.json"
KEPT = json.loads(FILE.read_text("utf-8"))
ORDER = "#1017"
#: What an operation says, by its name of today and by that of earlier versions.
INSIDE = {"shown": "facts", "details": "draft"}


def shape(item):
    """Which attributes an operation has, and which names are in what was shown and in its details."""
    inside = [sorted(json.loads(item.get(new, item.get(old, "{}")))) for new, old in INSIDE.items()]
    return [item["action"], sorted(item), *inside]


#: What makes an operation keep more: limits that it counts in, an agent that the helpdesk vouches for, and the
#: customer's id in the helpdesk.
LIMITS = {
    f"actions/{action.name}/{name}": "1000" for action in ACTIONS if action.gives_away for name in ("per_hour", "limit")
}
VOUCHED = {"Authorization": f"Bearer {TOKEN}", "X-Agent-Id": "ann"}
PROFILE = "&profile=o2sg-TMTSD2rTwMuxzewbA"


def lost(desk, action, *, limited=False):
    """An operation that Shopify carried out but did not answer; returns its `actionUrl`. `limited`: with limits, an
    agent that the helpdesk vouches for, and the customer's id there."""
    if limited:
        desk.set(limits=json.dumps(LIMITS))
    EXAMPLES[action].fit(desk.store.order(ORDER))
    about = f"order={desk.store.order(ORDER).number}"
    if action == "create-discount-code":
        about = f"customer={desk.linked(ORDER)}"
    url = desk.send("GET", f"/actions/{action}?{about}{PROFILE if limited else ''}").body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"), Fault("no_answer", "Cancellation", seconds=0))
    answer = desk.send("POST", url, SUBMITS[action], headers=VOUCHED if limited else None)
    assert answer.body["errors"][0]["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()
    return url


def as_written_then(now, then):
    """A current operation in the shape of an earlier record: current values under the earlier names."""
    today = {old: now[new] for new, old in model._EARLIER.items() if new in now} | now
    item = {name: today.get(name, value) for name, value in then.items()}
    for new, old in INSIDE.items():
        name = new if new in then else old
        were = json.loads(then.get(name, "{}"))
        item[name] = json.dumps({key: json.loads(now[new]).get(key, value) for key, value in were.items()})
    return item


@pytest.mark.parametrize("then", KEPT, ids=[f"{place}-{item['action']}" for place, item in enumerate(KEPT)])
def test_operation_of_an_earlier_shape_is_reconciled(hurried, then):
    desk, action = hurried, then["action"].replace("_", "-")
    url = lost(desk, action)
    item = as_written_then(desk.operation(url), then)
    desk.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(item))
    assert desk.reconcile() == {"ended": 1, "waiting": 0}
    assert desk.operation(url)["state"] == "SUCCEEDED"
    again = desk.send("POST", url, SUBMITS[action])
    assert again.status == 200, again.body


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("action", SUBMITS)
def test_current_shape_is_among_the_kept_records(hurried, action, limited):
    item = hurried.operation(lost(hurried, action, limited=limited))
    kept = [shape(one) for one in KEPT]
    assert shape(item) in kept, "add it to records/operations.json by python -m tests.functions.record_shapes"


@pytest.mark.parametrize("action", SUBMITS)
def test_form_of_an_earlier_version_stays_good_after_a_submit_that_did_nothing(hurried, action):
    desk = hurried
    url = opened(desk, action)
    now = desk.operation(url)
    then = {name: value for name, value in now.items() if name not in model._EARLIER}
    then |= {old: now[new] for new, old in model._EARLIER.items() if new in now} | {"state": "OFFERED"}
    desk.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(then))
    desk.sandbox.faults.put(Fault("refused"))
    first = desk.send("POST", url, SUBMITS[action])
    desk.sandbox.faults.clear()
    again = desk.send("POST", url, SUBMITS[action])
    if action in OF_ORDERS:
        assert (first.status, again.status) == (400, 200)
    else:
        # Nothing is read before the mutation, so the operation was sent when Shopify could not be reached.
        assert (first.status, again.status) == (406, 406)
