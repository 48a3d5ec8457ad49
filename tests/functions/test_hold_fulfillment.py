"""Hold and release: each part of an order, only our own holds, and an outcome for each part."""

import json
from datetime import timedelta

import pytest

from local.sandbox import Fault
from local.sandbox.fulfillment_orders import AT_MOST, OURS, Hold
from local.sandbox.order_parts import FRAUD_GUARD
from orderdesk import in_parts
from orderdesk.actions import HOLD, RELEASE
from orderdesk.errors import ShopifyUnavailable
from tests.faults.calls import Calls, Stopped
from tests.functions.answered import change_answers

ORDER, TWO, WITH_SERVICE, OTHERS, HELD = "#1016", "#1047", "#1053", "#1054", "#1059"
VALUES = {"reason": "INCORRECT_ADDRESS", "note": "flat number is missing"}
AGENT = {"agent": "7", "agent_name": "Ann Lee"}


def parts(desk, order):
    return desk.store.order(order).fulfillment_orders()


def ours(desk, order):
    """How many holds of ours each part has."""
    return [sum(hold.app is OURS for hold in part.holds) for part in parts(desk, order)]


def opened(desk, action, order):
    form = desk.form(action, order, **AGENT)
    assert form.status == 200, form.body
    return form.body["actionUrl"]


def hold(desk, order=TWO, **more):
    return desk.send("POST", opened(desk, "hold-fulfillment", order), VALUES | more)


def release(desk, order=TWO, note=""):
    return desk.send("POST", opened(desk, "release-fulfillment", order), {"note": note})


def card(desk, order):
    return next(c for c in desk.profile(desk.linked(order))["transactions"] if c["orderNumber"] == order)


def offered(desk, order):
    return {a["name"] for a in card(desk, order)["actions"]} & {HOLD.title, RELEASE.title}


def test_every_part_is_held_with_reason_note_and_agent(desk):
    answer = hold(desk)
    assert (answer.status, answer.body["message"]) == (200, "Put order #1047 on hold")
    assert answer.body["detail"].endswith("Reason: Incorrect address: flat number is missing.")
    assert ours(desk, TWO) == [1, 1]
    for part in parts(desk, TWO):
        assert part.location.name in answer.body["detail"]
        [one] = part.holds
        assert (one.reason, one.notes) == ("INCORRECT_ADDRESS", "flat number is missing – Ann Lee")
    assert len({one.handle for part in parts(desk, TWO) for one in part.holds}) == 1
    [entry] = desk.timeline(TWO)
    assert entry["reason"] == "Incorrect address: flat number is missing"


def test_card_says_who_held_it_and_why(desk):
    assert "held by" not in card(desk, TWO)["orderStatus"]
    hold(desk)
    says = "held by Orderdesk: Incorrect address (flat number is missing – Ann Lee)"
    assert card(desk, TWO)["orderStatus"] == f"Paid, on hold · {says}"
    assert card(desk, OTHERS)["orderStatus"].endswith(
        "held by someone else: High risk of fraud (The card is from another country)"
    )


def test_hold_and_release_are_offered_in_turns(desk):
    assert offered(desk, TWO) == {HOLD.title}
    hold(desk)
    assert offered(desk, TWO) == {RELEASE.title}
    assert desk.form("hold-fulfillment", TWO).body["errors"][0]["code"] == "not_available"
    assert release(desk).status == 200
    assert offered(desk, TWO) == {HOLD.title}
    assert desk.form("release-fulfillment", TWO).body["errors"][0]["code"] == "not_available"


def test_part_of_a_service_is_told_and_not_held(desk):
    form = desk.form("hold-fulfillment", WITH_SERVICE).body
    hint = form["sections"][0]["hint"]
    assert "Can't be held: Swift Logistics (a fulfillment service has it)" in hint
    assert hold(desk, WITH_SERVICE).status == 200
    assert ours(desk, WITH_SERVICE) == [1, 0]


