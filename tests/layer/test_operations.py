"""Any outcome can be stored."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderdesk.errors import TEXT_AT_MOST, Refused
from orderdesk.operations import (
    CREATED,
    REFUSED,
    SENT,
    SUCCEEDED,
    UNDER_WAY,
    UNKNOWN,
    WAITING,
    Agent,
    Operation,
    Outcome,
    Subject,
)
from orderdesk.operations.create import ROOM, with_room
from orderdesk.operations.model import TRANSITIONS, iso, json_of, now
from orderdesk.worth import NOTHING, Worth

ITEM = 400_000
EMOJI = "\U0001f60a"


@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.text(alphabet=st.sampled_from(["a", "é", EMOJI, "\\", "\n", "\ud800"]), min_size=1, max_size=30))
def test_outcome_of_any_length_can_be_stored(text):
    outcome = Outcome(SUCCEEDED, text * 3000, text * 3000, {}).bounded()
    assert len(outcome.message) <= TEXT_AT_MOST and len(outcome.detail) <= TEXT_AT_MOST
    reply = json_of(outcome.reply().body)
    assert 2 * len(reply.encode()) < ITEM - 2 * ROOM


def test_too_large_operation_is_refused():
    with pytest.raises(Refused) as refused:
        with_room({"note": EMOJI * ROOM})
    assert refused.value.code == "too_large"


STATES = sorted({state for pairs in TRANSITIONS.values() for pair in pairs for state in pair if state})
#: What each step of a claimed operation is given, and the state that it leads to.
STEPS = {
    "send": (lambda operation: operation.send(NOTHING), SENT),
    "wait": (lambda operation: operation.wait(Worth(Decimal(1), "USD")), WAITING),
    "release": (lambda operation: operation.release(), CREATED),
    "mark_unknown": (lambda operation: operation.mark_unknown(), UNKNOWN),
    "mark_under_way": (lambda operation: operation.mark_under_way(Outcome(UNDER_WAY, "m", "d", {})), UNKNOWN),
    "fail": (lambda operation: operation.fail(Refused("m")), REFUSED),
    "complete": (lambda operation: operation.complete(Outcome(SUCCEEDED, "m", "d", {})), SUCCEEDED),
    "leave_to_a_person": (
        lambda operation: operation.leave_to_a_person(Outcome(UNKNOWN, "m", "d", {}), keep_locked=False), UNKNOWN,
    ),
}  # fmt: skip


def test_every_step_is_drawn():
    assert {"create", "claim", "approve", *STEPS} == set(TRANSITIONS)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", STEPS)
def test_step_that_is_not_drawn_is_not_taken(desk, step, state):
    take, after = STEPS[step]
    subject = Subject("main", "edit_order_tags", "7", "8", "#1001", "demo.myshopify.com")
    operation = Operation("an-operation", subject, Agent(), {}, 1, "a-claim", state=state, checked=True)
    operation.sent_at = iso(now())
    if (state, after) in TRANSITIONS[step]:
        # No such operation is stored, so its condition lets nothing be written; a sending says so.
        with contextlib.suppress(Refused):
            take(operation)
        assert operation.state == state
    else:
        with pytest.raises(RuntimeError, match=f"{step} does not lead from {state} to {after}"):
            take(operation)
