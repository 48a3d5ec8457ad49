"""The helpdesk's own id of a customer: it travels from a lookup to the entry of a late end, and decides nothing."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from local.in_process import STORE
from local.sandbox import Fault
from orderdesk import tables, timeline
from orderdesk.operations import card
from tests.faults.acting import SUBMITS, opened
from tests.test_signed_queries import signed

ORDER = "#1016"
PROFILE = "o2sg-TMTSD2rTwMuxzewbA"
LATER = timedelta(minutes=40)


def addresses(desk, level="DETAILED", **query):
    """The `formUrl` of every action in the reply to a lookup."""
    query = {"externalCustomerId": desk.linked(ORDER)} | query
    results = desk.send("POST", "", {"lookupLevel": level, "query": query}).body["results"]
    return [
        action["formUrl"]
        for result in results
        for holder in (result, *result.get("transactions", []))
        for action in holder.get("actions", [])
    ]


def said(url):
    return dict(parse_qsl(urlsplit(url).query)).get("profile")


def refund_form(desk, **query):
    """The `actionUrl` of a refund's form, opened from a profile."""
    url = next(u for u in addresses(desk, **query) if "/refund-order?" in u and desk.store.order(ORDER).number in u)
    return desk.send("GET", url).body["actionUrl"]


def lost(desk, url, kind="reset_after", action="refund-order"):
    desk.sandbox.faults.put(Fault(kind, "mutations"), Fault("no_answer", "Cancellation", seconds=0))
    answer = desk.send("POST", url, SUBMITS[action])
    desk.sandbox.faults.clear()
    assert answer.body["errors"][0]["code"] == "outcome_unknown"


def entries(desk):
    """The customer's entries as they are stored, newest first."""
    return timeline.since(STORE, desk.linked(ORDER), "2020")


def test_every_form_of_a_profile_carries_the_id(desk):
    found = addresses(desk, id=PROFILE)
    assert len(found) == 8
    assert {said(url) for url in found} == {PROFILE}
    # Signed as they are sent, which is sorted.
    queries = [urlsplit(url).query.split("&") for url in found]
    assert all(query == sorted(query) for query in queries)


@pytest.mark.parametrize(
    "strange",
    ["", " ", "a b", "a/b", "..", ".", "../x", "a?b", "a%2Fb", "a\n", "x" * 51, "é", None, True, ["a"], {"a": 1}, 1.5],
)
def test_value_that_cannot_be_an_id_is_ignored(desk, strange):
    found = addresses(desk, id=strange)
    assert found
    assert {said(url) for url in found} == {None}


@pytest.mark.parametrize(("given", "carried"), [("x" * 50, "x" * 50), ("a.b~c_d-e", "a.b~c_d-e"), (4711, "4711")])
def test_any_url_safe_id_is_carried(desk, given, carried):
    assert {said(url) for url in addresses(desk, id=given)} == {carried}


def test_search_has_no_forms_and_takes_the_id_of_nobody(desk):
    assert addresses(desk, "BASIC", id=PROFILE, emails=["martha.williams@example.com"]) == []


def test_operation_and_the_entry_of_its_late_end_have_the_id(hurried):
    url = refund_form(hurried, id=PROFILE)
    assert said(url) == PROFILE
    assert hurried.operation(url)["profile"] == PROFILE
    lost(hurried, url)
    hurried.reconcile(later=LATER)
    [entry] = entries(hurried)
    assert (entry["outcome"], entry["late"], entry["profile"]) == ("SUCCEEDED", True, PROFILE)
    # It is the helpdesk's, and no answer of ours.
    assert "profile" not in hurried.timeline(ORDER)[0]


def test_answered_end_does_not_keep_the_id(desk):
    url = refund_form(desk, id=PROFILE)
    assert desk.send("POST", url, SUBMITS["refund-order"]).status == 200
    [entry] = entries(desk)
    assert "late" not in entry and "profile" not in entry


def test_submit_says_it_or_the_form_has(hurried):
    without = refund_form(hurried, id=PROFILE).replace(f"&profile={PROFILE}", "")
    assert said(without) is None
    lost(hurried, without)
    assert hurried.operation(without)["profile"] == PROFILE


def test_submit_of_a_form_that_had_none_brings_it(hurried):
    url = refund_form(hurried)
    assert "profile" not in hurried.operation(url)
    lost(hurried, f"{url}&profile={PROFILE}")
    assert hurried.operation(url)["profile"] == PROFILE


@pytest.mark.parametrize("strange", ["..", "a%20b", "x" * 51, "%E2%98%83"])
def test_strange_id_in_an_address_is_ignored(desk, strange):
    answer = desk.send("GET", f"/actions/refund-order?order={desk.store.order(ORDER).number}&profile={strange}")
    assert answer.status == 200
    assert said(answer.body["actionUrl"]) is None
    assert "profile" not in desk.operation(answer.body["actionUrl"])


