"""What became of the money, by payment method: transaction states, long lists, and what Shopify only records."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from local.sandbox import Fault
from local.sandbox.orders import Line, Refund, Transaction
from local.sandbox.seed import add
from orderdesk.operations.model import iso, now
from tests.functions.answered import change_answers

ORDER, AMOUNT = "#1016", "$129.00"  # Gift card $20.00 and Visa $109.00, unfulfilled.
OPEN = ("PENDING", "AWAITING_RESPONSE", "UNKNOWN")
NEVER = ("FAILURE", "ERROR")
VALUES = {"refund-order": {"reason": "Goodwill"}, "cancel-order": {"reason": "OTHER"}}


@pytest.fixture(autouse=True)
def _no_waiting(hurried):
    """The clock is moved on, so that nothing waits."""


def ending(desk, status, gateway=None):
    """Let each further refund end in this status."""
    desk.sandbox.faults.put(Fault("refund_status", transaction_status=status, gateway=gateway))


def ended(desk, status, order=ORDER):
    """Let what is under way end."""
    desk.sandbox.faults.clear()
    desk.store.set_status(order, status)


def text(answer):
    """Everything that the agent reads."""
    return json.dumps(answer.body, ensure_ascii=False)


def moved(desk, order=ORDER):
    """The money that has left the store or may have: it must not move twice."""
    return sum(t.amount for t in desk.store.order(order).transactions if t.kind == "REFUND" and t.status not in NEVER)


def not_offered(desk, action, says):
    """Check that neither the form nor the card offers it, and that both say why."""
    form = desk.form(action, ORDER)
    card = next(o for o in desk.profile(desk.linked(ORDER))["transactions"] if o["orderNumber"] == ORDER)
    assert (form.status, form.body["errors"][0]["code"]) == (406, "order_busy"), form.body
    assert says in card["orderStatus"], card["orderStatus"]
    return not {"Refund Order", "Cancel Order"} & {offered["name"] for offered in card["actions"]}


@pytest.mark.parametrize("counting", ["successes", "under way"])
@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("action", VALUES)
def test_refund_that_may_still_move_is_followed(desk, action, status, counting, capsys):
    desk.store.count(counting)
    ending(desk, status)
    url = desk.form(action, ORDER).body["actionUrl"]
    answer = desk.send("POST", url, VALUES[action])
    assert answer.status == 200, answer.body
    assert "on its way to Visa" in text(answer) and "the timeline will say how it ends" in text(answer)
    assert "OutcomeUnknown" not in capsys.readouterr().out
    assert not any(word in text(answer) for word in ("NOT", "failed", "Nothing", "No money"))
    assert desk.send("POST", url, VALUES[action]).body == answer.body
    assert desk.timeline(ORDER) == []
    assert desk.reconcile() == {"ended": 0, "waiting": 1}
    desk.sandbox.faults.clear()
    # Meanwhile no money moves again.
    again = desk.form("refund-order", ORDER)
    assert (again.status, again.body["errors"][0]["code"]) == (406, "not_available")
    assert f"{AMOUNT} is already on its way back" in text(again)
    desk.store.set_status(ORDER, "SUCCESS")
    assert desk.reconcile(later=timedelta(hours=2)) == {"ended": 1, "waiting": 0}
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "129.0")
    assert "We confirmed this in Shopify later" in entry["detail"]
    assert moved(desk) == 129


@pytest.mark.parametrize("status", NEVER)
@pytest.mark.parametrize("action", VALUES)
def test_failed_tender_is_reported_as_failed(desk, action, status):
    ending(desk, status, "gift_card")
    answer = desk.act(action, ORDER, **VALUES[action])
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "failed")
    assert "$109.00 to Visa" in text(answer) and "$20.00 couldn't be refunded to Gift card" in text(answer)
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("FAILED", "109.0")


@pytest.mark.parametrize("action", VALUES)
def test_refund_that_fails_later_is_reported_as_failed(desk, action):
    ending(desk, "PENDING", "shopify_payments")
    assert "$20.00 to Gift card; $109.00 on its way to Visa" in text(desk.act(action, ORDER, **VALUES[action]))
    ended(desk, "FAILURE")
    assert desk.reconcile(later=timedelta(days=2)) == {"ended": 1, "waiting": 0}
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("FAILED", "20.0")
    # What was not refunded can be refunded now.
    assert "$109.00" in desk.form("refund-order", ORDER).body["title"]


@pytest.mark.parametrize("action", VALUES)
def test_unknown_status_is_not_a_failure(desk, action):
    url = desk.form(action, ORDER).body["actionUrl"]
    ending(desk, "PENDING")
    renamed(desk, b'"status": "PENDING"', b'"status": "UNDER_REVIEW"')
    answer = desk.send("POST", url, VALUES[action])
    assert answer.status == 200, answer.body
    assert "Shopify's status is “under review”" in text(answer)
    assert desk.form("refund-order", ORDER).status == 406
    assert desk.reconcile() == {"ended": 0, "waiting": 1}


def renamed(desk, old, new):
    """Change each of Shopify's answers."""
    real = desk.sandbox.handle

    def handle(method, url, headers, body):
        status, said, answer = real(method, url, headers, body)
        assert old.replace(b" ", b"") not in answer, "written as it is expected here"
        return status, said, answer.replace(old, new)

    desk.sandbox.handle = handle


@pytest.mark.parametrize("action", VALUES)
def test_pending_refund_is_followed_for_two_weeks_without_an_alarm(desk, action, capsys):
    ending(desk, "PENDING")
    assert desk.act(action, ORDER, **VALUES[action]).status == 200
    capsys.readouterr()
    looks = []
    for hours in range(1, 14 * 24):
        if desk.reconcile(later=timedelta(hours=1))["waiting"]:
            looks.append(hours)
    out = capsys.readouterr().out
    assert "NeedsPerson" not in out
    assert all(json.loads(line)["OpenOldestSeconds"] == [0] for line in out.splitlines() if "OldestSec" in line)
    assert desk.timeline(ORDER) == []
    waits = [b - a for a, b in pairwise(looks)]
    assert waits == sorted(waits) and waits[0] == 1 and max(waits) in (6, 7) and len(looks) < 90
    assert desk.reconcile(later=timedelta(days=1)) == {"ended": 1, "waiting": 0}
    assert "NeedsPerson" in capsys.readouterr().out
    [entry] = desk.timeline(ORDER)
    assert entry["outcome"] == "UNKNOWN" and "hasn't finished in two weeks" in entry["message"]
    assert "$109.00 on its way to Visa" in entry["detail"] and entry["amount"] == "0.0"


