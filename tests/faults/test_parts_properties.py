"""Any mix of faults at the parts of an order that are held or released: what is told of each part is true, in the end,
and no hold of another app is touched."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from local.in_process import ENVIRONMENT, deployment
from local.sandbox import Fault
from local.sandbox.fulfillment_orders import OURS, FulfillmentOrder, Hold, Pieces
from local.sandbox.order_parts import FRAUD_GUARD, hold
from tests.clock import Clock
from tests.faults.truth import check, entries

ORDER = "#1047"
ACTIONS = {
    "hold-fulfillment": ("HoldFulfillment", {"reason": "OTHER", "note": "stop"}),
    "release-fulfillment": ("ReleaseFulfillment", {"note": ""}),
}
#: What happens to the request for a part. A hold whose answer is lost is sent once more.
FAULTS = {
    "done": None,
    "lost, not done": Fault("reset_before", times=1),
    "lost, done": Fault("reset_after", times=1),
    "no connection": Fault("refused", times=1),
    "no result, done": Fault("null", times=1),
    "error, done": Fault("internal", done=True, times=1),
}


def three_parts(desk):
    """The order in three parts, one of which another app holds as well."""
    order = desk.store.order(ORDER)
    first, second = order.lines
    places = [part.location for part in order.work]
    pieces = [([Pieces(first, 1)], places[0]), ([Pieces(first, 1)], places[1]), ([Pieces(second, 1)], places[1])]
    order.work = [FulfillmentOrder(held, place, order.created) for held, place in pieces]
    order.work[1].holds.append(Hold("OTHER", "theirs", "guard", FRAUD_GUARD))
    return order


def changed(order, action):
    """Whether each part is as the action wants it."""
    held = [any(one.app is OURS for one in part.holds) for part in order.fulfillment_orders()]
    return held if action == "hold-fulfillment" else [not one for one in held]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(list(ACTIONS)), st.lists(st.sampled_from(list(FAULTS)), min_size=6, max_size=6))
@example("release-fulfillment", ["done", "lost, done", "no connection", "done", "done", "done"])
@example("hold-fulfillment", ["lost, not done", "lost, not done", "done", "done", "done", "done"])
def test_outcome_of_each_part_is_told_truly(action, faults):
    with deployment() as desk, pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        Clock(desk.clock, patch)
        order = three_parts(desk)
        if action == "release-fulfillment":
            hold(order)
        document, values = ACTIONS[action]
        url = desk.form(action, ORDER).body["actionUrl"]
        desk.sandbox.faults.put(*_in_turns(document, faults))
        answer = desk.send("POST", url, values)
        desk.sandbox.faults.clear()
        for minutes in (2, 10, 10):
            desk.reconcile(later=timedelta(minutes=minutes))
        check(desk)
        [entry] = [one for one in entries(desk) if one["action"] == action.replace("-", "_")]
        done = changed(order, action)
        if answer.status == 200:
            assert all(done)
        assert (entry["outcome"] == "SUCCEEDED") == all(done), (entry, done)
        assert ("Only part" in entry["message"]) == (any(done) and not all(done)), (entry, done)
        assert [one.notes for part in order.work for one in part.holds if one.app is FRAUD_GUARD] == ["theirs"]
        assert all(sum(one.app is OURS for one in part.holds) <= 1 for part in order.work)


def _in_turns(document, names):
    """The faults, each after as many requests as its place says that met no earlier one."""
    chosen = [(place, FAULTS[name]) for place, name in enumerate(names) if FAULTS[name]]
    return [Fault(fault.kind, document, times=1, skip=place, done=fault.done) for place, fault in chosen]