def test_signature_covers_the_id(desk):
    path, _, query = f"/actions/refund-order?order={desk.store.order(ORDER).number}&profile={PROFILE}".partition("?")
    headers = signed("GET", f"/local/stores/main{path}", query)
    assert desk.send("GET", f"{path}?{query}", headers=headers).status == 200
    other = query.replace(PROFILE, "another")
    assert desk.send("GET", f"{path}?{other}", headers=headers).status == 401


def test_id_does_not_say_whose_the_order_is(desk):
    """The order's own customer is on the operation and the card, whatever profile an address names."""
    url = f"/actions/refund-order?order={desk.store.order(ORDER).number}&profile=of-someone-else"
    operation = desk.operation(desk.send("GET", url).body["actionUrl"])
    assert operation["customer"] == desk.linked(ORDER)
    assert card.customer_key(operation["shop"], operation["customer"]).endswith(desk.linked(ORDER))


def pending(desk, action="refund-order"):
    """Submit an action that is answered with 200 while the refund is on its way."""
    url = opened(desk, action)
    desk.sandbox.faults.put(Fault("refund_status", transaction_status="PENDING"))
    assert desk.send("POST", url, SUBMITS[action]).status == 200
    desk.sandbox.faults.clear()


@pytest.mark.parametrize("action", ["refund-order", "cancel-order"])
@pytest.mark.parametrize(("status", "outcome"), [("SUCCESS", "SUCCEEDED"), ("FAILURE", "FAILED")])
def test_entry_says_that_the_agent_was_answered_that_it_is_on_its_way(hurried, action, status, outcome):
    pending(hurried, action)
    hurried.sandbox.set_status(ORDER, status)
    hurried.reconcile(later=LATER)
    [entry] = entries(hurried)
    assert (entry["outcome"], entry["late"], entry["on_its_way"]) == (outcome, True, True)


def test_refund_that_only_the_reconciler_saw_on_its_way_was_told_to_nobody(hurried):
    url = opened(hurried, "refund-order")
    hurried.sandbox.faults.put(
        Fault("reset_after", "mutations"), Fault("refund_status", transaction_status="PENDING"),
    )  # fmt: skip
    assert hurried.send("POST", url, SUBMITS["refund-order"]).status == 406
    hurried.sandbox.faults.clear()
    hurried.reconcile(later=LATER)
    hurried.sandbox.set_status(ORDER, "SUCCESS")
    hurried.reconcile(later=LATER)
    [entry] = entries(hurried)
    assert (entry["outcome"], entry["late"]) == ("SUCCEEDED", True)
    assert "on_its_way" not in entry


def test_resend_that_got_the_first_ones_reply_makes_nothing_late(hurried):
    url = opened(hurried, "refund-order")
    first, again = (hurried.send("POST", url, SUBMITS["refund-order"]) for _ in range(2))
    assert (first.status, again.status) == (200, 200)
    assert first.body == again.body
    hurried.reconcile(later=LATER)
    assert [entry.get("late") for entry in entries(hurried)] == [None]


def test_resend_while_it_is_unknown_leaves_its_end_late(hurried):
    url = opened(hurried, "refund-order")
    lost(hurried, url)
    assert hurried.send("POST", url, SUBMITS["refund-order"]).status == 406
    hurried.reconcile(later=LATER)
    assert [entry.get("late") for entry in entries(hurried)] == [True]


def test_submit_that_died_before_it_sent_anything_ends_late(hurried):
    url = refund_form(hurried, id=PROFILE)
    answer = hurried.send("POST", url, SUBMITS["refund-order"])
    assert answer.status == 200
    # As a process leaves it that ended right after the claim.
    item = hurried.operation(url)
    of_an_end = ("reply", "ended_at", "expires_at", "sent_at", "correctable")
    left = {name: value for name, value in item.items() if name not in of_an_end}
    left |= {"state": "PENDING", "open_shard": "0", "check_at": "2020-01-01T00:00:00.000Z", "claimed_until": 1}
    hurried.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(left))
    hurried.reconcile(later=LATER)
    newest = entries(hurried)[0]
    assert (newest["outcome"], newest["late"], newest["profile"]) == ("FAILED", True, PROFILE)


def test_end_that_needs_a_person_is_late(hurried):
    url = refund_form(hurried, id=PROFILE)
    lost(hurried, url, "reset_before")
    hurried.sandbox.faults.put(Fault("http", "*", status=503))
    hurried.reconcile(later=timedelta(days=16))
    hurried.sandbox.faults.clear()
    [entry] = entries(hurried)
    assert (entry["outcome"], entry["late"], entry["profile"]) == ("UNKNOWN", True, PROFILE)


def test_unreadable_operation_is_late_as_well(hurried):
    url = refund_form(hurried, id=PROFILE)
    lost(hurried, url)
    item = hurried.operation(url) | {"details": "{", "check_at": "2020-01-01T00:00:00.000Z"}
    hurried.dynamodb.put_item(TableName=tables.operations_table(), Item=tables.attributes(item))
    hurried.reconcile()
    hurried.reconcile(later=timedelta(hours=25))
    [entry] = entries(hurried)
    assert (entry["outcome"], entry["late"], entry["profile"]) == ("UNKNOWN", True, PROFILE)