def test_nothing_left_to_send_is_nothing_to_hold(desk):
    for line in desk.store.order(ORDER).lines:
        line.fulfilled = line.quantity
    assert HOLD.title not in offered(desk, ORDER)
    refused = desk.form("hold-fulfillment", ORDER)
    assert "nothing is left to hold" in refused.body["errors"][0]["message"]


def test_hold_of_another_app_does_not_keep_us_from_holding(desk):
    assert hold(desk, OTHERS).status == 200
    assert len(parts(desk, OTHERS)[0].holds) == 2


def test_release_takes_only_our_holds_and_says_what_stays(desk):
    hold(desk, OTHERS)
    answer = release(desk, OTHERS)
    assert answer.status == 200
    assert "is held by someone else: High risk of fraud" in answer.body["detail"]
    assert [one.app for one in parts(desk, OTHERS)[0].holds] == [FRAUD_GUARD]


def test_release_names_holds_in_every_mutation(desk):
    hold(desk, TWO)
    parts(desk, TWO)[0].holds.append(Hold("OTHER", "theirs", "x", FRAUD_GUARD))
    release(desk, TWO)
    sent = desk.sent("ReleaseFulfillment")
    assert len(sent) == 2 and all(len(one["holds"]) == 1 for one in sent)


def test_part_without_a_hold_of_ours_is_never_named_in_a_release(desk):
    hold(desk, TWO)
    parts(desk, TWO)[0].holds[:] = [Hold("OTHER", "theirs", "x", FRAUD_GUARD)]
    assert release(desk, TWO).status == 200
    assert [one["id"] for one in desk.sent("ReleaseFulfillment")] == [parts(desk, TWO)[1].id]
    assert [one.notes for one in parts(desk, TWO)[0].holds] == ["theirs"]


def test_holds_of_an_earlier_operation_are_released_too(desk):
    assert release(desk, HELD).status == 200
    assert not parts(desk, HELD)[0].holds


@pytest.mark.parametrize("reason", ["", "ONLINE_STORE_POST_PURCHASE_CROSS_SELL", "BORED"])
def test_reason_that_is_not_on_the_form_is_refused(desk, reason):
    answer = hold(desk, ORDER, reason=reason)
    assert (answer.status, answer.body["errors"][0]["attr"]) == (400, "reason")
    assert not desk.sent("HoldFulfillment")


def test_resend_holds_nothing_twice(desk):
    url = opened(desk, "hold-fulfillment", TWO)
    first = desk.send("POST", url, VALUES)
    assert desk.send("POST", url, VALUES).body == first.body
    assert ours(desk, TWO) == [1, 1]


def limit_reached(desk, part):
    """Once the order was read, another installation of the app places as many holds as Shopify allows."""

    def before(request):
        if b'"HoldFulfillment"' in request.body and len(part.holds) < AT_MOST:
            part.holds += [Hold("OTHER", None, f"elsewhere-{n}") for n in range(AT_MOST)]

    desk.adapter.before = before


@pytest.mark.parametrize("place", [0, 1])
def test_part_that_shopify_refuses_is_told_apart_from_the_other(desk, place):
    limit_reached(desk, parts(desk, TWO)[place])
    answer = hold(desk)
    [error] = answer.body["errors"]
    assert (answer.status, error["code"], error["message"]) == (
        406,
        "failed",
        "Only part of order #1047 was put on hold",
    )
    names = [part.location.name for part in parts(desk, TWO)]
    assert f"On hold: {names[1 - place]}." in error["detail"]
    assert f"Not on hold: {names[place]} (Shopify says: The maximum number" in error["detail"]
    assert ours(desk, TWO) == [AT_MOST if n == place else 1 for n in (0, 1)]
    [entry] = desk.timeline(TWO)
    assert entry["outcome"] == "FAILED"


def test_every_part_refused_is_a_refusal(desk):
    [part] = parts(desk, ORDER)
    limit_reached(desk, part)
    answer = hold(desk, ORDER)
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "refused")
    assert "Nothing was changed" in answer.body["errors"][0]["detail"]


