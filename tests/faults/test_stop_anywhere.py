"""Stop the process at each call of each action. Then the agent resends, a second agent tries, and the reconciler
runs."""

from datetime import timedelta

import pytest

from local.examples import EXAMPLES
from tests.faults.acting import MONEY, ORDER, SUBMITS, opened, reconciled, submit
from tests.faults.calls import Calls, Stopped
from tests.faults.truth import check, entries

#: How many calls a submit makes; the first test fails if that changes.
CALLS = {slug: example.calls for slug, example in EXAMPLES.items()}
POINTS = [(action, number) for action, calls in CALLS.items() for number in range(calls)]


def started(desk, action):
    desk.store.order(ORDER).tags = ["VIP"]
    # Done between the second poll and the third, even on a slow machine.
    desk.sandbox.mutations.job_seconds = 0.75
    return opened(desk, action)


@pytest.mark.parametrize("action", SUBMITS)
def test_submit_makes_the_expected_number_of_calls(hurried, action):
    url = started(hurried, action)
    calls = Calls(hurried)
    calls.stop_at(-1, "never")
    assert submit(hurried, action, url).status == 200
    names = [name for name in calls.made if name]
    assert names[0].startswith("ssm.")
    assert len(names) == CALLS[action], names
    check(hurried)


@pytest.mark.parametrize("resend", ["at once", "in two minutes", "later", "never"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("action", "number"), POINTS)
def test_process_stopped_at_a_call_loses_nothing(hurried, action, number, when, resend):
    desk, url = hurried, started(hurried, action)
    calls = Calls(desk)
    calls.stop_at(number, when)
    with pytest.raises(Stopped):
        submit(desk, action, url)
    calls.go_on()
    if resend == "in two minutes":
        desk.clock.shift(timedelta(minutes=2))
    if resend in ("at once", "in two minutes"):
        submit(desk, action, url)
    other = opened(desk, action)
    if other:
        submit(desk, action, other)
    if resend == "later":
        reconciled(desk)
    reconciled(desk)
    if resend != "never":
        again = submit(desk, action, url)
        # 400: the second agent has already done what this form asks for.
        assert again.status in (200, 406) or (again.status == 400 and other)
        reconciled(desk)
    check(desk)
    if other and action in MONEY:
        reconciled(desk)
        last = opened(desk, action)
        assert not last or submit(desk, action, last).status == 200
        assert desk.store.order(ORDER).refunded == 129
    assert entries(desk) or resend == "never"
    check(desk)
