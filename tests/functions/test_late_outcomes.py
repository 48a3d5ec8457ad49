"""What a profile says about open operations and late outcomes: on the order's card, from our own records."""

import threading
import time
from datetime import timedelta

import boto3
import pytest

from local.in_process import PATH, STORE
from local.sandbox import Fault
from lookup import records, told
from lookup.records import Known
from orderdesk import tables
from orderdesk.actions import ACTIONS, ITEMS, REFUND
from tests.faults.acting import SUBMITS, opened

ORDER = "#1016"
LATER = timedelta(minutes=40)


def card(desk, order=ORDER):
    return next(c for c in desk.profile(desk.linked(order))["transactions"] if c["orderNumber"] == order)


def between(shown):
    """What our records say on a card, without Shopify's status and holds."""
    status, *texts = shown["orderStatus"].split(" · ")
    assert status == shown["status"]
    return " · ".join(text for text in texts if not text.startswith("held by"))


def lost(desk, action, *, done):
    """Submit an action whose answer is lost; `done`: Shopify carries it out anyway."""
    url = opened(desk, action)
    desk.sandbox.faults.put(
        Fault("reset_after" if done else "reset_before", "mutations"), Fault("no_answer", "Cancellation", seconds=0)
    )
    answer = desk.send("POST", url, SUBMITS[action])
    desk.sandbox.faults.clear()
    assert answer.body["errors"][0]["code"] == "outcome_unknown"
    return url


def clock(desk, **later):
    return (desk.store.now() + timedelta(**later)).strftime("%H:%M UTC")


@pytest.fixture
def noon(hurried):
    """A desk at noon, so that no test runs past midnight."""
    now = hurried.store.now()
    hurried.clock.move_to(now.replace(hour=12, minute=0, second=5) + timedelta(days=1))
    return hurried


AMOUNT = {"refund-order": " $129.00", "refund-items": " $129.00", "cancel-order": " with a refund of $129.00"}
OF_ORDERS = [action for action in ACTIONS if action.about == "order"]
#: What a card says of each action on an order: by the words in its row.
OPEN = {a.slug: f"{a.noun}{' of $129.00' if a in (REFUND, ITEMS) else ''} being checked since" for a in OF_ORDERS}
DONE = {a.slug: f"{a.done}{AMOUNT.get(a.slug, '')}, confirmed" for a in OF_ORDERS}
NOT_DONE = {a.slug: f"{a.noun} failed," for a in OF_ORDERS if a.surely_over is not None}


@pytest.mark.parametrize("action", OPEN)
@pytest.mark.parametrize("done", [True, False])
def test_open_operation_and_its_outcome_are_on_the_card(noon, action, done):
    since = clock(noon)
    lost(noon, action, done=done)
    before = card(noon)
    assert between(before) == f"{OPEN[action]} {since}"
    noon.reconcile(later=LATER)
    after = card(noon)
    words = DONE[action] if done else NOT_DONE.get(action)
    if not words:
        assert after["orderStatus"] == before["orderStatus"], "a missing trace is never believed"
        return
    assert between(after) == f"{words} {clock(noon)}"


def test_discount_code_is_in_the_customers_attribute(noon):
    lost(noon, "create-discount-code", done=True)
    profile = noon.profile(noon.linked(ORDER))
    assert profile["customAttributes"]["lastActions"] == f"discount code SORRY being checked since {clock(noon)}"
    noon.reconcile(later=LATER)
    profile = noon.profile(noon.linked(ORDER))
    words = f"created discount code SORRY, confirmed {clock(noon)}"
    assert profile["customAttributes"]["lastActions"] == words


@pytest.mark.parametrize("action", OPEN)
def test_answered_outcome_is_not_shown_again(desk, action):
    assert desk.send("POST", opened(desk, action), SUBMITS[action]).status == 200
    assert between(card(desk)) == ""
    # Gladly keeps the old value if an attribute is left out.
    assert desk.profile(desk.linked(ORDER))["customAttributes"]["lastActions"] == ""


def test_refusal_is_not_shown_again(desk):
    url = opened(desk, "refund-order")
    desk.set(actions__refund_order__enabled="false")
    assert desk.send("POST", url, SUBMITS["refund-order"]).status == 406
    assert "·" not in card(desk)["orderStatus"]