def change(desk, action):
    if action == "release-fulfillment":
        hold(desk)
    document = "HoldFulfillment" if action == "hold-fulfillment" else "ReleaseFulfillment"
    values = VALUES if action == "hold-fulfillment" else {"note": ""}
    return opened(desk, action, TWO), document, values


ACTIONS = pytest.mark.parametrize("action", ["hold-fulfillment", "release-fulfillment"])


@ACTIONS
@pytest.mark.parametrize("kind", ["reset_before", "refused"])
def test_error_after_the_first_part_is_told_as_a_part(hurried, action, kind):
    """The first part is changed; then Shopify can't be reached, or its answer is lost."""
    desk = hurried
    url, document, values = change(desk, action)
    before = ours(desk, TWO)
    desk.sandbox.faults.put(Fault(kind, document, skip=1))
    answer = desk.send("POST", url, values)
    desk.sandbox.faults.clear()
    expected = "failed" if kind == "refused" else "outcome_unknown"
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, expected)
    desk.reconcile(later=timedelta(minutes=10))
    entry = desk.timeline(TWO)[0]
    assert entry["outcome"] == "FAILED" and "Only part" in entry["message"]
    assert [a != b for a, b in zip(before, ours(desk, TWO), strict=True)] == [True, False]
    # What is left can be done.
    assert desk.send("POST", opened(desk, action, TWO), values).status == 200
    assert len(set(ours(desk, TWO))) == 1


def test_lost_answer_of_the_first_part_does_not_keep_the_second_from_being_held(desk):
    url = opened(desk, "hold-fulfillment", TWO)
    desk.sandbox.faults.put(Fault("reset_before", "HoldFulfillment", times=2))
    answer = desk.send("POST", url, VALUES)
    assert answer.body["errors"][0]["code"] == "outcome_unknown"
    assert ours(desk, TWO) == [0, 1]
    desk.reconcile(later=timedelta(minutes=10))
    assert "Only part" in desk.timeline(TWO)[0]["message"]


def test_hold_whose_answer_was_lost_once_refuses_itself_and_is_done(desk):
    url = opened(desk, "hold-fulfillment", TWO)
    desk.sandbox.faults.put(Fault("reset_after", "HoldFulfillment", times=1))
    assert desk.send("POST", url, VALUES).status == 200
    assert ours(desk, TWO) == [1, 1]
    handles = [r.answer for r in desk.sandbox.received if r.name == "HoldFulfillment"]
    assert "DUPLICATE_FULFILLMENT_HOLD_HANDLE" in json.dumps(handles)


@ACTIONS
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("place", [0, 1])
def test_process_that_stops_between_two_parts_is_found(hurried, action, place, when):
    desk = hurried
    url, document, values = change(desk, action)
    calls = Calls(desk)
    calls.stop_at(-1, "never")
    # The claim, the lock, the parameters, the order and the sending come before the parts.
    with pytest.raises(Stopped):
        _stop_at_part(desk, calls, document, place, when)
        desk.send("POST", url, values)
    calls.go_on()
    changed = place + (when == "after")
    assert desk.send("POST", url, values).body["errors"][0]["code"] == "outcome_unknown"
    desk.reconcile(later=timedelta(minutes=10))
    entry = desk.timeline(TWO)[0]
    done = {0: "FAILED", 1: "FAILED", 2: "SUCCEEDED"}[changed]
    assert entry["outcome"] == done
    assert ("Only part" in entry["message"]) == (changed == 1)
    assert ours(desk, TWO).count(int(action == "hold-fulfillment")) == changed


def _stop_at_part(desk, calls, document, place, when):
    """Stop at the mutation of a part (counted from 0)."""
    real = calls._seen
    seen = []

    def stop(name, moment):
        real(name, moment)
        if moment == "before":
            seen.append(name)
        if seen.count(document) == place + 1 and seen[-1] == document and moment == when:
            calls._seen = real
            raise Stopped

    calls._seen = stop