def test_refunded_part_is_on_the_entry_after_two_weeks(desk):
    ending(desk, "PENDING", "shopify_payments")
    desk.act("refund-order", ORDER, reason="Goodwill")
    desk.reconcile(later=timedelta(days=15))
    assert desk.timeline(ORDER)[0]["amount"] == "20.0"


@pytest.mark.parametrize("action", VALUES)
def test_lost_answer_with_a_pending_refund_is_followed(desk, action):
    url = desk.form(action, ORDER).body["actionUrl"]
    desk.sandbox.faults.put(
        Fault("reset_after", "mutations"), Fault("refund_status", transaction_status="PENDING"),
        Fault("no_answer", "Cancellation", seconds=0),
    )  # fmt: skip
    assert desk.send("POST", url, VALUES[action]).body["errors"][0]["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()
    assert desk.reconcile(later=timedelta(minutes=1)) == {"ended": 0, "waiting": 1}
    known = desk.send("POST", url, VALUES[action])
    assert known.status == 200 and "on its way" in text(known)
    for _ in range(3):
        desk.reconcile(later=timedelta(days=1))
    assert desk.timeline(ORDER) == []
    ended(desk, "SUCCESS")
    assert desk.reconcile(later=timedelta(hours=7)) == {"ended": 1, "waiting": 0}
    assert desk.timeline(ORDER)[0]["outcome"] == "SUCCEEDED"


@pytest.mark.parametrize("counting", ["successes", "under way"])
def test_cancellation_does_not_refund_money_on_its_way_again(desk, counting):
    desk.store.count(counting)
    ending(desk, "UNKNOWN")
    desk.act("refund-order", ORDER, reason="Goodwill")
    desk.sandbox.faults.clear()
    form = desk.form("cancel-order", ORDER)
    assert f"is on its way back ({AMOUNT})" in text(form)
    answer = desk.send("POST", form.body["actionUrl"], {"reason": "OTHER"})
    assert answer.status == 200, answer.body
    assert f"{AMOUNT} is already on its way back" in text(answer)
    assert desk.sent("CancelOrder")[0]["refund"] is False
    assert moved(desk) == 129
    ended(desk, "SUCCESS")
    desk.reconcile(later=timedelta(hours=1))
    told = {e["action"]: (e["outcome"], e["amount"]) for e in desk.timeline(ORDER)}
    assert told == {"refund_order": ("SUCCEEDED", "129.0"), "cancel_order": ("SUCCEEDED", "0.0")}


def test_order_with_part_of_its_money_on_its_way_cannot_be_cancelled(desk):
    order = desk.store.order(ORDER)
    part = Transaction("REFUND", Decimal(20), "gift_card", "Gift card", None, "PENDING", order.payments()[0])
    order.transactions.append(part)
    order.refunds.append(Refund("elsewhere", desk.store.now(), [part]))
    refused = desk.form("cancel-order", ORDER)
    assert refused.status == 406
    assert "$20.00 is already on its way back, but $109.00 isn't" in text(refused)
    assert desk.act("refund-order", ORDER, reason="Goodwill").status == 200
    assert desk.form("cancel-order", ORDER).status == 200


def test_refund_without_transactions_is_not_taken_for_done(desk):
    """Shopify may still create its transactions, or never will."""
    url, other_url = (desk.form("refund-order", ORDER).body["actionUrl"] for _ in range(2))
    hidden = True
    real = desk.sandbox.handle

    def handle(method, address, headers, body):
        status, said, answer = real(method, address, headers, body)
        if hidden and b"RefundMade" in body:
            for refund in refunds_of(desk):
                refund.transactions, refund.kept = [], refund.transactions
            status, said, answer = real(method, address, headers, body)
        return status, said, answer

    def refunds_of(desk):
        return [r for r in desk.store.order(ORDER).refunds if r.transactions]

    desk.sandbox.handle = handle
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "still_running")
    assert "$0.00" not in text(answer) and "shows no payment for it" in text(answer)
    # The order is locked: no agent can refund it again meanwhile.
    desk.store.order(ORDER).transactions = [t for t in desk.store.order(ORDER).transactions if t.kind != "REFUND"]
    other = desk.send("POST", other_url, {"reason": "Goodwill"})
    assert other.body["errors"][0]["code"] == "order_busy"
    assert not_offered(desk, "refund-order", "refund of $129.00 being")
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 0, "waiting": 1}
    [refund] = desk.store.order(ORDER).refunds
    refund.transactions, hidden = refund.kept, False
    desk.store.order(ORDER).transactions += refund.kept
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 1, "waiting": 0}
    told = {e["outcome"]: e.get("amount") for e in desk.timeline(ORDER)}
    assert told == {"REFUSED": None, "SUCCEEDED": "129.0"}


def test_refund_that_never_gets_transactions_is_not_repeated(desk):
    real, order = desk.sandbox.handle, desk.store.order(ORDER)

    def handle(method, address, headers, body):
        status, said, answer = real(method, address, headers, body)
        if b"mutation RefundOrder" in body:
            order.refunds[-1].transactions = []
            order.transactions = order.payments()
            answer = json.loads(answer)
            answer["data"]["refundCreate"]["refund"]["transactions"]["nodes"] = []
            answer = json.dumps(answer).encode()
        return status, said, answer

    desk.sandbox.handle = handle
    assert desk.act("refund-order", ORDER, reason="Goodwill").body["errors"][0]["code"] == "still_running"
    for _ in range(14 * 24 - 1):
        desk.reconcile(later=timedelta(hours=1))
    assert desk.timeline(ORDER) == []
    assert not_offered(desk, "refund-order", "refund of $129.00 being checked") and len(order.refunds) == 1
    desk.reconcile(later=timedelta(hours=2))
    entry = next(e for e in desk.timeline(ORDER) if e["outcome"] == "UNKNOWN")
    assert f"Shopify has created the refund of order {ORDER} but shows no payment for it yet." in entry["detail"]
    assert "amount" not in entry and "the timeline will" not in entry["detail"]
    desk.reconcile(later=timedelta(days=30))
    assert not_offered(desk, "refund-order", "may still go through: no refund or cancellation from here")