def test_later_success_replaces_a_late_outcome(noon):
    lost(noon, "refund-order", done=False)
    noon.reconcile(later=LATER)
    assert "refund failed" in card(noon)["orderStatus"]
    assert noon.send("POST", opened(noon, "refund-order"), SUBMITS["refund-order"]).status == 200
    assert card(noon)["orderStatus"] == "Refunded, unfulfilled"


def test_refund_at_the_provider_is_on_its_way(noon):
    noon.sandbox.faults.put(Fault("refund_pending"))
    assert noon.send("POST", opened(noon, "refund-order"), SUBMITS["refund-order"]).status == 200
    assert f"refund of $129.00 on its way since {clock(noon)}" in card(noon)["orderStatus"]


def tenders(desk):
    """The transactions of the order's refund: $20.00 to a gift card, $109.00 to a card."""
    return [t for t in desk.store.order(ORDER).transactions if t.kind == "REFUND"]


def begun(desk, action, order, status, **values):
    """An action whose refund transactions get `status` and keep it until it is changed."""
    desk.sandbox.faults.put(Fault("refund_status", transaction_status=status))
    answer = desk.act(action, order, **values)
    desk.sandbox.faults.clear()
    return answer


CANCEL = {"reason": "CUSTOMER", "notify": False}


def test_cancellation_with_a_failed_refund_is_shown_as_cancelled(noon):
    assert begun(noon, "cancel-order", ORDER, "PENDING", **CANCEL).status == 200
    assert f"· refund of $129.00 on its way since {clock(noon)}" in card(noon)["orderStatus"]
    noon.sandbox.set_status(ORDER, "FAILURE")
    noon.reconcile(later=LATER)
    assert card(noon)["orderStatus"].endswith(f" · cancelled; refund failed, {clock(noon)}")


def test_cancellation_with_a_partly_failed_refund_is_shown_as_cancelled(noon):
    assert begun(noon, "cancel-order", ORDER, "PENDING", **CANCEL).status == 200
    gift_card, card_paid = tenders(noon)
    noon.sandbox.set_status(gift_card.id, "SUCCESS")
    noon.sandbox.set_status(card_paid.id, "FAILURE")
    noon.reconcile(later=LATER)
    assert f" · cancelled; refund failed in part, $20.00 went back, {clock(noon)}" in card(noon)["orderStatus"]


@pytest.mark.parametrize("last_look", ["answers", "does not answer"])
def test_cancellation_with_a_refund_of_over_two_weeks_is_shown_as_cancelled(noon, last_look):
    assert begun(noon, "cancel-order", ORDER, "PENDING", **CANCEL).status == 200
    if last_look != "answers":
        noon.sandbox.faults.put(Fault("http", "Cancellation", status=503))
    noon.reconcile(later=timedelta(days=15))
    noon.sandbox.faults.clear()
    assert f"· cancelled; refund couldn't be confirmed, {clock(noon)}" in card(noon)["orderStatus"]
    [entry] = noon.timeline(ORDER)
    assert "hasn't finished in two weeks" in entry["message"]
    assert entry["shopify"]["cancelled_at"]


def test_refund_in_an_unknown_state_is_perhaps_on_its_way(noon):
    answer = begun(noon, "refund-order", ORDER, "UNKNOWN", reason="Goodwill")
    assert "may be on its way" in answer.body["detail"]
    since = clock(noon)
    assert f"· refund of $129.00 possibly on its way since {since}" in card(noon)["orderStatus"]
    noon.sandbox.set_status(ORDER, "PENDING")
    noon.reconcile(later=LATER)
    assert f"· refund of $129.00 on its way since {since}" in card(noon)["orderStatus"]


def test_refunded_part_is_no_longer_on_its_way(noon):
    assert begun(noon, "refund-order", ORDER, "PENDING", reason="Goodwill").status == 200
    since = clock(noon)
    noon.sandbox.set_status(tenders(noon)[0].id, "SUCCESS")
    noon.reconcile(later=LATER)
    assert f"· refund of $109.00 on its way since {since}, $20.00 went back" in card(noon)["orderStatus"]


