"""What agents may give away at most, in one submit, in an hour and in a day; and what an agent may do at all."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Lock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.examples import EXAMPLES
from local.in_process import TOKEN, deployment
from local.sandbox import Fault
from orderdesk import config, limits, tables
from orderdesk.actions import ACTIONS
from orderdesk.errors import Misconfigured
from tests.faults.acting import ORDER, opened, reconciled, submit
from tests.faults.calls import BrokenRecords
from tests.faults.truth import check, entries

GIVING = [action for action in ACTIONS if action.gives_away]
EVERY = pytest.mark.parametrize("action", GIVING, ids=lambda action: action.name)
REFUND, CANCEL, DISCOUNT = "actions/refund_order/", "actions/cancel_order/", "actions/create_discount_code/"
VALUES = {"reason": "Goodwill", "notify": False}
CODE = {"type": "fixed", "value": "10", "applies_to": "all", "expires": "1"}


@pytest.fixture
def limited(desk):
    """A function that sets the limits of the desk's store."""
    return lambda limits: desk.set(limits=limits if isinstance(limits, str) else json.dumps(limits))


def limits_of(action, **limits):
    """The parameter `limits` with these limits of an action."""
    return json.dumps({f"actions/{action.name}/{name}": value for name, value in limits.items()})


def refusal(answer):
    """Status and code of an error."""
    return answer.status, answer.body["errors"][0]["code"]


def mutations(desk):
    """The changes that reached Shopify."""
    return [r.name for r in desk.sandbox.received if r.name in {example.changes for example in EXAMPLES.values()}]


def numbers(desk):
    """All numbers of the limits, by the keys of their items."""
    pages = desk.dynamodb.get_paginator("scan").paginate(TableName=tables.operations_table())
    items = [tables.plain(item) for page in pages for item in page["Items"]]
    return {item["operation"]: item["counted"] for item in items if item["operation"].startswith("counted/")}


def counted(desk):
    """All numbers of the limits, the smallest first."""
    return sorted(map(int, numbers(desk).values()))


def code_form(desk, **headers):
    """The `actionUrl` of a new form of a discount code."""
    url = f"/actions/create-discount-code?customer={desk.linked(ORDER)}"
    return desk.send("GET", url, headers=headers or None).body["actionUrl"]


def create(desk, code, agent="", **values):
    """Open the form of a discount code and submit it, as an agent that the helpdesk vouches for."""
    headers = {"Authorization": f"Bearer {TOKEN}"} | ({"X-Agent-Id": agent} if agent else {})
    return desk.send("POST", code_form(desk), CODE | {"code": code} | values, headers=headers)


@EVERY
def test_row_that_gives_something_away_has_a_limit(desk, limited, action):
    limited({f"actions/{action.name}/limit": "0.01"})
    url = opened(desk, action.slug)
    assert refusal(submit(desk, action.slug, url)) == (406, "above_limit")
    assert not mutations(desk)
    [entry] = entries(desk)
    assert entry["outcome"] == "REFUSED" and "Ask an admin" in entry["detail"]
    check(desk)


@pytest.mark.parametrize("action", [action for action in ACTIONS if not action.gives_away], ids=lambda a: a.name)
def test_limit_of_an_action_that_gives_nothing_away_is_unknown(desk, limited, action):
    limited({f"actions/{action.name}/limit": "1"})
    assert refusal(submit(desk, action.slug, opened(desk, action.slug))) == (406, "limits_unreadable")


@pytest.mark.parametrize(("limit", "passes"), [("129", True), ("129.00", True), ("128.99", False), ("0", False)])
def test_refund_is_compared_with_the_limit_to_the_cent(desk, limited, limit, passes):
    limited({REFUND + "limit": limit})
    answer = desk.act("refund-order", ORDER, **VALUES)
    assert (answer.status == 200) == passes
    assert desk.store.order(ORDER).refunded == (129 if passes else 0)
    if not passes:
        said = answer.body["errors"][0]["message"]
        assert said.startswith("$129.00 is above your store's limit for “Refund Order”: $")
        [entry] = desk.timeline(ORDER)
        assert (entry["outcome"], entry["reason"], "amount" in entry) == ("REFUSED", "Goodwill", False)


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD", "GBP"])
def test_refund_in_another_currency_is_compared_in_the_shops_currency(desk, limited, currency):
    order = next(o for o in desk.store.orders if o.currency == currency and o.received and not o.refunded)
    shop = Decimal(order.bag(order.received)["shopMoney"]["amount"])
    assert shop != order.received
    limited({REFUND + "limit": str(shop - Decimal("0.01"))})
    answer = desk.act("refund-order", order.name, **VALUES)
    assert refusal(answer) == (406, "above_limit")
    assert f"${shop:.2f} is above" in answer.body["errors"][0]["message"]
    limited({REFUND + "limit": str(shop), REFUND + "per_day_amount": "10000"})
    assert desk.act("refund-order", order.name, **VALUES).status == 200
    [number] = numbers(desk).values()
    assert number == shop