@pytest.mark.parametrize("counting", ["successes", "under way"])
def test_running_cancellation_blocks_a_refund(desk, counting):
    """Its job runs for 30 hours, and refunds at its end."""
    desk.store.count(counting)
    desk.sandbox.faults.put(Fault("job_hangs", seconds=30 * 3600))
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.change(url, created_at=iso(now() + timedelta(hours=20)))
    desk.act("cancel-order", ORDER, reason="OTHER")
    desk.sandbox.faults.clear()
    for _ in range(25):
        assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 0, "waiting": 1}
    # A store that does not answer for days does not unlock it either.
    desk.sandbox.faults.put(Fault("http", status=503))
    for _ in range(3):
        desk.reconcile(later=timedelta(hours=1))
    desk.sandbox.faults.clear()
    assert not_offered(desk, "refund-order", "cancellation being checked since")
    assert not_offered(desk, "cancel-order", "no refund or cancellation until it ends")
    refused = desk.send("POST", url, {"reason": "Goodwill"})
    assert refused.body["errors"][0]["code"] == "order_busy"
    for _ in range(5):
        desk.reconcile(later=timedelta(hours=1))
    entry = next(e for e in desk.timeline(ORDER) if e["action"] == "cancel_order")
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "129.0")
    assert moved(desk) == 129


def test_cancellation_waits_for_its_refund_to_appear(desk):
    """The job is done, and Shopify's answer does not have the refund yet."""
    hidden, real, order = True, desk.sandbox.handle, desk.store.order(ORDER)

    def handle(method, address, headers, body):
        answer = real(method, address, headers, body)
        if not hidden or b"query Cancellation" not in body:
            return answer
        refunds, transactions = order.refunds, order.transactions
        order.refunds, order.transactions = [], order.payments()
        answer = real(method, address, headers, body)
        order.refunds, order.transactions = refunds, transactions
        return answer

    desk.sandbox.handle = handle
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    answer = desk.send("POST", url, {"reason": "OTHER"}, seconds=6)
    assert answer.body["errors"][0]["code"] == "still_running" and "NOT" not in text(answer)
    assert desk.send("POST", url, {"reason": "OTHER"}, seconds=6).status == 406
    hidden = False
    assert desk.reconcile(later=timedelta(minutes=1)) == {"ended": 1, "waiting": 0}
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "129.0")


@pytest.mark.parametrize("fails", ["503", "401", "another shop"])
@pytest.mark.parametrize("action", VALUES)
def test_failed_last_look_still_reports_what_is_known(desk, action, fails):
    ending(desk, "PENDING", "shopify_payments")
    desk.act(action, ORDER, **VALUES[action])
    desk.sandbox.faults.clear()
    desk.reconcile(later=timedelta(days=13))
    if fails == "another shop":
        desk.set(shopify__domain="other.myshopify.com")
    else:
        desk.sandbox.faults.put(Fault("http", status=int(fails)))
    assert desk.reconcile(later=timedelta(days=1, hours=1)) == {"ended": 0, "waiting": 1}, (
        "the next look may be answered"
    )
    assert desk.reconcile(later=timedelta(hours=7)) == {"ended": 1, "waiting": 0}
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"], entry["currency"]) == ("UNKNOWN", "20.0", "USD")
    assert "$109.00 on its way to Visa" in entry["detail"] and "We last checked on" in entry["detail"]
    assert "timeline will say" not in entry["detail"]


def test_single_failed_look_does_not_need_a_person(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"), Fault("refund_status", transaction_status="PENDING"))
    desk.send("POST", url, {"reason": "Goodwill"})
    desk.sandbox.faults.put(Fault("http", status=503))
    assert desk.reconcile(later=timedelta(hours=25)) == {"ended": 0, "waiting": 1}
    desk.sandbox.faults.clear()
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 0, "waiting": 1}
    assert "on its way" in text(desk.send("POST", url, {"reason": "Goodwill"}))


def test_store_that_never_answers_is_reported(desk, capsys):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"))
    desk.send("POST", url, {"reason": "Goodwill"})
    desk.sandbox.faults.put(Fault("http", status=503))
    desk.reconcile(later=timedelta(hours=25))
    assert desk.reconcile(later=timedelta(hours=2)) == {"ended": 0, "waiting": 1}
    assert "NeedsPerson" in capsys.readouterr().out, "a person is called, and it goes on"
    desk.reconcile(later=timedelta(days=13))
    [entry] = desk.timeline(ORDER)
    assert "We haven't been able to check since it was sent." in entry["detail"] and "a day" not in entry["detail"]


def test_refund_before_a_long_outage_is_found_after_it(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"))
    desk.send("POST", url, {"reason": "Goodwill"})
    desk.sandbox.faults.put(Fault("http", status=503))
    for _ in range(30):
        desk.reconcile(later=timedelta(hours=1))
    desk.sandbox.faults.clear()
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 1, "waiting": 0}
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "129.0")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"shopify__domain": "other.myshopify.com"}, "It was sent to demo.myshopify.com, but the store is now"),
        ({"shopify__domain": "", "shopify__access_token": ""}, "no longer has the settings of the store “main”"),
    ],
)
def test_removed_store_is_reported(desk, change, says):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"))
    desk.send("POST", url, {"reason": "Goodwill"})
    desk.sandbox.faults.clear()
    desk.set(**change)
    for hours in (1, 25):
        desk.reconcile(later=timedelta(hours=hours))
    desk.set(shopify__domain="demo.myshopify.com", shopify__access_token="shpat_sandbox")
    [entry] = desk.timeline(ORDER)
    assert entry["outcome"] == "UNKNOWN" and says in entry["detail"], entry
    assert "n't been able to check" in entry["detail"]


# Long lists.


def bought(desk, payments, **more):
    """A new order with these payments."""
    total = sum(p.amount for p in payments if p.status == "SUCCESS")
    return add(desk.store, desk.store.customers[0], [Line("Hamper", total)], payments, **more).name