def moved(desk, order):
    """Give the order another customer: a guest's order gets one, any other customer is merged with another one."""
    gone = order.customer
    kept = next(c for c in desk.store.customers if c is not gone)
    if gone:
        desk.store.merge(gone, kept)
    order.customer = kept


@pytest.mark.parametrize("whose", ["merged", "a guest's"])
def test_open_operation_follows_the_order_to_its_new_customer(noon, whose):
    guests = next(o for o in noon.store.orders if o.customer is None)
    order = noon.store.order(ORDER) if whose == "merged" else guests
    url = noon.form("edit-order-notes", order.name).body["actionUrl"]
    since = clock(noon)
    noon.sandbox.faults.put(Fault("reset_before", "mutations"))
    noon.send("POST", url, {"note": "Called"})
    noon.sandbox.faults.clear()
    moved(noon, order)
    noon.reconcile(later=timedelta(minutes=2))
    assert f"note change being checked since {since}" in card(noon, order.name)["orderStatus"]
    noon.reconcile(later=timedelta(minutes=10))
    assert f"note change failed, {clock(noon)}" in card(noon, order.name)["orderStatus"]
    theirs = noon.send("GET", f"/timeline?customer={noon.linked(order.name)}").body["entries"]
    assert [entry["outcome"] for entry in theirs] == ["FAILED"]


def test_outcome_follows_the_order_to_its_new_customer(noon):
    lost(noon, "refund-order", done=True)
    moved(noon, noon.store.order(ORDER))
    noon.reconcile(later=LATER)
    assert f"refunded $129.00, confirmed {clock(noon)}" in card(noon)["orderStatus"]


@pytest.mark.parametrize("trouble", ["denied", "down"])
def test_operation_ends_even_if_the_orders_customer_is_hidden(noon, trouble, capsys):
    lost(noon, "refund-order", done=True)
    if trouble == "denied":
        noon.sandbox.deny("Order.customer")
    else:
        noon.sandbox.faults.put(Fault("http", "ReconcileOwner", status=503))
    assert noon.reconcile(later=LATER) == {"ended": 1, "waiting": 0}
    noon.sandbox.faults.clear()
    noon.sandbox.deny()
    assert "refunded $129.00, confirmed" in card(noon)["orderStatus"]


def test_open_operation_is_shown_in_another_store_of_the_shop(noon):
    since = clock(noon)
    lost(noon, "refund-order", done=False)
    linked = noon.linked(ORDER)
    for name in ("shopify/domain", "shopify/access_token", "helpdesk/bearer_token"):
        value = noon.ssm.get_parameter(Name=f"{PATH}/{name}")["Parameter"]["Value"]
        noon.ssm.put_parameter(Name=f"{PATH.replace(STORE, 'second')}/{name}", Value=value, Type="String")
    query = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": linked}}
    [profile] = noon.send("POST", "", query, store="second").body["results"]
    [shown] = [c for c in profile["transactions"] if c["orderNumber"] == ORDER]
    assert f"refund of $129.00 being checked since {since}" in shown["orderStatus"]


def test_two_codes_show_their_own_outcomes(noon):
    linked = noon.linked(ORDER)
    for code, kind in (("LOST", "reset_before"), ("MADE", "reset_after")):
        url = noon.send("GET", f"/actions/create-discount-code?customer={linked}").body["actionUrl"]
        noon.sandbox.faults.put(Fault(kind, "mutations"))
        noon.send("POST", url, SUBMITS["create-discount-code"] | {"code": code})
        noon.sandbox.faults.clear()
        noon.clock.shift(timedelta(seconds=5))
    noon.reconcile(later=LATER)
    ends = noon.profile(linked)["customAttributes"]["lastActions"].split(told.BETWEEN)
    at = clock(noon)
    assert sorted(ends) == [f"created discount code MADE, confirmed {at}", f"discount code LOST failed, {at}"]