def test_cancellation_without_money_has_no_limit(desk, limited):
    limited({CANCEL + "limit": "0", CANCEL + "per_hour": "0", CANCEL + "per_day_amount": "0"})
    unpaid = next(o for o in desk.store.orders if not o.received and not o.cancelled)
    assert desk.act("cancel-order", unpaid.name, reason="OTHER", notify=False).status == 200


@pytest.mark.parametrize(
    ("limit", "values", "code"),
    [
        ("10", CODE, ""),
        ("9.99", CODE, "above_limit"),
        ("50, 20%", CODE | {"type": "percentage", "value": "20"}, ""),
        ("50, 20 %", CODE | {"type": "percentage", "value": "20.5"}, "above_limit"),
        # What is left out can't be created.
        ("50", CODE | {"type": "percentage", "value": "1"}, "above_limit"),
        ("20%", CODE, "above_limit"),
        ("20%", CODE | {"type": "percentage", "value": "20"}, ""),
    ],
)
def test_percentage_has_a_limit_of_its_own(desk, limited, limit, values, code):
    limited({DISCOUNT + "limit": limit})
    answer = create(desk, "SORRY", **values)
    assert (answer.status == 200) if not code else refusal(answer) == (406, code)


def test_percentage_is_refused_if_the_amount_per_day_is_limited(desk, limited):
    limited({DISCOUNT + "per_day_amount": "100"})
    assert refusal(create(desk, "SORRY", type="percentage", value="5")) == (406, "above_limit")
    assert create(desk, "SORRY").status == 200