def cards(count, amount="1.00"):
    return [Transaction("SALE", Decimal(amount), "gift_card", f"Gift card {n}") for n in range(count)]


@pytest.mark.parametrize("count", [60, 250])
@pytest.mark.parametrize("action", VALUES)
def test_every_gift_card_of_a_refund_is_listed(desk, action, count):
    order = bought(desk, cards(count))
    answer = desk.act(action, order, **VALUES[action])
    assert answer.status == 200, answer.body
    assert f"${count}.00" in text(answer) and f"Gift card {count - 1}" in text(answer)
    [entry] = desk.timeline(order)
    assert Decimal(entry["amount"]) == count == desk.store.order(order).refunded


def test_cancellation_reads_all_pages_of_payments(desk):
    order = bought(desk, cards(300))
    assert desk.act("cancel-order", order, reason="OTHER").status == 200
    assert Decimal(desk.timeline(order)[0]["amount"]) == 300
    assert len(desk.sent("RefundPage")) == 1


def test_order_with_too_many_payments_is_refused(desk):
    order = bought(desk, cards(251))
    assert "more payments, lines or duties than Shopify takes at once (250)" in text(desk.form("refund-order", order))
    lines = [Line(f"Button {n}", Decimal(1)) for n in range(251)]
    order = add(desk.store, None, lines, [Transaction("SALE", Decimal(251))]).name
    assert "more payments, lines or duties than Shopify takes at once (250)" in text(desk.form("refund-order", order))
    order = add(desk.store, None, lines[:250], [Transaction("SALE", Decimal(250))]).name
    assert desk.act("refund-order", order, reason="Goodwill").status == 200
    assert len(desk.sent("RefundOrder")[0]["input"]["refundLineItems"]) == 250


@pytest.mark.parametrize("declined", [100, 300])
@pytest.mark.parametrize("action", VALUES)
def test_payment_after_many_declined_attempts_is_refunded(desk, action, declined):
    tries = [Transaction("SALE", Decimal(50), "shopify_payments", "Visa", status="FAILURE") for _ in range(declined)]
    order = bought(desk, [*tries, Transaction("SALE", Decimal(50), "shopify_payments", "Visa")])
    assert desk.act(action, order, **VALUES[action]).status == 200
    assert desk.store.order(order).refunded == 50


@pytest.mark.parametrize("action", VALUES)
def test_refund_after_a_hundred_others_is_found(desk, action):
    name = bought(desk, [Transaction("SALE", Decimal(300), "shopify_payments", "Visa")])
    order = desk.store.order(name)
    for _ in range(101):
        part = Transaction("REFUND", Decimal(1), "shopify_payments", "Visa", parent=order.payments()[0])
        order.transactions.append(part)
        order.refunds.append(Refund("elsewhere", desk.store.now(), [part]))
    url = desk.form(action, name).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"), Fault("no_answer", "Cancellation", seconds=0))
    assert desk.send("POST", url, VALUES[action]).body["errors"][0]["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()
    assert desk.reconcile(later=timedelta(minutes=6)) == {"ended": 1, "waiting": 0}
    [entry] = desk.timeline(name)
    assert (entry["outcome"], Decimal(entry["amount"])) == ("SUCCEEDED", 199)


def test_truncated_list_of_payments_decides_nothing(desk):
    order = bought(desk, cards(60))
    renamed(desk, b'"count": 60', b'"count": 61')
    for action in VALUES:
        answer = desk.form(action, order)
        assert (answer.status, answer.body["errors"][0]["code"]) == (400, "shopify_in_part")


# A partial answer decides nothing.


@pytest.mark.parametrize(
    "path", ["order.cancellation", "order.cancelledAt", "order.refunds", "order.transactions", "order", "node"]
)
def test_partial_look_concludes_nothing(desk, path):
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("error_at", "Cancellation", path=path))
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert answer.body["errors"][0]["code"] in ("outcome_unknown", "still_running"), answer.body
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 0, "waiting": 1}
    assert desk.timeline(ORDER) == []
    desk.sandbox.faults.clear()
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 1, "waiting": 0}
    assert desk.timeline(ORDER)[0]["outcome"] == "SUCCEEDED"


def test_cancelled_order_without_our_reference_says_who_is_unknown(desk):
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    order = desk.store.order(ORDER)
    renamed(desk, b'"cancellation": {', b'"cancellation": null, "x": {')
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert answer.body["errors"][0]["code"] == "still_running"
    assert "doesn't say who cancelled it" in text(answer)
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 0, "waiting": 1}
    assert order.cancelled


@pytest.mark.parametrize(
    "path",
    ["refundCreate", "refundCreate.refund", "refundCreate.refund.transactions", "refundCreate.refund.totalRefundedSet"],
)
def test_refund_with_an_incomplete_answer_is_unknown(desk, path):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("error_at", "RefundOrder", path=path))
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert answer.body["errors"][0]["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()
    assert desk.reconcile() == {"ended": 1, "waiting": 0}
    assert desk.timeline(ORDER)[0]["amount"] == "129.0"


def test_refund_with_a_missing_page_is_unknown(desk):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("refused", "RefundPage"))
    renamed(desk, b'"hasNextPage": false', b'"hasNextPage": true')
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert answer.body["errors"][0]["code"] == "outcome_unknown"
    assert desk.timeline(ORDER) == [] and desk.operation(url)["state"] == "UNKNOWN"


def test_refund_that_disappears_between_two_pages_is_unknown(desk):
    order = bought(desk, cards(300, "0.50"))
    url = desk.form("cancel-order", order).body["actionUrl"]
    change_answers(desk, "RefundPage", lambda data: data.update(refund=None))
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert answer.body["errors"][0]["code"] == "outcome_unknown"
    assert desk.timeline(order) == [] and desk.operation(url)["state"] == "UNKNOWN"


@pytest.mark.parametrize("path", ["refundCreate.order", "refundCreate.order.displayFinancialStatus"])
def test_refund_without_the_orders_status_succeeds(desk, path):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("error_at", "RefundOrder", path=path))
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert answer.body["message"] == f"Refunded {AMOUNT} on order {ORDER}"
    assert "The order is now" not in answer.body["detail"]