def test_partly_changed_tags_are_shown(noon):
    url = noon.form("edit-order-tags", ORDER).body["actionUrl"]
    noon.sandbox.faults.put(Fault("reset_after", "mutations"))
    noon.send("POST", url, {"tags": "alpha, beta"})
    noon.sandbox.faults.clear()
    order = noon.store.order(ORDER)
    order.tags = [tag for tag in order.tags if tag != "alpha"]
    noon.reconcile(later=LATER)
    assert card(noon)["orderStatus"].endswith(f" · tags changed in part, {clock(noon)}")


def test_time_of_another_day_has_a_date(noon):
    lost(noon, "edit-order-tags", done=True)
    noon.reconcile(later=LATER)
    at = noon.store.now()
    noon.clock.shift(timedelta(days=2))
    assert card(noon)["orderStatus"].endswith(f"tags changed, confirmed {at.day} {at:%b %H:%M} UTC")
    noon.clock.shift(timedelta(days=6))
    assert "·" not in card(noon)["orderStatus"]


def test_refund_without_an_amount_is_on_its_way(noon):
    known = Known(open=[_open(answered=True, amount="", since=f"{noon.store.now():%Y-%m-%d}T10:39:00.000Z")])
    assert told.notes(known, None)["7"] == ["refund on its way since 10:39 UTC"]


def test_customer_who_is_gone_from_shopify_is_said_so_after_an_action(desk):
    customer, number = desk.store.order(ORDER).customer, desk.linked(ORDER)
    query = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": number}}
    desk.store.customers.remove(customer)
    assert desk.send("POST", "", query).body["results"] == [], "we know nothing of them"
    desk.store.customers.append(customer)
    lost(desk, "edit-order-notes", done=True)
    desk.store.customers.remove(customer)
    [shown] = desk.send("POST", "", query).body["results"]
    assert (shown["externalCustomerId"], shown["name"]) == (number, "Customer no longer in Shopify")
    assert "merged with another one or deleted. Search for the customer" in shown["customAttributes"]["lastActions"]


def test_outcome_of_an_order_without_a_card_is_in_the_attribute():
    known = Known(open=[_open(order="7", order_name="#1001")])
    notes = told.notes(known, None)
    assert told.elsewhere(notes, known, ["8"]) == f"#1001: {notes['7'][0]}"
    assert told.elsewhere(notes, known, ["7"]) == ""


@pytest.mark.parametrize(
    ("zone", "time_there"),
    [
        ("America/New_York", "05:39"), ("Europe/Berlin", "11:39"), ("Etc/UTC", "10:39 UTC"), (None, "10:39 UTC"),
        ("Mars/Olympus", "10:39 UTC"), ("../etc/passwd", "10:39 UTC"),
    ],
)  # fmt: skip
def test_times_are_in_the_shops_time_zone(noon, zone, time_there):
    since = f"{noon.store.now():%Y}-11-02T10:39:00.000Z"
    noon.clock.move_to(noon.store.now().replace(month=11, day=2, hour=11))
    assert told.notes(Known(open=[_open(since=since)]), zone)["7"] == [
        f"refund of $100.00 being checked since {time_there}"
    ]


def test_running_submit_is_being_carried_out(noon):
    at = noon.store.now().isoformat()
    [words] = told.notes(Known(open=[_open(since=at, state="SENT")]), None)["7"]
    assert words == f"refund of $100.00 being carried out since {clock(noon)}"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"outcome": "FAILED", "amount": "20.0", "currency": "USD"}, "refund failed in part, $20.00 went back,"),
        ({"outcome": "UNKNOWN"}, "refund couldn't be confirmed,"),
        ({"outcome": "REFUSED", "late": True}, "refund refused,"),
        ({"outcome": "REFUSED", "late": True, "action": "cancel_order", "message": "Order #1 was cancelled by someone "
          "else"}, "cancelled by someone else,"),
        # As earlier versions wrote it.
        ({"outcome": "REFUSED", "late": True, "action": "cancel_order", "message": "Order #1 was cancelled by somebody "
          "else"}, "cancelled by someone else,"),
        ({"outcome": "SUCCEEDED", "late": True, "message": "Recorded a refund of $9.00 on order #1001"},
         "recorded a refund of $9.00, confirmed"),
        ({"outcome": "SUCCEEDED", "late": True}, "refunded, confirmed"),
        ({"outcome": "SUCCEEDED", "late": True, "action": "new_action"}, "done, confirmed"),
        ({"outcome": "SUCCEEDED", "late": True, "action": "cancel_order", "amount": "9.0", "currency": "USD",
          "detail": "Shopify only records this refund: pay $9.00 back yourself."},
         "cancelled, a refund of $9.00 is only recorded, confirmed"),
    ],
)  # fmt: skip
def test_outcome_is_worded(entry, words):
    at = {"at": "2026-11-02T10:39:00.000Z", "action": "refund_order", "order": "7", "order_name": "#1001"}
    assert told.notes(Known(ended=[at | entry]), None)["7"][0].startswith(words)


