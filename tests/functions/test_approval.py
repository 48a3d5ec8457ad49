"""From an amount on, a second person approves: once, with what is so then, and never the person who asked."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest

from local.examples import EXAMPLES
from local.in_process import DOMAIN, deployment
from local.sandbox import Fault
from local.sandbox.seed import refund_part
from orderdesk import tables
from orderdesk.actions import ACTIONS, CANCEL, DISCOUNT, ITEMS, REFUND, TAGS
from orderdesk.money import Money
from orderdesk.operations.approval import NOTE_CHARACTERS
from tests.faults.acting import ORDER, SUBMITS, opened, reconciled, submit
from tests.faults.calls import BrokenRecords, Calls, Stopped
from tests.faults.truth import check, entries, operations
from tests.functions.approving import approval_from, ask, both, decide, form_of, form_url, of, offered, refusal

GIVING = [action for action in ACTIONS if action.gives_away]
EVERY = pytest.mark.parametrize("action", GIVING, ids=lambda action: action.name)
MONEY = pytest.mark.parametrize("action", [a for a in GIVING if a.moves_money], ids=lambda action: action.name)


def mutations(desk):
    """The changes that reached Shopify."""
    return [r.name for r in desk.sandbox.received if r.name in {example.changes for example in EXAMPLES.values()}]


def outcomes(desk):
    """The outcomes of the timeline's entries, in the order of time."""
    return [entry["outcome"] for entry in sorted(entries(desk), key=lambda entry: entry["at"])]


@EVERY
def test_submit_from_the_amount_on_waits_and_sends_nothing(desk, action):
    approval_from(desk, action)
    answer, url = ask(desk, action)
    assert answer.status == 200 and "is waiting for approval" in answer.body["message"], answer.body
    assert "Nothing was changed yet" in answer.body["detail"]
    assert not mutations(desk) and desk.operation(url)["state"] == "WAITING"
    [entry] = entries(desk)
    assert (entry["outcome"], entry["agent_id"], "amount" in entry) == ("WAITING", "ann", False)


@EVERY
def test_approval_carries_it_out_once(desk, action):
    approval_from(desk, action)
    _, asked_at = ask(desk, action)
    answer, url = decide(desk, "Approve", note="Fine by me")
    assert answer.status == 200 and "waiting" not in answer.body["message"], answer.body
    assert mutations(desk) == [EXAMPLES[action.slug].changes]
    assert outcomes(desk) == ["WAITING", "SUCCEEDED"]
    end = next(entry for entry in entries(desk) if entry["outcome"] == "SUCCEEDED")
    said = ("agent_id", "decision", "decided_by", "decided_by_name", "decision_note")
    assert [end[name] for name in said] == ["ann", "approved", "bob", "Bob", "Fine by me"]
    # A resend of the approval, and one of the first submit, are answered the same.
    assert desk.send("POST", url, {"note": "Fine by me"}, headers=of("bob")).body == answer.body
    assert desk.send("POST", asked_at, SUBMITS[action.slug], headers=of("ann")).body == answer.body
    assert mutations(desk) == [EXAMPLES[action.slug].changes] and not offered(desk)
    check(desk)


@EVERY
def test_submit_below_the_amount_needs_no_approval(desk, action):
    approval_from(desk, action, start="100000")
    answer, _ = ask(desk, action, agent="")
    assert answer.status == 200 and len(mutations(desk)) == 1
    check(desk)


@pytest.mark.parametrize(("start", "waits"), [("129", True), ("129.00", True), ("129.01", False), ("0", True)])
def test_amount_itself_needs_approval(desk, start, waits):
    approval_from(desk, REFUND, start=start)
    ask(desk, REFUND)
    assert (outcomes(desk) == ["WAITING"]) == waits


@pytest.mark.parametrize(
    ("start", "kind", "value", "waits"),
    [
        ("30", "fixed", "30", True), ("30", "fixed", "29.99", False), ("30, 20%", "percentage", "20", True),
        ("30, 20%", "percentage", "19.9", False),
        # A kind that is left out can't be compared.
        ("30", "percentage", "1", True), ("20%", "fixed", "1", True),
    ],
)  # fmt: skip
def test_percentage_and_amount_of_a_code_are_compared_each(desk, start, kind, value, waits):
    approval_from(desk, DISCOUNT, start=start)
    ask(desk, DISCOUNT, type=kind, value=value)
    assert (outcomes(desk) == ["WAITING"]) == waits