def test_cancellation_without_a_result_is_followed_by_the_order(desk):
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("error_at", "CancelOrder", path="orderCancel.jobResult", code="ACCESS_DENIED"))
    assert desk.send("POST", url, {"reason": "OTHER"}).status == 200
    assert desk.timeline(ORDER)[0]["amount"] == "129.0"


@pytest.mark.parametrize("path", ["order.suggestedRefund", "order.transactions", "order.customer"])
def test_incomplete_form_is_read_again_and_never_shown(desk, path):
    desk.sandbox.faults.put(Fault("error_at", "RefundFacts", path=path))
    answer = desk.form("refund-order", ORDER)
    # If a required field is null, the whole order is null.
    code = "shopify_unavailable" if path == "order.transactions" else "shopify_in_part"
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, code)
    desk.sandbox.faults.put(Fault("error_at", "RefundFacts", path=path, times=1))
    assert desk.form("refund-order", ORDER).status == 200


@pytest.mark.parametrize("times", [1, 9])
def test_missing_suggested_refund_is_requested_again(desk, times):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    change_answers(desk, "RefundFacts", lambda data: data["order"].update(suggestedRefund=None), times)
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    if times == 1:
        assert answer.status == 200
        assert desk.sent("RefundOrder")[0]["input"]["refundLineItems"]
    else:
        assert (answer.status, answer.body["errors"][0]["code"]) == (400, "shopify_in_part")
        assert not desk.sent("RefundOrder")


@pytest.mark.parametrize("words", ["This request is currently in progress, please try again.",
    "The same idempotency key cannot be used with different operation parameters."])  # fmt: skip
def test_refusal_of_the_idempotency_key_means_unknown(desk, words):
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    said = {"refundCreate": {"refund": None, "order": None, "userErrors": [{"field": None, "message": words}]}}
    desk.adapter.after = lambda r: (200, json.dumps({"data": said}).encode()) if b"refundCreate" in r.body else None
    answer = desk.send("POST", url, {"reason": "Goodwill"})
    assert answer.body["errors"][0]["code"] == "outcome_unknown"
    assert desk.reconcile()["ended"] == 1 and desk.timeline(ORDER)[0]["outcome"] == "SUCCEEDED"


# The order's own record is checked before its job.


def test_failed_job_of_a_cancelled_order_is_not_believed(desk):
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    renamed(desk, b'"status": "SUCCEEDED"', b'"status": "FAILED"')
    answer = desk.send("POST", url, {"reason": "OTHER"})
    assert answer.status == 200, answer.body
    assert (desk.timeline(ORDER)[0]["outcome"], desk.timeline(ORDER)[0]["amount"]) == ("SUCCEEDED", "129.0")


def test_unknown_job_status_decides_nothing(desk):
    desk.sandbox.mutations.job_seconds = 3
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    renamed(desk, b'"status": "STARTED"', b'"status": "PAUSED"')
    assert desk.send("POST", url, {"reason": "OTHER"}).status == 200


def test_refund_after_a_cancellation_is_not_counted_for_it(desk):
    ending(desk, "FAILURE")
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(
        Fault("reset_after", "CancelOrder"), Fault("refund_status", transaction_status="FAILURE"),
        Fault("no_answer", "Cancellation", seconds=0),
    )  # fmt: skip
    desk.send("POST", url, {"reason": "OTHER"})
    desk.sandbox.faults.clear()
    desk.form("edit-order-notes", ORDER)  # The job has ended by now.
    desk.clock.shift(timedelta(minutes=10))
    order = desk.store.order(ORDER)
    later = [Transaction("REFUND", p.amount, p.gateway, p.shown, parent=p) for p in order.payments()]
    order.transactions += later
    order.refunds.append(Refund("by hand", desk.store.now(), later))
    desk.reconcile()
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "0.0")
    assert "couldn't be refunded to Visa" in entry["detail"]


def lost_cancellation(desk):
    """The order is cancelled and its money refunded, without an answer; returns the `actionUrl`."""
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "CancelOrder"), Fault("no_answer", "Cancellation", seconds=0))
    desk.send("POST", url, {"reason": "OTHER"})
    desk.sandbox.faults.clear()
    desk.form("edit-order-notes", ORDER)  # The job has ended by now.
    return url


def test_refund_larger_than_what_was_left_is_another_persons(desk):
    url = lost_cancellation(desk)
    desk.change(url, shown=json.dumps({"amount": "0.0", "currency": "USD"}))
    desk.reconcile(later=timedelta(minutes=40))
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "0.0")
    assert "The cancellation itself didn't refund any money. Also refunded after this request: " in entry["detail"]


def test_first_refund_is_the_cancellations_if_a_record_does_not_say_what_was_left(desk):
    url = lost_cancellation(desk)
    desk.change(url, shown="{}")
    desk.reconcile(later=timedelta(minutes=40))
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "129.0")


def test_money_that_went_back_by_no_refund_is_said_so(desk):
    lost_cancellation(desk)
    desk.store.order(ORDER).refunds.clear()
    desk.reconcile(later=timedelta(minutes=40))
    [entry] = desk.timeline(ORDER)
    assert (entry["outcome"], entry["amount"]) == ("SUCCEEDED", "0.0")
    assert "Money went back, but Shopify doesn't show which refund did that." in entry["detail"]


def test_cancellation_says_that_a_payment_without_a_transaction_is_pending(desk):
    order = bought(desk, [])
    says = "The payment is still pending, and cancelling won't stop it"
    for document in ("CancelFacts", "Cancellation"):
        change_answers(desk, document, lambda data: data["order"].update(displayFinancialStatus="PENDING"))
    form = desk.form("cancel-order", order)
    assert says in text(form)
    assert says in text(desk.send("POST", form.body["actionUrl"], {"reason": "OTHER"}))


def test_lost_cancellation_with_money_left_is_reported_as_cancelled(desk):
    """The answer was lost, so there is no job to ask; the order says that it is cancelled and that money is left."""
    lost_cancellation(desk)
    order = desk.store.order(ORDER)
    order.refunds.clear()
    order.transactions = [t for t in order.transactions if t.kind != "REFUND"]
    assert desk.reconcile(later=timedelta(minutes=6)) == {"ended": 0, "waiting": 1}
    assert desk.reconcile(later=timedelta(minutes=40)) == {"ended": 1, "waiting": 0}
    [entry] = desk.timeline(ORDER)
    assert entry["outcome"] == "FAILED"
    assert (
        "The order is cancelled" in entry["detail"] and f"{AMOUNT} of what was paid wasn't refunded" in entry["detail"]
    )