UNREADABLE = [
    "100", "[]", "null", "{", '{"a": "b"}', '{"actions/refund_oder/limit": "100"}',
    *('{"actions/refund_order/limit": ' + value + "}" for value in ("{}", "[]", "null", "true", "NaN")),
    '{"actions/refund_order/limit": "1", "actions/refund_order/limit": "2"}',
    *(json.dumps({"actions/refund_order/limit": text}) for text in
      ("", "-1", "1e3", "1,5", "$100", "1,000.00", "٣", "20%", "10, 20%", "10, 20", "100 USD", "%", "1.2345",
       "9" * 10)),
    *(json.dumps({f"actions/refund_order/{name}": text}) for name in ("per_hour", "per_hour_per_agent")
      for text in ("", "1.5", "-1", "ten", "9" * 7)),
    *(json.dumps({f"actions/refund_order/{name}": text}) for name in ("per_day_amount", "per_day_amount_per_agent")
      for text in ("", "20%", "-1", "many")),
    "[" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("value", UNREADABLE)
def test_limit_that_cannot_be_read_lets_nothing_pass(desk, limited, value):
    url = opened(desk, "refund-order")
    limited(value)
    assert refusal(submit(desk, "refund-order", url)) == (406, "limits_unreadable")
    assert not mutations(desk) and not desk.store.order(ORDER).refunded
    check(desk)


@pytest.mark.parametrize("text", ["20%, 30%", "10, 20", "10, 20%, 5", "", "20 percent"])
def test_limit_of_a_code_that_cannot_be_read_lets_no_code_pass(desk, limited, text):
    limited({DISCOUNT + "limit": text})
    assert refusal(create(desk, "SORRY")) == (406, "limits_unreadable")
    assert refusal(create(desk, "SORRY", type="percentage", value="1")) == (406, "limits_unreadable")


def test_wrong_limit_of_one_action_does_not_stop_the_others(desk, limited):
    limited({REFUND + "limit": "ten", DISCOUNT + "limit": 10})
    assert create(desk, "SORRY").status == 200
    assert refusal(desk.act("refund-order", ORDER, **VALUES)) == (406, "limits_unreadable")


@settings(max_examples=40)
@given(st.text(max_size=60) | st.dictionaries(st.text(max_size=30), st.text(max_size=20)).map(json.dumps))
def test_any_value_of_the_limits_ends_in_words(text):
    known = config.Settings("main", "local", {"limits": text})
    for action in ACTIONS:
        try:
            found = limits.of(known, action)
        except Misconfigured as wrong:
            assert wrong.code == "limits_unreadable" and limits.problem(known) is not None
        else:
            assert found == limits.NO_LIMITS and limits.problem(known) is None


def test_number_per_hour_is_for_the_store(desk, limited):
    limited({DISCOUNT + "per_hour": "2"})
    answers = [create(desk, f"SORRY{n}") for n in range(3)]
    assert [a.status for a in answers] == [200, 200, 406]
    assert refusal(answers[2]) == (406, "above_hours_limit")
    assert "this hour's limit for your store: 2 submits" in answers[2].body["errors"][0]["message"]
    assert counted(desk) == [2]
    desk.clock.shift(timedelta(hours=1))
    assert create(desk, "LATER").status == 200
    check(desk)


def test_amount_per_day_is_for_the_store(desk, limited):
    limited({DISCOUNT + "per_day_amount": "25"})
    assert [create(desk, f"SORRY{n}").status for n in range(3)] == [200, 200, 406]
    assert create(desk, "SMALL", value="5").status == 200
    assert refusal(create(desk, "SMALLER", value="0.01")) == (406, "above_days_limit")
    assert refusal(create(desk, "HUGE", value="26")) == (406, "above_days_limit")
    desk.clock.shift(timedelta(days=1))
    assert create(desk, "LATER").status == 200


@pytest.mark.parametrize("name", ["per_hour_per_agent", "per_day_amount_per_agent"])
def test_limit_per_agent_is_for_each_agent_that_is_vouched_for(desk, limited, name):
    limited({DISCOUNT + name: "1" if "hour" in name else "10"})
    assert create(desk, "ANN1", agent="ann").status == 200
    refused = create(desk, "ANN2", agent="ann")
    assert refused.status == 406 and "for you" in refused.body["errors"][0]["message"]
    assert create(desk, "BOB1", agent="bob").status == 200
    # Nobody says who this is: only the store's limits apply.
    assert [create(desk, f"ANYONE{n}").status for n in range(2)] == [200, 200]


def test_form_that_is_refused_by_shopify_does_not_count(desk, limited):
    limited({DISCOUNT + "per_hour": "2", DISCOUNT + "per_day_amount": "100"})
    assert create(desk, "SORRY").status == 200
    url = code_form(desk)
    for _ in range(3):
        again = desk.send("POST", url, CODE | {"code": "SORRY", "value": "20"})
        assert again.status in (400, 406)
    assert counted(desk) == [1, 10]
    assert desk.send("POST", url, CODE | {"code": "OTHER", "value": "20"}).status == 200
    assert counted(desk) == [2, 30]
    check(desk)


def test_resend_counts_once(desk, limited):
    limited({REFUND + "per_hour": "5", REFUND + "per_day_amount": "500"})
    url = opened(desk, "refund-order")
    assert [submit(desk, "refund-order", url).status for _ in range(3)] == [200, 200, 200]
    assert counted(desk) == [1, 129]


@pytest.mark.parametrize(("kind", "expected"), [("reset_after", [1, 129]), ("reset_before", [0, 0])])
def test_lost_answer_counts_if_it_happened(desk, limited, kind, expected):
    limited({REFUND + "per_hour": "5", REFUND + "per_day_amount": "500"})
    desk.sandbox.faults.put(Fault(kind, "mutations"))
    assert refusal(desk.act("refund-order", ORDER, **VALUES)) == (406, "outcome_unknown")
    # It may have happened, so it counts until that is known.
    assert counted(desk) == [1, 129]
    desk.sandbox.faults.clear()
    reconciled(desk)
    assert counted(desk) == expected
    check(desk)


def test_refund_that_failed_at_the_provider_does_not_count(desk, limited):
    limited({REFUND + "per_day_amount": "500"})
    desk.sandbox.faults.put(Fault("refund_status", "mutations", transaction_status="FAILURE"))
    assert refusal(desk.act("refund-order", ORDER, **VALUES)) == (406, "failed")
    assert counted(desk) == [0]


def test_refund_that_is_pending_counts(desk, limited):
    limited({REFUND + "per_day_amount": "500"})
    desk.sandbox.faults.put(Fault("refund_status", "mutations", transaction_status="PENDING"))
    assert desk.act("refund-order", ORDER, **VALUES).status == 200
    assert counted(desk) == [129]


def test_sending_whose_first_answer_was_lost_is_counted_once(desk, limited):
    limited({REFUND + "per_hour": "5", REFUND + "per_day_amount": "500"})
    url = opened(desk, "refund-order")
    broken = BrokenRecords(tables.dynamodb(), "TransactWriteItems", lost=True, times=1)
    assert submit(desk, "refund-order", url).status == 200
    broken.repair()
    assert counted(desk) == [1, 129]
    check(desk)


@pytest.mark.parametrize("lost", [True, False])
def test_sending_that_could_not_be_written_does_not_count(desk, limited, lost):
    limited({REFUND + "per_hour": "1", REFUND + "per_day_amount": "129"})
    url = opened(desk, "refund-order")
    broken = BrokenRecords(tables.dynamodb(), "TransactWriteItems", lost=lost, times=3)
    assert refusal(submit(desk, "refund-order", url)) == (400, "records_unavailable")
    broken.repair()
    assert sum(counted(desk)) == 0
    assert not mutations(desk)
    assert submit(desk, "refund-order", url).status == 200
    assert counted(desk) == [1, 129]
    check(desk)


def test_conflict_of_transactions_is_waited_out(desk, limited):
    limited({REFUND + "per_hour": "5"})
    url = opened(desk, "refund-order")
    broken = BrokenRecords(tables.dynamodb(), "TransactWriteItems", error="TransactionConflictException", times=7)
    assert submit(desk, "refund-order", url).status == 200
    broken.repair()
    assert counted(desk) == [1]


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_partition_that_is_busy_for_a_moment_is_waited_out(hurried, code):
    """botocore's own three tries are used up, and then ours go on."""
    url = opened(hurried, "edit-order-tags")
    broken = BrokenRecords(tables.dynamodb(), "UpdateItem", error=code, times=4)
    assert submit(hurried, "edit-order-tags", url).status == 200
    broken.repair()
    check(hurried)


class OneAtATime:
    """DynamoDB makes one transaction after the other; the emulated one does not, if threads call it."""

    def __init__(self, client, monkeypatch):
        call, lock = client._make_api_call, Lock()

        def in_turn(*args):
            with lock:
                return call(*args)

        monkeypatch.setattr(client, "_make_api_call", in_turn)


@pytest.mark.parametrize(
    ("most", "passes"),
    [
        ({"per_day_amount": "200"}, 20),
        ({"per_hour": "7"}, 7),
        ({"per_hour": "30", "per_day_amount": "170"}, 17),
        ({"per_hour": "40", "per_hour_per_agent": "3"}, 15),
    ],
)
def test_burst_of_fifty_does_not_pass_the_limit(desk, limited, monkeypatch, most, passes):
    limited({DISCOUNT + name: value for name, value in most.items()} | {DISCOUNT + "limit": "10"})
    urls = [code_form(desk) for _ in range(50)]
    OneAtATime(tables.dynamodb(), monkeypatch)

    def one(number):
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Agent-Id": f"agent-{number % 5}"}
        return desk.send("POST", urls[number], CODE | {"code": f"CODE{number}"}, headers=headers)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(50)))
    assert sorted(a.status for a in answers) == [200] * passes + [406] * (50 - passes)
    assert {refusal(a)[1] for a in answers if a.status == 406} <= {"above_hours_limit", "above_days_limit"}
    assert len(desk.sent("CreateDiscountCode")) == passes
    assert len(desk.store.codes) == passes
    check(desk)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from(["ann", "bob", ""]), st.integers(1, 40), st.sampled_from(
    ["done", "done", "refused", "lost", "not done", "an hour later"])), max_size=8))  # fmt: skip