def test_cancellation_without_money_needs_no_approval(desk):
    approval_from(desk, CANCEL, start="0")
    unpaid = next(o for o in desk.store.orders if not o.received and not o.cancelled)
    assert desk.act("cancel-order", unpaid.name, reason="OTHER", notify=False).status == 200


@EVERY
def test_agent_whom_nobody_vouches_for_cannot_ask(desk, action):
    approval_from(desk, action)
    answer, url = ask(desk, action, agent="")
    assert refusal(answer) == (406, "admin_decides")
    assert "an admin of your store has to decide" in answer.body["errors"][0]["message"]
    assert not mutations(desk) and outcomes(desk) == ["REFUSED"] and desk.operation(url)["state"] == "REFUSED"
    check(desk)


@EVERY
@pytest.mark.parametrize(("agent", "code"), [("", "admin_decides"), ("ann", "own_request"), (" ANN ", "own_request")])
@pytest.mark.parametrize("kind", ["Approve", "Decline"])
def test_only_a_second_person_decides(desk, action, agent, code, kind):
    approval_from(desk, action)
    ask(desk, action)
    # The address is known, from another agent's profile.
    [url] = [url for name, url in offered(desk).items() if name.startswith(kind)]
    assert refusal(desk.send("GET", url, headers=of(agent))) == (406, code)
    submit_to = form_of(desk, kind).body["actionUrl"]
    assert refusal(desk.send("POST", submit_to, {"note": ""}, headers=of(agent))) == (406, code)
    # The query says who the caller claims to be.
    assert refusal(desk.send("POST", f"{submit_to}&agent=bob", {"note": ""}, headers=of(agent)))[0] in (400, 406)
    assert not mutations(desk) and outcomes(desk) == ["WAITING"]
    assert decide(desk, "Approve")[0].status == 200
    check(desk)