def test_cancellation_waits_for_its_refunds_transactions(desk):
    url = desk.form("cancel-order", ORDER).body["actionUrl"]
    real, kept = desk.sandbox.handle, []

    def handle(method, address, headers, body):
        answer = real(method, address, headers, body)
        order = desk.store.order(ORDER)
        if b"query Cancellation" not in body or kept:
            return answer
        # The job has ended at this request; its refund has no transactions yet.
        kept.append(order.refunds[0].transactions)
        order.refunds[0].transactions, order.transactions = [], order.payments()
        return real(method, address, headers, body)

    desk.sandbox.handle = handle
    answer = desk.send("POST", url, {"reason": "OTHER"}, seconds=6)
    assert (answer.status, answer.body["errors"][0]["code"]) == (406, "still_running")
    assert f"{AMOUNT} hasn't gone back yet" in text(answer)
    assert desk.reconcile(later=timedelta(minutes=5)) == {"ended": 0, "waiting": 1}
    desk.store.order(ORDER).refunds[0].transactions = kept[0]
    desk.store.order(ORDER).transactions += kept[0]
    assert desk.reconcile(later=timedelta(minutes=6)) == {"ended": 1, "waiting": 0}
    assert desk.timeline(ORDER)[0]["amount"] == "129.0"


# What Shopify says in addition to what it did.


def test_refund_with_an_error_next_to_it_succeeds(desk):
    errors = [{"field": None, "message": "The email could not be sent"}]
    change_answers(desk, "RefundOrder", lambda data: data["refundCreate"].update(userErrors=errors))
    answer = desk.act("refund-order", ORDER, reason="Goodwill")
    assert answer.status == 200 and "Shopify also says: The email could not be sent" in text(answer)
    assert [(e["outcome"], e["amount"]) for e in desk.timeline(ORDER)] == [("SUCCEEDED", "129.0")]


def test_cancellation_with_a_job_and_an_error_is_followed(desk):
    errors = [{"field": None, "message": "The email could not be sent"}]
    change_answers(desk, "CancelOrder", lambda data: data["orderCancel"].update(orderCancelUserErrors=errors))
    answer = desk.act("cancel-order", ORDER, reason="OTHER")
    assert answer.status == 200, answer.body
    assert [(e["outcome"], e["amount"]) for e in desk.timeline(ORDER)] == [("SUCCEEDED", "129.0")]


def refusing(desk, message):
    """Let Shopify accept a cancellation but answer with this refusal."""
    gone = {"job": None, "jobResult": None, "orderCancelUserErrors": [{"field": None, "message": message}]}
    change_answers(desk, "CancelOrder", lambda data: data["orderCancel"].update(gone))


@pytest.mark.parametrize("message", ["Cannot cancel an order that has already been canceled", "No"])
def test_refusal_of_a_cancelled_order_is_not_believed(desk, message):
    """The first request was carried out; the answer is to the second."""
    refusing(desk, message)
    answer = desk.act("cancel-order", ORDER, reason="OTHER")
    assert answer.status == 200 and "Nothing was changed" not in text(answer), answer.body
    assert [(e["outcome"], e["amount"]) for e in desk.timeline(ORDER)] == [("SUCCEEDED", "129.0")]


def test_cancellation_in_progress_is_followed_and_locks_the_order(desk):
    refusing(desk, "Cancellation is already in progress")
    desk.sandbox.mutations.job_seconds = 3600
    answer = desk.act("cancel-order", ORDER, reason="OTHER")
    assert answer.body["errors"][0]["code"] == "still_running" and "Nothing was changed" not in text(answer)
    assert desk.reconcile(later=timedelta(minutes=40)) == {"ended": 0, "waiting": 1}
    assert not_offered(desk, "refund-order", "no refund or cancellation until it ends")
    assert desk.reconcile(later=timedelta(hours=1)) == {"ended": 1, "waiting": 0}
    assert [(e["outcome"], e["amount"]) for e in desk.timeline(ORDER)] == [("SUCCEEDED", "129.0")]


def test_cancellation_in_progress_that_never_ends_needs_a_person(desk):
    refusing(desk, "Cancellation is already in progress")
    desk.sandbox.mutations.job_seconds = 10**7
    desk.act("cancel-order", ORDER, reason="OTHER")
    for _ in range(26):
        desk.reconcile(later=timedelta(hours=1))
    assert [e["outcome"] for e in desk.timeline(ORDER)] == ["UNKNOWN"]


def refunded_in(desk, seconds):
    """Give the refunds of a cancellation a time this much later than the order's; None: no time at all."""

    def change(data):
        order = data["order"]
        for refund in order["refunds"]:
            if seconds is None:
                refund["createdAt"] = None
            elif order["cancelledAt"]:
                cancelled = datetime.fromisoformat(order["cancelledAt"])
                refund["createdAt"] = iso(cancelled + timedelta(seconds=seconds))

    change_answers(desk, "Cancellation", change)


@pytest.mark.parametrize("seconds", [90, 3600, -10, None])
def test_refund_at_another_time_than_the_cancellation_is_reported(desk, seconds):
    refunded_in(desk, seconds)
    answer = desk.act("cancel-order", ORDER, reason="OTHER")
    assert answer.status == 200 and "$109.00 to Visa" in text(answer), answer.body
    assert "No money" not in text(answer) and "Shopify doesn't say which refunds" in text(answer)
    assert [(e["outcome"], e["amount"]) for e in desk.timeline(ORDER)] == [("SUCCEEDED", "129.0")]