def test_numbers_are_what_was_given_away(steps):
    """After any story, each number is the sum over what Shopify has made in that hour or day, and below its limit."""
    with deployment() as desk:
        desk.sandbox.mutations.job_seconds = 0
        desk.set(limits=json.dumps({DISCOUNT + "per_day_amount": "100", DISCOUNT + "per_hour": "5"}))
        for number, (agent, value, story) in enumerate(steps):
            if story == "an hour later":
                desk.clock.shift(timedelta(hours=1))
            fault = {"lost": "reset_after", "not done": "reset_before"}.get(story)
            if fault:
                desk.sandbox.faults.put(Fault(fault, "mutations"))
            code = "TAKEN" if story == "refused" else f"CODE{number}"
            create(desk, code, agent=agent, value=str(value))
            desk.sandbox.faults.clear()
        reconciled(desk)
        check(desk)
        made = [entry for entry in entries(desk) if entry["outcome"] == "SUCCEEDED"]
        times = [n for key, n in numbers(desk).items() if key.endswith("/submits")]
        amounts = [n for key, n in numbers(desk).items() if not key.endswith("/submits")]
        assert sum(times) == len(made) and all(n <= 5 for n in times)
        assert sum(amounts) == sum(Decimal(entry["amount"]) for entry in made) and all(n <= 100 for n in amounts)


