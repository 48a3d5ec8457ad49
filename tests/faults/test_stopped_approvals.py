"""Stop the process at each call of a submit that waits, of its approval, and of declining it: nothing is lost, nothing
is done twice, and nothing without a second person."""

from datetime import timedelta

import pytest

from local.examples import EXAMPLES
from orderdesk.actions import ACTIONS
from tests.faults.acting import SUBMITS, opened, reconciled
from tests.faults.calls import Calls, Stopped
from tests.faults.test_stop_anywhere import CALLS, started
from tests.faults.truth import check, entries
from tests.functions.approving import approval_from, ask, decide, form_of, of

GIVING = [action for action in ACTIONS if action.gives_away]
#: A submit that waits makes as many calls as another one before its mutation.
ASKED = [(action, number) for action in GIVING for number in range(CALLS[action.slug])]
#: An approval reads the operation before it claims it.
APPROVED = [(action, number) for action in GIVING for number in range(CALLS[action.slug] + 1)]
DECLINED = [(action, number) for action in GIVING for number in range(3)]


def each(points):
    """A test for each action and call."""
    return pytest.mark.parametrize(("action", "number"), points, ids=lambda one: getattr(one, "name", one))


def mutations(desk):
    """The changes that reached Shopify."""
    return [r.name for r in desk.sandbox.received if r.name in {example.changes for example in EXAMPLES.values()}]


def sending(desk, url, values, agent):
    """A function that sends a request of an agent."""
    return lambda: desk.send("POST", url, values, headers=of(agent))


def deciding(desk, action, kind):
    """Ask for an action as Ann; a function that sends Bob's decision."""
    approval_from(desk, action)
    started(desk, action.slug)
    assert ask(desk, action)[0].status == 200
    return sending(desk, form_of(desk, kind).body["actionUrl"], {"note": ""}, "bob")


def stopped(desk, number, when, send):
    """Send a request whose process is stopped at a call; True if it was, so that there is no later call."""
    calls = Calls(desk)
    calls.stop_at(number, when)
    try:
        send()
    except Stopped:
        return True
    finally:
        calls.go_on()
    return False


@each(ASKED)
def test_submit_that_waits_is_stopped_at_a_call(hurried, action, number):
    desk = hurried
    approval_from(desk, action)
    url = started(desk, action.slug)
    send = sending(desk, url, SUBMITS[action.slug], "ann")
    # After a call is before the next one.
    stopped(desk, number, "after", send)
    assert not mutations(desk)
    send()
    waits = [entry for entry in entries(desk) if entry["outcome"] == "WAITING"]
    reconciled(desk)
    assert not mutations(desk), "nobody approved it"
    assert len(entries(desk)) <= len(waits) + 1
    check(desk)


@each(APPROVED)
@pytest.mark.parametrize(("when", "resend"), [("after", True), ("before", False)])
def test_approval_is_stopped_at_a_call(hurried, action, number, when, resend):
    desk = hurried
    send = deciding(desk, action, "Approve")
    stopped(desk, number, when, send)
    if resend:
        send()
    if other := opened(desk, action.slug):
        desk.send("POST", other, SUBMITS[action.slug], headers=of("ann"))
    reconciled(desk)
    check(desk)
    assert len(mutations(desk)) <= 1


@each(DECLINED)
def test_declining_is_stopped_at_a_call(hurried, action, number):
    desk = hurried
    send = deciding(desk, action, "Decline")
    stopped(desk, number, "after", send)
    assert send().status == 200
    reconciled(desk)
    assert not mutations(desk)
    assert [e["outcome"] for e in sorted(entries(desk), key=lambda e: e["at"])] == ["WAITING", "REFUSED"]
    check(desk)


@pytest.mark.parametrize("action", GIVING, ids=lambda action: action.name)
def test_approval_whose_process_is_gone_waits_again(hurried, action):
    """The reconciler lets it wait, since nothing was sent; another agent may approve it then."""
    desk = hurried
    approval_from(desk, action)
    _, asked_at = ask(desk, action)
    url = form_of(desk, "Approve").body["actionUrl"]
    send = sending(desk, url, {"note": ""}, "bob")
    assert stopped(desk, 3, "before", send) and desk.operation(asked_at)["state"] == "PENDING"
    desk.reconcile(later=timedelta(seconds=62))
    assert desk.operation(asked_at)["state"] == "WAITING"
    assert decide(desk, "Approve", "carol")[0].status == 200
    [end] = [entry for entry in entries(desk) if entry["outcome"] == "SUCCEEDED"]
    assert end["decided_by"] == "carol"
    check(desk)