def test_all_refunds_of_a_cancellation_are_reported(desk):
    def split(data):
        for refund in data["order"]["refunds"][:1]:
            nodes, more = refund["transactions"]["nodes"], json.loads(json.dumps(refund))
            more |= {"id": "gid://shopify/Refund/99", "createdAt": iso(now() + timedelta(seconds=1))}
            refund["transactions"]["nodes"], more["transactions"]["nodes"] = nodes[:1], nodes[1:]
            data["order"]["refunds"].append(more)

    change_answers(desk, "Cancellation", split)
    answer = desk.act("cancel-order", ORDER, reason="OTHER")
    assert "$129.00 goes back to the original payment methods" in text(answer)
    assert [(e["outcome"], e["amount"]) for e in desk.timeline(ORDER)] == [("SUCCEEDED", "129.0")]


@pytest.mark.parametrize("job", ["fails", "is lost"])
def test_refund_without_a_cancelled_order_is_reported(desk, job):
    order, real = desk.store.order(ORDER), desk.sandbox.handle

    def handle(method, address, headers, body):
        answer = ()
        try:
            answer = real(method, address, headers, body)
        finally:
            if b"mutation CancelOrder" in body and not order.refunds:
                paid = order.payments()
                moves = [Transaction("REFUND", p.amount, p.gateway, p.shown, p.account, parent=p) for p in paid]
                order.transactions += moves
                order.refunds.append(Refund(None, desk.store.now(), moves))
        return answer

    desk.sandbox.handle = handle
    fault = Fault("job_fails", message="No") if job == "fails" else Fault("reset_before", "CancelOrder")
    desk.sandbox.faults.put(fault)
    answer = desk.act("cancel-order", ORDER, reason="OTHER")
    assert "Nothing was changed" not in text(answer)
    desk.reconcile(later=timedelta(minutes=40))
    [entry] = desk.timeline(ORDER)
    assert entry["outcome"] == "FAILED" and "amount" not in entry, "who did that is not known"
    assert "$109.00 to Visa" in entry["detail"] and "no trace" not in entry["detail"]


# Recorded, not moved.

COD = "Cash on Delivery (COD)"
BY_HAND = "Shopify only records this: pay $129.00 back yourself."


def manual(amount="129.00", gateway=COD, **more):
    return Transaction("SALE", Decimal(amount), gateway, gateway, **more)


@pytest.mark.parametrize("gateway", [COD, "Bank Deposit", "manual", "cash"])
def test_manual_refund_is_only_recorded(desk, gateway):
    order = bought(desk, [manual(gateway=gateway)])
    form = desk.form("refund-order", order)
    assert BY_HAND in form.body["sections"][0]["hint"] and f"Record a refund of {AMOUNT}" in text(form)
    answer = desk.send("POST", form.body["actionUrl"], {"reason": "Goodwill"})
    assert answer.body["message"] == f"Recorded a refund of {AMOUNT} on order {order}"
    assert BY_HAND in answer.body["detail"]
    [entry] = desk.timeline(order)
    assert BY_HAND in entry["detail"] and entry["amount"] == "129.0"


def test_manual_payment_of_a_cancelled_order_is_only_recorded(desk):
    order = bought(desk, [manual()])
    form = desk.form("cancel-order", order)
    assert form.body["title"] == f"Cancel order {order}: records a refund of {AMOUNT}"
    assert BY_HAND in form.body["sections"][0]["hint"]
    assert "goes back to the original payment methods" not in text(form)
    answer = desk.send("POST", form.body["actionUrl"], {"reason": "OTHER"})
    assert BY_HAND in answer.body["detail"] and "goes back" not in text(answer)
    assert BY_HAND in desk.timeline(order)[0]["detail"]


@pytest.mark.parametrize("action", VALUES)
def test_mixed_tenders_are_reported_separately(desk, action):
    order = bought(desk, [Transaction("SALE", Decimal(50), "shopify_payments", "Visa"), manual("79.00")])
    says = f"Shopify only records the refund to {COD}: pay $79.00 back yourself."
    form = desk.form(action, order)
    assert says in text(form)
    answer = desk.send("POST", form.body["actionUrl"], VALUES[action])
    assert says in answer.body["detail"] and "$50.00 to Visa" in answer.body["detail"]
    if action == "refund-order":
        assert answer.body["message"] == f"Refunded $50.00 on order {order}, and recorded $79.00 more"
    assert desk.timeline(order)[0]["amount"] == "129.0"


def test_cancellation_does_not_stop_a_pending_payment(desk):
    order = bought(desk, [manual(status="PENDING")])
    form = desk.form("cancel-order", order)
    says = f"A payment of {AMOUNT} by {COD} is still pending, and cancelling won't stop it."
    assert says in form.body["sections"][0]["hint"]
    answer = desk.send("POST", form.body["actionUrl"], {"reason": "OTHER"})
    assert says in answer.body["detail"] and "There was no money to refund" in answer.body["detail"]


@pytest.mark.parametrize("status", [*NEVER, "PENDING"])
@pytest.mark.parametrize("action", VALUES)
def test_recorded_part_is_not_reported_as_refunded(desk, action, status):
    order = bought(desk, [Transaction("SALE", Decimal(79), "shopify_payments", "Visa"), manual("50.00")])
    ending(desk, status, "shopify_payments")
    form = desk.form(action, order)
    shown = "refunds $79.00 and records $50.00" if action == "cancel-order" else "Refund $79.00, record $50.00"
    assert shown in text(form) and "$129.00 goes back" not in text(form)
    answer = desk.send("POST", form.body["actionUrl"], VALUES[action])
    assert not any(wrong in text(answer) for wrong in ("$50.00 was refunded", "Refunding $129.00"))
    assert "Shopify only records the refund to Cash on Delivery" in text(answer)
    card = desk.profile(desk.linked(order))["transactions"]
    told_of = next(o["orderStatus"] for o in card if o["orderNumber"] == order)
    assert "$50.00 went back" not in told_of.replace("$50.00 went back or is only recorded", "")
    if status == "PENDING":
        assert "$50.00 is only recorded" in told_of and "refund of $79.00 on its way" in told_of


@pytest.mark.parametrize("action", VALUES)
def test_pending_manual_refund_is_not_at_a_provider(desk, action):
    order = bought(desk, [manual()])
    ending(desk, "PENDING")
    answer = desk.act(action, order, **VALUES[action])
    assert "Shopify hasn't recorded it yet; the timeline will say how it ends" in text(answer)
    assert "provider" not in text(answer) and "on its way" not in text(answer) and BY_HAND[:-1] in text(answer)