PEOPLE = {
    "agents/ann/actions": "edit_order_notes, edit_order_tags",
    "groups/new/agents": "cleo, ann",
    "groups/new/actions": "create_discount_code",
    "agents/nobody/actions": "",
}


@pytest.mark.parametrize(
    ("agent", "allowed"),
    [
        ("ann", {"edit_order_notes", "edit_order_tags", "create_discount_code"}),
        ("cleo", {"create_discount_code"}),
        ("nobody", set()),
        ("bob", {action.name for action in ACTIONS}),
    ],
)
def test_agent_may_do_what_the_lists_say(desk, limited, agent, allowed):
    limited(PEOPLE)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Agent-Id": agent}
    offered = set()
    query = {"externalCustomerId": desk.linked(ORDER)}
    answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": query}, headers=headers)
    [profile] = answer.body["results"]
    for card in [profile, *profile["transactions"]]:
        paths = [one["formUrl"].partition("?")[0] for one in card.get("actions", [])]
        offered |= {path.rpartition("/")[2].replace("-", "_") for path in paths}
    assert offered <= allowed and (offered or not allowed)
    # A cancelled order offers no more: it comes last.
    for action in reversed(ACTIONS):
        of_order = action.about == "order"
        about = f"order={desk.store.order(ORDER).number}" if of_order else f"customer={desk.linked(ORDER)}"
        form = desk.send("GET", f"{action.path}?{about}", headers=headers)
        assert (form.status == 406 and refusal(form)[1] == "not_allowed") == (action.name not in allowed)
        # A form that someone else opened.
        if url := opened(desk, action.slug):
            answer = desk.send("POST", url, EXAMPLES[action.slug].values, headers=headers)
            assert (answer.status == 406 and refusal(answer)[1] == "not_allowed") == (action.name not in allowed)
            assert answer.status == 200 or desk.operation(url)["state"] in ("REFUSED", "CREATED")
    check(desk)


def test_agent_that_nobody_vouches_for_may_do_everything(desk, limited):
    limited(PEOPLE)
    form = desk.form("refund-order", ORDER, agent="nobody")
    assert desk.send("POST", form.body["actionUrl"], VALUES).status == 200


@pytest.mark.parametrize("people", [{"agents/ann/actions": "refund"}, {"groups/new/agents": "ann"}])
def test_list_that_cannot_be_read_stops_its_agents(desk, limited, people):
    limited(people)
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Agent-Id": "ann"}
    url = opened(desk, "refund-order")
    assert refusal(desk.send("POST", url, VALUES, headers=headers)) == (406, "limits_unreadable")
    about = f"order={desk.store.order(ORDER).number}"
    assert refusal(desk.send("GET", f"/actions/refund-order?{about}", headers=headers)) == (406, "limits_unreadable")
    query = {"externalCustomerId": desk.linked(ORDER)}
    answer = desk.send("POST", "", {"lookupLevel": "DETAILED", "query": query}, headers=headers)
    [profile] = answer.body["results"]
    assert not [card for card in [profile, *profile["transactions"]] if card.get("actions")]
    assert desk.act("refund-order", ORDER, **VALUES).status == 200