def test_two_agents_at_once_hold_one_after_the_other(desk):
    first, second = opened(desk, "hold-fulfillment", TWO), opened(desk, "hold-fulfillment", TWO)
    desk.sandbox.faults.put(Fault("reset_after", "HoldFulfillment"))
    assert desk.send("POST", first, VALUES).body["errors"][0]["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()
    answer = desk.send("POST", second, VALUES)
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "fulfillment_busy")
    assert ours(desk, TWO) == [1, 1]


@pytest.mark.parametrize(
    ("action", "code"), [("hold-fulfillment", "parts_changed"), ("release-fulfillment", "holds_changed")]
)
def test_change_since_the_form_was_opened_is_told(desk, action, code):
    url, document, values = change(desk, action)
    if action == "hold-fulfillment":
        parts(desk, TWO)[0].request = "SUBMITTED"
    else:
        parts(desk, TWO)[0].holds.clear()
    answer = desk.send("POST", url, values)
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, code)
    assert not desk.sent(document)[len(desk.sent("HoldFulfillment")) if document == "HoldFulfillment" else 0 :]
    assert desk.send("POST", url, values).status == 200


@pytest.mark.parametrize("missing", HOLD.scopes)
def test_holds_need_the_scopes_of_their_row(desk, missing):
    desk.sandbox.scopes -= {missing}
    assert not offered(desk, TWO)
    refused = desk.form("hold-fulfillment", TWO)
    assert refused.status == 406 and missing in refused.body["errors"][0]["message"]


def test_many_parts_at_one_place_have_names_of_their_own(desk):
    order = desk.store.order(TWO)
    order.work[1].location = order.work[0].location
    detail = hold(desk).body["detail"]
    place = order.work[0].location.name
    assert f"On hold: {place}, {place} no. 2." in detail


@pytest.mark.parametrize(("action", "document"), [("hold-fulfillment", "Hold"), ("release-fulfillment", "Release")])
def test_parts_that_are_not_all_shown_conclude_nothing(desk, action, document):
    if action == "release-fulfillment":
        hold(desk)
    url = opened(desk, action, TWO)
    desk.sandbox.faults.put(Fault("reset_after", f"{document}Fulfillment", times=4))
    desk.send("POST", url, VALUES)
    desk.sandbox.faults.clear()
    more = {"hasNextPage": True}
    change_answers(
        desk, f"Reconcile{document}", lambda data: data["order"]["fulfillmentOrders"]["pageInfo"].update(more), times=1
    )
    assert desk.reconcile(later=timedelta(minutes=10)) == {"ended": 0, "waiting": 1}
    assert desk.reconcile(later=timedelta(minutes=10)) == {"ended": 1, "waiting": 0}
    assert desk.timeline(TWO)[0]["outcome"] == "SUCCEEDED"


def test_parts_after_an_error_about_no_part_are_not_tried():
    tried = []

    def one(part):
        tried.append(part)
        if part == 2:
            raise ShopifyUnavailable("We can't reach Shopify.")
        return ""

    ended = in_parts.change([("first", 1), ("second", 2), ("third", 3)], one)
    assert tried == [1, 2]
    assert [(e.done, e.why) for e in ended] == [(True, ""), *[(False, "We can't reach Shopify.")] * 2]


@pytest.mark.parametrize("action", ["hold-fulfillment", "release-fulfillment"])
def test_result_that_is_null_is_a_lost_answer(desk, action):
    if action == "release-fulfillment":
        hold(desk)
    url = opened(desk, action, TWO)
    field = {"hold-fulfillment": "fulfillmentOrderHold", "release-fulfillment": "fulfillmentOrderReleaseHold"}[action]
    document = "HoldFulfillment" if action == "hold-fulfillment" else "ReleaseFulfillment"
    change_answers(desk, document, lambda data: data.update({field: None}))
    assert desk.send("POST", url, VALUES).body["errors"][0]["code"] == "outcome_unknown"