def test_chargeback_is_not_reported_as_refunded(desk):
    """A chargeback takes it."""
    none = {"presentmentMoney": {"amount": "0.0", "currencyCode": "USD"}}
    change_answers(desk, "CancelFacts", lambda data: data["order"].update(netPaymentSet=none))
    hint = desk.form("cancel-order", ORDER).body["sections"][0]["hint"]
    assert hint.startswith("Shopify has no money left to refund and doesn't show") and "already" not in hint


def test_payment_on_delivery_marked_as_paid_is_not_pending(desk):
    asked = manual(status="PENDING")
    order = bought(desk, [asked, manual(parent=asked)])
    form = desk.form("cancel-order", order)
    answer = desk.send("POST", form.body["actionUrl"], {"reason": "OTHER"})
    assert answer.status == 200 and "still pending" not in text(form) + text(answer)


def test_pending_capture_is_not_released(desk):
    held = Transaction("AUTHORIZATION", Decimal(60), "shopify_payments", "Visa")
    paid = [held, Transaction("CAPTURE", Decimal(60), "shopify_payments", "Visa", parent=held, status="PENDING")]
    hint = desk.form("cancel-order", bought(desk, paid)).body["sections"][0]["hint"]
    assert "released" not in hint and "A payment of $60.00 by Visa is still pending" in hint


@pytest.mark.parametrize(
    ("transactions", "payment", "released"),
    [
        ([("AUTHORIZATION", "SUCCESS")], "AUTHORIZED", True),
        ([("EMV_AUTHORIZATION", "SUCCESS")], "AUTHORIZED", True),
        ([("AUTHORIZATION", "FAILURE")], None, False),
        ([("AUTHORIZATION", "ERROR")], "AUTHORIZED", False),
        ([("AUTHORIZATION", "SUCCESS")], "EXPIRED", False),
        ([("AUTHORIZATION", "SUCCESS"), ("VOID", "SUCCESS")], "VOIDED", False),
        ([("AUTHORIZATION", "SUCCESS"), ("VOID", "FAILURE")], "AUTHORIZED", True),
    ],
)
def test_only_a_valid_authorization_is_released(desk, transactions, payment, released):
    paid = [Transaction(kind, Decimal(60), status=status) for kind, status in transactions]
    order = add(desk.store, None, [Line("Lamp", Decimal(60))], paid, payment=payment)
    desk.store.orders[-1].financial_status = lambda: payment
    hint = desk.form("cancel-order", order.name).body["sections"][0]["hint"]
    assert ("the authorization is released" in hint) == released
    assert released or hint.startswith("No money was received, so there's nothing to refund")


def test_partly_captured_authorization_releases_the_rest(desk):
    held = Transaction("AUTHORIZATION", Decimal(60))
    order = add(
        desk.store, None, [Line("Lamp", Decimal(60))], [held, Transaction("CAPTURE", Decimal(20), parent=held)]
    )  # fmt: skip
    assert "Any amount that was only authorized is released" in text(desk.form("cancel-order", order.name))
    order.transactions.append(Transaction("CAPTURE", Decimal(40), parent=held))
    assert "released" not in text(desk.form("cancel-order", order.name))


@pytest.mark.parametrize("counting", ["successes", "under way"])
def test_change_given_in_cash_is_not_refunded(desk, counting):
    desk.store.count(counting)
    cash = Transaction("SALE", Decimal(150), "cash", "Cash")
    change = Transaction("CHANGE", Decimal(21), "cash", "Cash", parent=cash)
    order = add(desk.store, None, [Line("Rain jacket", Decimal(179))], [cash, change, manual("50.00", "paypal")])
    form = desk.form("refund-order", order.name)
    assert form.body["title"] == f"Refund order {order.name}: $179.00"
    assert "$129.00 to Cash, $50.00 to paypal. Shopify only records the refund to Cash" in text(form)
    assert desk.send("POST", form.body["actionUrl"], {"reason": "Goodwill"}).status == 200
    assert desk.store.order(order.name).refunded == 179


# Where the money goes.


@pytest.mark.parametrize("action", VALUES)
def test_changed_tenders_with_the_same_sum_bring_the_form_back(desk, action):
    order = bought(desk, [Transaction("SALE", Decimal(60), "shopify_payments", "Visa")])
    url = desk.form(action, order).body["actionUrl"]
    kept = desk.store.order(order)
    kept.transactions[0] = Transaction("SALE", Decimal(60), "gift_card", "Gift card")
    answer = desk.send("POST", url, VALUES[action])
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, "tenders_changed")
    assert "$60.00 to Gift card" in text(answer)
    assert desk.timeline(order) == [] and not kept.refunds
    assert desk.send("POST", url, VALUES[action]).status == 200


@pytest.mark.parametrize("action", VALUES)
def test_form_of_an_earlier_version_can_be_submitted(desk, action):
    url = desk.form(action, ORDER).body["actionUrl"]
    desk.change(url, facts=json.dumps({"amount": "129.0", "currency": "USD"}))
    assert desk.send("POST", url, VALUES[action]).status == 200


# Words.


def test_status_uses_shopifys_words(desk):
    order = desk.store.order(ORDER)
    order.fulfillment_status = lambda: "IN_PROGRESS"
    assert "paid and in progress" in text(desk.form("cancel-order", ORDER))
    [card] = [c for c in desk.profile(desk.linked(ORDER))["transactions"] if c["orderNumber"] == ORDER]
    assert card["orderStatus"] == "Paid, in progress"


def test_refund_that_ends_unknown_once_is_followed(desk):
    desk.sandbox.faults.put(Fault("refund_status", transaction_status="UNKNOWN", times=1))
    answer = desk.act("refund-order", ORDER, **VALUES["refund-order"])
    assert "on its way to Visa" in text(answer) and desk.timeline(ORDER) == []
    assert desk.sandbox.faults.listed() == []


def test_job_that_fails_once_fails_the_cancellation(desk):
    desk.sandbox.faults.put(Fault("job_fails", message="The provider said no", times=1))
    answer = desk.act("cancel-order", ORDER, **VALUES["cancel-order"])
    assert "The provider said no" in text(answer)
    assert desk.store.order(ORDER).cancelled is None and desk.sandbox.faults.listed() == []