def test_person_who_asked_is_not_offered_the_decision(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    assert not offered(desk, "ann") and len(offered(desk, "bob")) == len(offered(desk, "")) == 2


def test_agent_who_may_not_do_the_action_cannot_approve_it(desk):
    limits = {"actions/refund_order/approval_above": "1", "agents/bob/actions": "edit_order_notes"}
    desk.set(limits=json.dumps(limits))
    ask(desk, REFUND)
    assert not offered(desk, "bob")
    submit_to = form_of(desk, "Approve", "carol").body["actionUrl"]
    assert refusal(desk.send("POST", submit_to, {"note": ""}, headers=of("bob"))) == (406, "not_allowed")
    assert outcomes(desk) == ["WAITING"]


@EVERY
def test_declining_ends_it(desk, action):
    approval_from(desk, action)
    _, asked_at = ask(desk, action)
    answer, url = decide(desk, "Decline", note="Too much")
    assert answer.status == 200 and answer.body["message"].startswith("You declined ")
    assert desk.send("POST", url, {"note": "Too much"}, headers=of("bob")).body == answer.body
    assert outcomes(desk) == ["WAITING", "REFUSED"] and not mutations(desk) and not offered(desk)
    end = next(entry for entry in entries(desk) if entry["outcome"] == "REFUSED")
    assert end["message"].startswith("Bob declined ") and "Too much" in end["detail"] and end["decided_by"] == "bob"
    again = desk.send("POST", asked_at, SUBMITS[action.slug], headers=of("ann"))
    assert refusal(again) == (406, "declined")
    # It can be asked for again, with a new form.
    assert ask(desk, action)[0].status == 200
    reconciled(desk)
    check(desk)


@EVERY
def test_decision_after_another_one_changes_nothing(desk, action):
    approval_from(desk, action)
    ask(desk, action)
    form = form_url(desk, "Approve")
    approve, decline = both(desk)
    assert desk.send("POST", decline, {"note": ""}, headers=of("bob")).status == 200
    late = desk.send("POST", approve, {"note": ""}, headers=of("carol"))
    assert refusal(late) == (406, "already_decided")
    assert late.body["errors"][0]["message"].startswith("Bob has already declined ")
    assert refusal(desk.send("POST", decline, {"note": ""}, headers=of("carol"))) == (406, "already_decided")
    assert refusal(desk.send("GET", form, headers=of("carol"))) == (406, "already_decided")
    assert not mutations(desk)
    check(desk)


@EVERY
def test_second_approval_by_another_agent_does_nothing(desk, action):
    approval_from(desk, action)
    ask(desk, action)
    approve, decline = both(desk)
    assert desk.send("POST", approve, {"note": ""}, headers=of("bob")).status == 200
    for url in (approve, decline):
        assert refusal(desk.send("POST", url, {"note": ""}, headers=of("carol"))) == (406, "already_decided")
    assert refusal(desk.send("POST", decline, {"note": ""}, headers=of("bob"))) == (406, "already_decided")
    assert len(mutations(desk)) == 1
    check(desk)


@EVERY
def test_request_ends_after_a_day_without_a_change(desk, action):
    approval_from(desk, action)
    _, asked_at = ask(desk, action)
    approve = form_of(desk, "Approve").body["actionUrl"]
    desk.clock.shift(timedelta(hours=24, seconds=1))
    # The reconciler has not looked yet.
    assert refusal(desk.send("POST", approve, {"note": ""}, headers=of("bob"))) == (406, "not_approved")
    desk.reconcile()
    assert outcomes(desk) == ["WAITING", "REFUSED"] and not mutations(desk)
    assert refusal(desk.send("POST", approve, {"note": ""}, headers=of("bob"))) == (406, "not_approved")
    assert refusal(desk.send("POST", asked_at, SUBMITS[action.slug], headers=of("ann"))) == (406, "not_approved")
    [profile] = [desk.profile(desk.linked(ORDER))]
    assert "not approved in time" in str(profile)
    check(desk)


def test_form_that_was_open_for_long_can_be_approved_a_day_later(desk):
    approval_from(desk, REFUND)
    url = opened(desk, REFUND.slug)
    desk.clock.shift(timedelta(hours=23))
    assert desk.send("POST", url, SUBMITS[REFUND.slug], headers=of("ann")).status == 200
    desk.clock.shift(timedelta(hours=23))
    desk.reconcile()
    assert decide(desk, "Approve")[0].status == 200
    check(desk)


@MONEY
@pytest.mark.parametrize("other", ["refund-order", "cancel-order", "refund-items"])
def test_order_is_locked_for_other_money_meanwhile(desk, action, other):
    approval_from(desk, action)
    before = opened(desk, other)
    ask(desk, action)
    refused = submit(desk, other, before)
    assert refusal(refused) == (406, "waiting_for_approval"), refused.body
    form = desk.send("GET", f"/actions/{other}?order={desk.store.order(ORDER).number}")
    assert refusal(form) == (406, "waiting_for_approval")
    [order] = [o for o in desk.profile(desk.linked(ORDER))["transactions"] if o["orderNumber"] == ORDER]
    assert not any(a["name"] == "Refund Order" or a["name"] == "Cancel Order" for a in order["actions"])
    assert "waiting for approval since" in order["orderStatus"] and "asked by Ann" in order["orderStatus"]
    assert decide(desk, "Decline")[0].status == 200
    assert opened(desk, other)
    check(desk)


@pytest.mark.parametrize("confirm", ["true", "false"])
@MONEY
def test_amount_that_changed_comes_back_to_the_second_person(desk, action, confirm):
    approval_from(desk, action)
    desk.set(actions__refund_items__confirm=confirm)
    ask(desk, action) if action is not ITEMS or confirm == "false" else ask_and_confirm(desk)
    assert outcomes(desk) == ["WAITING"]
    order = desk.store.order(ORDER)
    refund_part(desk.store, order, order.left(order.payments()[0]))
    first, url = decide(desk, "Approve")
    assert first.status == 400 and not mutations(desk), first.body
    assert outcomes(desk) == ["WAITING"] and desk.operation(url)["state"] == "WAITING"
    assert first.body["errors"][0]["code"] in ("amount_changed", "tenders_changed", "confirm")
    desk.clock.shift(timedelta(seconds=2))
    # The order is still locked, and the same person may approve the new amount at the same form.
    assert refusal(submit(desk, "refund-order", url.replace(action.slug, "refund-order")))[0] in (400, 406)
    second = desk.send("POST", url, {"note": ""}, headers=of("bob"))
    if second.status == 400:
        # The form of items shows no total, so the exact amount is told before it is approved.
        assert action is ITEMS and refusal(second) == (400, "amount_changed") and not mutations(desk)
        second = desk.send("POST", url, {"note": ""}, headers=of("bob"))
    assert second.status == 200 and len(mutations(desk)) == 1, second.body
    end = next(entry for entry in entries(desk) if entry["outcome"] == "SUCCEEDED")
    assert json.loads(desk.operation(url)["approval"])["amount"] == str(Money(Decimal(end["amount"]), end["currency"]))
    reconciled(desk)
    check(desk)


def ask_and_confirm(desk):
    """Ask for a refund of items whose exact amount is shown first."""
    first, url = ask(desk, ITEMS)
    assert refusal(first) == (400, "confirm")
    desk.clock.shift(timedelta(seconds=2))
    return desk.send("POST", url, SUBMITS[ITEMS.slug], headers=of("ann"))


def test_items_are_confirmed_before_they_wait(desk):
    approval_from(desk, ITEMS)
    desk.set(actions__refund_items__confirm="true")
    assert "waiting for approval" in ask_and_confirm(desk).body["message"]
    form = form_of(desk, "Approve").body
    assert "×" in form["sections"][0]["hint"] and form["title"].startswith("Approve “Refund Items” for order #1016 ($")
    assert decide(desk, "Approve")[0].status == 200
    check(desk)


def test_worth_that_changed_although_the_form_shows_the_same_comes_back(desk):
    """What the form shows is presentment currency; what is compared is the shop's."""
    approval_from(desk, REFUND)
    _, url = ask(desk, REFUND)
    stored = json.loads(desk.operation(url)["approval"])
    desk.change(url, approval=json.dumps(stored | {"worth": ["100", "USD"]}))
    first, decided = decide(desk, "Approve")
    assert refusal(first) == (400, "amount_changed")
    assert "$129.00" in first.body["errors"][0]["message"] and not mutations(desk)
    assert desk.send("POST", decided, {"note": ""}, headers=of("bob")).status == 200
    check(desk)


def test_order_that_can_no_longer_be_refunded_ends_it(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    order = desk.store.order(ORDER)
    for payment in order.payments():
        refund_part(desk.store, order, order.left(payment))
        order.refunds[-1].transactions[0].parent = payment
    assert refusal(decide(desk, "Approve")[0]) == (406, "not_available")
    assert outcomes(desk) == ["WAITING", "REFUSED"]
    check(desk)


def test_limits_that_cannot_be_read_let_it_wait_with_its_lock(desk):
    approval_from(desk, REFUND)
    _, asked_at = ask(desk, REFUND)
    approval_from(desk, REFUND, limit="oops")
    answer, url = decide(desk, "Approve")
    assert refusal(answer) == (406, "limits_unreadable") and desk.operation(asked_at)["state"] == "WAITING"
    approval_from(desk, REFUND)
    assert desk.send("POST", url, {"note": ""}, headers=of("bob")).status == 200
    check(desk)


def test_store_of_another_shop_ends_it_and_unlocks_the_order(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    url = form_of(desk, "Approve").body["actionUrl"]
    desk.set(shopify__domain="other.myshopify.com")
    assert desk.send("POST", url, {"note": ""}, headers=of("bob")).status == 406
    desk.set(shopify__domain=DOMAIN)
    assert opened(desk, REFUND.slug), "the order is free again"
    check(desk)


def test_agent_who_may_not_do_the_action_cannot_decline_it(desk):
    limits = {"actions/refund_order/approval_above": "1", "agents/bob/actions": "edit_order_notes"}
    desk.set(limits=json.dumps(limits))
    ask(desk, REFUND)
    submit_to = form_of(desk, "Decline", "carol").body["actionUrl"]
    assert refusal(desk.send("GET", submit_to, headers=of("bob"))) == (406, "not_allowed")
    assert refusal(desk.send("POST", submit_to, {"note": ""}, headers=of("bob"))) == (406, "not_allowed")
    assert outcomes(desk) == ["WAITING"]


@EVERY
def test_decision_while_another_approval_is_at_work_is_told_so(desk, action):
    approval_from(desk, action)
    ask(desk, action)
    approve = form_of(desk, "Approve").body["actionUrl"]
    calls = Calls(desk)
    calls.stop_at(3, "before")
    with pytest.raises(Stopped):
        desk.send("POST", approve, {"note": ""}, headers=of("bob"))
    calls.go_on()
    answer = desk.send("POST", approve, {"note": ""}, headers=of("carol"))
    assert refusal(answer) == (406, "already_decided")
    assert "It is being carried out now." in answer.body["errors"][0]["detail"]


def test_approval_whose_process_is_gone_can_be_declined(desk):
    approval_from(desk, REFUND)
    _, asked_at = ask(desk, REFUND)
    approve, decline = both(desk)
    calls = Calls(desk)
    calls.stop_at(3, "before")
    with pytest.raises(Stopped):
        desk.send("POST", approve, {"note": ""}, headers=of("bob"))
    calls.go_on()
    assert desk.operation(asked_at)["state"] == "PENDING"
    desk.clock.shift(timedelta(seconds=61))
    assert desk.send("GET", decline, headers=of("carol")).status == 200
    assert desk.send("POST", decline, {"note": ""}, headers=of("carol")).status == 200
    assert outcomes(desk) == ["WAITING", "REFUSED"] and opened(desk, REFUND.slug)
    check(desk)


@pytest.mark.parametrize("limit", ["limit", "per_hour", "per_day_amount", "per_hour_per_agent"])
def test_limit_that_is_in_the_way_lets_it_wait(desk, limit):
    approval_from(desk, REFUND)
    _, asked_at = ask(desk, REFUND)
    approval_from(desk, REFUND, **{limit: "0"})
    answer, url = decide(desk, "Approve")
    assert answer.status == 406 and answer.body["errors"][0]["code"].startswith("above_")
    assert desk.operation(asked_at)["state"] == "WAITING" and not mutations(desk)
    approval_from(desk, REFUND, **{limit: "200"})
    assert desk.send("POST", url, {"note": ""}, headers=of("bob")).status == 200
    check(desk)


def test_refund_is_counted_when_it_is_approved(desk):
    approval_from(desk, REFUND, per_day_amount="129")
    ask(desk, REFUND)
    assert decide(desk, "Decline")[0].status == 200
    ask(desk, REFUND)
    assert decide(desk, "Approve")[0].status == 200
    check(desk)


def test_action_that_is_switched_off_can_be_declined_only(desk):
    approval_from(desk, REFUND)
    _, asked_at = ask(desk, REFUND)
    approve, decline = both(desk)
    desk.set(actions__refund_order__enabled="false")
    assert refusal(desk.send("GET", approve, headers=of("bob"))) == (406, "switched_off")
    assert desk.send("GET", decline, headers=of("bob")).status == 200
    assert refusal(desk.send("POST", approve, {"note": ""}, headers=of("bob"))) == (406, "switched_off")
    assert desk.operation(asked_at)["state"] == "WAITING"
    assert desk.send("POST", decline, {"note": ""}, headers=of("bob")).status == 200
    check(desk)


@EVERY
@pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
def test_lost_answer_to_an_approval_is_told_as_unknown_and_found(desk, action, kind):
    approval_from(desk, action)
    ask(desk, action)
    form = form_of(desk, "Approve")
    desk.sandbox.faults.put(Fault(kind, "mutations"))
    answer = desk.send("POST", form.body["actionUrl"], {"note": ""}, headers=of("bob"))
    assert answer.status in (200, 406), answer.body
    desk.sandbox.faults.clear()
    again = desk.send("POST", form.body["actionUrl"], {"note": ""}, headers=of("bob"))
    assert again.status == answer.status and len(mutations(desk)) <= 2
    reconciled(desk)
    assert len(mutations(desk)) <= 2 and outcomes(desk)[0] == "WAITING" and len(outcomes(desk)) == 2
    check(desk)


@EVERY
def test_refusal_by_shopify_closes_the_form_of_the_second_person(desk, action):
    approval_from(desk, action)
    ask(desk, action)
    form = form_of(desk, "Approve")
    desk.sandbox.faults.put(Fault("throttled", "mutations"))
    answer = desk.send("POST", form.body["actionUrl"], {"note": ""}, headers=of("bob"))
    desk.sandbox.faults.clear()
    assert answer.status == 406, answer.body
    reconciled(desk)
    assert outcomes(desk) == ["WAITING", "REFUSED"]
    check(desk)


def test_shopify_that_is_out_of_reach_lets_it_wait(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    form = form_of(desk, "Approve")
    desk.sandbox.faults.put(Fault("http", "queries", status=503))
    answer = desk.send("POST", form.body["actionUrl"], {"note": ""}, headers=of("bob"))
    desk.sandbox.faults.clear()
    assert answer.status == 400 and outcomes(desk) == ["WAITING"]
    assert desk.send("POST", form.body["actionUrl"], {"note": ""}, headers=of("bob")).status == 200
    check(desk)


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("call", ["UpdateItem", "TransactWriteItems"])
def test_records_that_do_not_answer_lose_no_request(desk, lost, call):
    """Asking, approving and declining: whatever was answered, another try leads on."""
    approval_from(desk, REFUND)
    url = opened(desk, REFUND.slug)
    for step in ("ask", "Approve"):
        if step == "Approve":
            url = form_of(desk, "Approve").body["actionUrl"]
        agent, values = ("ann", SUBMITS[REFUND.slug]) if step == "ask" else ("bob", {"note": ""})
        broken = BrokenRecords(tables.dynamodb(), call, lost=lost, times=3)
        first = desk.send("POST", url, values, headers=of(agent))
        broken.repair()
        assert first.status in (200, 400, 406), first.body
        if first.status == 400:
            desk.clock.shift(timedelta(seconds=61))
            second = desk.send("POST", url, values, headers=of(agent))
            assert second.status == 200, second.body
    reconciled(desk)
    assert len(mutations(desk)) == 1 and outcomes(desk) == ["WAITING", "SUCCEEDED"]
    check(desk)


def test_approval_that_always_comes_second_ends_in_time(desk):
    """Every write of its claim meets another one."""
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    url = form_of(desk, "Approve").body["actionUrl"]
    met = BrokenRecords(tables.dynamodb(), "UpdateItem", error="ConditionalCheckFailedException", times=10**6)
    desk.clock.shift(timedelta(seconds=1))
    answer = desk.send("POST", url, {"note": ""}, headers=of("bob"), seconds=2.5)
    met.repair()
    assert answer.body["errors"][0]["message"] == "This form is already being processed."
    assert refusal(answer) == (406, "refused") and not mutations(desk)
    assert desk.send("POST", url, {"note": ""}, headers=of("bob")).status == 200
    check(desk)


@pytest.mark.parametrize("lost", [True, False])
def test_declining_that_could_not_be_written_can_be_tried_again(desk, lost):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    url = form_of(desk, "Decline").body["actionUrl"]
    broken = BrokenRecords(tables.dynamodb(), "TransactWriteItems", lost=lost, times=3)
    first = desk.send("POST", url, {"note": ""}, headers=of("bob"))
    broken.repair()
    assert first.status == 200 if lost else refusal(first) == (400, "records_unavailable")
    assert desk.send("POST", url, {"note": ""}, headers=of("bob")).status == 200
    assert outcomes(desk) == ["WAITING", "REFUSED"]
    check(desk)


def test_address_that_names_something_else_decides_nothing(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    url = form_of(desk, "Approve").body["actionUrl"]
    number = desk.store.order(ORDER).number
    other = next(o for o in desk.store.orders if o.received and o.number != number)
    for wrong in (
        url.replace(f"order={number}", f"order={other.number}"),
        url.replace("refund-order", "cancel-order"),
        url.replace("refund-order", TAGS.slug),
        url.replace("operation=", "operation=0"),
    ):
        for method, values in (("GET", None), ("POST", {"note": ""})):
            answer = desk.send(method, wrong, values, headers=of("bob"))
            assert answer.status in (400, 406) and answer.body["errors"][0]["code"] in ("nothing_waits", "invalid")
    assert refusal(desk.send("POST", url.replace("decision=approve", "decision=yes"), {}, headers=of("bob"))) == (
        400, "invalid",
    )  # fmt: skip
    customer = next(c for c in desk.store.customers if c.id.rpartition("/")[2] != desk.linked(ORDER))
    theirs = url.replace(f"customer={desk.linked(ORDER)}", f"customer={customer.id.rpartition('/')[2]}")
    assert desk.send("POST", theirs, {"note": ""}, headers=of("bob")).status in (400, 404, 406)
    assert not mutations(desk)


def test_operation_that_never_waited_has_nothing_to_decide(desk):
    url = opened(desk, REFUND.slug)
    answer = desk.send("GET", f"{url}&decision=approve", headers=of("bob"))
    assert refusal(answer) == (406, "nothing_waits")
    assert refusal(desk.send("POST", f"{url}&decision=decline", {}, headers=of("bob"))) == (406, "nothing_waits")


def test_note_has_a_limit(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    url = form_of(desk, "Decline").body["actionUrl"]
    answer = desk.send("POST", url, {"note": "x" * (NOTE_CHARACTERS + 1)}, headers=of("bob"))
    assert refusal(answer) == (400, "too_long")
    assert desk.send("POST", url, {"note": "x" * NOTE_CHARACTERS}, headers=of("bob")).status == 200


def test_code_that_shopify_refuses_can_be_asked_for_again_with_other_values(desk):
    """The second person can't correct it; the person who asked can, and that needs approval again."""
    approval_from(desk, DISCOUNT)
    ask(desk, DISCOUNT)
    assert decide(desk, "Approve")[0].status == 200
    _, asked_at = ask(desk, DISCOUNT)
    assert decide(desk, "Approve")[0].status == 406
    values = SUBMITS[DISCOUNT.slug] | {"code": "ANOTHER"}
    assert desk.send("POST", asked_at, values, headers=of("ann")).status == 406
    assert len(outcomes(desk)) == 4
    check(desk)


def test_first_submit_resent_while_it_waits_is_told_the_same(desk):
    approval_from(desk, REFUND)
    answer, url = ask(desk, REFUND)
    desk.clock.shift(timedelta(minutes=5))
    assert desk.send("POST", url, SUBMITS[REFUND.slug], headers=of("ann")).body == answer.body
    other = desk.send("POST", url, SUBMITS[REFUND.slug] | {"notify": False}, headers=of("ann"))
    assert refusal(other) == (406, "other_values")
    assert outcomes(desk) == ["WAITING"]


def test_store_that_is_another_shop_now_sends_nothing_there(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    url = form_of(desk, "Approve").body["actionUrl"]
    desk.set(shopify__domain="other.myshopify.com")
    answer = desk.send("POST", url, {"note": ""}, headers=of("bob"))
    assert answer.status in (404, 406) and not mutations(desk)


@pytest.mark.parametrize("action", [REFUND, DISCOUNT], ids=lambda action: action.name)
def test_approvals_at_once_carry_it_out_once(action, monkeypatch):
    from tests.functions.test_limits import OneAtATime

    with deployment() as desk:
        OneAtATime(tables.dynamodb(), monkeypatch)
        approval_from(desk, action)
        ask(desk, action)
        urls = [form_of(desk, "Approve", agent).body["actionUrl"] for agent in ("bob", "carol")]
        jobs = [(urls[n % 2], ("bob", "carol")[n % 2]) for n in range(12)]
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda job: desk.send("POST", job[0], {"note": ""}, headers=of(job[1])), jobs))
        assert len(mutations(desk)) == 1
        assert {a.status for a in answers} <= {200, 406} and any(a.status == 200 for a in answers)
        check(desk)


def test_operations_that_wait_are_found_by_their_own_state(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    [one] = [o for o in operations(desk) if o["state"] == "WAITING"]
    assert one["check_at"] == json.loads(one["approval"])["until"] and "expires_at" not in one


def test_other_store_of_the_same_shop_shows_it_and_decides_nothing(desk):
    approval_from(desk, REFUND)
    ask(desk, REFUND)
    pages = desk.ssm.get_paginator("get_parameters_by_path").paginate(
        Path="/orderdesk/local/stores/main", Recursive=True
    )
    for one in (parameter for page in pages for parameter in page["Parameters"]):
        name = one["Name"].replace("/stores/main/", "/stores/second/")
        desk.ssm.put_parameter(Name=name, Value=one["Value"], Type="String", Overwrite=True)
    query = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": desk.linked(ORDER)}}
    answer = desk.send("POST", "", query, headers=of("bob"), store="second")
    [profile] = answer.body["results"]
    [order] = [o for o in profile["transactions"] if o["orderNumber"] == ORDER]
    assert "waiting for approval" in order["orderStatus"]
    assert not [a for a in order["actions"] if a["name"].startswith(("Approve", "Decline", "Refund Order"))]
    url = form_of(desk, "Approve").body["actionUrl"]
    assert refusal(desk.send("POST", url, {"note": ""}, headers=of("bob"), store="second")) == (406, "nothing_waits")