def test_record_of_another_version_is_skipped(capsys):
    known = Known(open=[{"action": "refund_order", "order": "7"}, _open()], ended=[{"outcome": "FAILED", "order": "7"}])
    assert len(told.notes(known, None)["7"]) == 1
    assert capsys.readouterr().out.count("Record skipped") == 2


def test_dynamodb_down_leaves_the_profile_without_outcomes(desk, monkeypatch, capsys):
    lost(desk, "refund-order", done=True)
    monkeypatch.setenv("OPERATIONS_TABLE", "Missing")
    assert card(desk)["orderStatus"] == card(desk)["status"]
    assert "lastActions" not in desk.profile(desk.linked(ORDER))["customAttributes"]
    assert "Our records did not answer" in capsys.readouterr().out


def test_hanging_dynamodb_does_not_delay_the_profile(desk, monkeypatch, capsys):
    let_go = threading.Event()
    monkeypatch.setattr(tables, "operations_table", lambda: let_go.wait(10) and "Missing")
    began = time.perf_counter()
    assert card(desk)["status"] == "Paid, unfulfilled"
    assert time.perf_counter() - began < records.PATIENCE + 0.5
    let_go.set()
    assert '"TimedOut"' in capsys.readouterr().out


def test_slow_shopify_adds_no_wait_for_dynamodb(desk, monkeypatch):
    """Records that arrive while Shopify answers are used; there is no wait after that."""
    read = threading.Event()
    monkeypatch.setattr(records, "PATIENCE", 0)
    real = desk.adapter.send

    def slow(request, **options):
        # Not `time.sleep`: on the tests' clock it takes no time, and the deadline would pass before the thread has run.
        assert read.wait(10)
        return real(request, **options)

    begin = records.begin

    def begun(*whose):
        background = begin(*whose)
        threading.Thread(target=lambda: (background._thread.join(), read.set())).start()
        return background

    lost(desk, "refund-order", done=True)
    monkeypatch.setattr(records, "begin", begun)
    desk.adapter.send = slow
    assert "being" in card(desk)["orderStatus"]
    desk.adapter.send = real


def test_basic_lookup_does_not_read_our_records(desk, monkeypatch):
    monkeypatch.setattr(records, "begin", None)
    assert desk.find(emails=["martha.williams@example.com"])


def test_index_contains_only_open_operations(desk):
    lost(desk, "refund-order", done=True)
    index = {"TableName": tables.operations_table(), "IndexName": "open_by_customer"}
    [item] = boto3.client("dynamodb").scan(**index)["Items"]
    assert set(item) == {"operation", "open_for", "open_as"}
    desk.reconcile(later=LATER)
    assert boto3.client("dynamodb").scan(**index)["Items"] == []


def test_operation_older_than_the_index_is_shown_after_the_next_reconcile(noon):
    url = lost(noon, "refund-order", done=False)
    item = {k: v for k, v in noon.operation(url).items() if k not in ("open_for", "open_as")}
    noon.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(item))
    assert "·" not in card(noon)["orderStatus"]
    assert noon.reconcile(later=timedelta(minutes=2))["waiting"] == 1
    assert "refund of $129.00 being checked" in card(noon)["orderStatus"]


def _open(**more):
    return {
        "action": "refund_order", "order": "7", "order_name": "#1001", "state": "UNKNOWN", "amount": "100.0",
        "currency": "USD", "since": "2026-11-02T10:39:00.000Z",
    } | more  # fmt: skip
