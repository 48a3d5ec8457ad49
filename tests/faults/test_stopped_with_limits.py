"""Stop the process at each call of each action that gives something away, with limits set: afterwards, the numbers are
what was given away, and no call is made that is not made without limits."""

import json
from decimal import Decimal

import pytest

from local.examples import EXAMPLES
from orderdesk.actions import ACTIONS
from tests.faults.acting import opened, reconciled, submit
from tests.faults.calls import Calls, Stopped
from tests.faults.test_stop_anywhere import CALLS, started
from tests.faults.truth import check, entries, operations
from tests.functions.test_limits import limits_of, numbers

GIVING = [action for action in ACTIONS if action.gives_away]
POINTS = [(action, number) for action in GIVING for number in range(CALLS[action.slug])]


def given_away(desk):
    """How many submits gave something away, or may have done so, and how much in all, by the records."""
    amounts = [Decimal(entry["amount"]) for entry in entries(desk) if Decimal(entry.get("amount", 0))]
    unknown = [json.loads(one["details"]) for one in operations(desk) if one["state"] == "UNKNOWN"]
    amounts += [Decimal(details["amount"]) for details in unknown]
    return {"submits": len(amounts), "amount": sum(amounts)}


def counted(desk):
    """The same by the numbers of the limits."""
    times = [n for key, n in numbers(desk).items() if key.endswith("/submits")]
    amounts = [n for key, n in numbers(desk).items() if not key.endswith("/submits")]
    return {"submits": sum(times), "amount": sum(amounts)}


@pytest.mark.parametrize("action", GIVING, ids=lambda action: action.name)
def test_submit_with_limits_makes_the_same_calls(hurried, action):
    hurried.set(limits=limits_of(action, limit="500", per_hour="50", per_day_amount="5000"))
    url = started(hurried, action.slug)
    calls = Calls(hurried)
    calls.stop_at(-1, "never")
    assert submit(hurried, action.slug, url).status == 200
    assert len([name for name in calls.made if name]) == EXAMPLES[action.slug].calls, calls.made
    assert counted(hurried) == given_away(hurried)
    check(hurried)


@pytest.mark.parametrize("resend", [True, False])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("action", "number"), POINTS, ids=lambda one: getattr(one, "name", one))
def test_process_stopped_at_a_call_leaves_true_numbers(hurried, action, number, when, resend):
    desk = hurried
    desk.set(limits=limits_of(action, limit="500", per_hour="50", per_day_amount="5000"))
    url = started(desk, action.slug)
    calls = Calls(desk)
    calls.stop_at(number, when)
    with pytest.raises(Stopped):
        submit(desk, action.slug, url)
    calls.go_on()
    if resend:
        submit(desk, action.slug, url)
    if other := opened(desk, action.slug):
        submit(desk, action.slug, other)
    reconciled(desk)
    assert counted(desk) == given_away(desk)
    check(desk)
