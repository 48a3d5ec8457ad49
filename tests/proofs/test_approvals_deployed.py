"""Approvals on the deployed stack, over real connections: if several decide at once, it is carried out once at most,
and never without a second person."""

import json
import os
import random
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest

from local.examples import EXAMPLES

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

ROUNDS = int(os.environ.get("APPROVALS", "20"))
MONEY = [slug for slug, example in EXAMPLES.items() if example.action.moves_money]


def said(answer):
    """Status and code of an answer."""
    errors = answer.json().get("errors") or [{"code": answer.json().get("code", "")}]
    return f"{answer.status_code} {errors[0]['code']}".strip()


def asked(deployed, action, order):
    """Submit an action on an order as Ann; the waiting operation."""
    url = deployed.form(action, order)
    answer = deployed.submit(url, EXAMPLES[action].values, "ann")
    assert said(answer) == "200 waiting_for_approval", answer.text
    [operation] = parse_qs(urlsplit(url).query)["operation"]
    return operation


def decision(deployed, action, order, operation, kind, agent):
    """The `actionUrl` of the form of a decision."""
    form = deployed.get(f"/actions/{action}?order={order}&operation={operation}&decision={kind}", agent)
    assert form.status_code == 200, form.text
    return form.json()["actionUrl"]


def test_decisions_at_once_carry_it_out_once_at_most(deployed):
    told, moved = Counter(), 0
    limits = {f"actions/{EXAMPLES[slug].action.name}/approval_above": "1" for slug in MONEY}
    deployed.set_limits(limits)
    try:
        for round_ in range(ROUNDS):
            action = MONEY[round_ % len(MONEY)]
            [order] = deployed.orders(1)
            operation = asked(deployed, action, order)
            urls = {
                (kind, agent): decision(deployed, action, order, operation, kind, agent)
                for kind in ("approve", "decline")
                for agent in ("bob", "carol")
            }
            submits = [(url, {"note": ""}, agent) for (_, agent), url in urls.items() for _ in range(3)]
            # Either kind may come first.
            random.Random(round_).shuffle(submits)
            # The person who asked tries, too, and an agent whom nobody vouches for.
            submits += [(urls["approve", "bob"], {"note": ""}, agent) for agent in ("ann", "")]
            answers = deployed.at_once(submits)
            told.update(map(said, answers))
            assert [said(one) for one in answers[-2:]] == ["406 own_request", "406 admin_decides"]
            deployed.make_older()
            deployed.reconcile()
            ends = [entry for entry in deployed.entries(order) if entry["outcome"] != "WAITING"]
            assert len(ends) == 1 and len(deployed.entries(order)) == 2, deployed.entries(order)
            assert deployed.adds_up(order), (action, ends, deployed.truth(order))
            refunds = deployed.truth(order)["refunds"]
            assert len(refunds) == (ends[0]["outcome"] == "SUCCEEDED"), (ends, refunds)
            moved += len(refunds)
    finally:
        deployed.set_limits({})
    print(f"\napprovals: {ROUNDS} rounds of {len(submits)} at once, moved once in {moved}, answered {json.dumps(told)}")
    assert 0 < moved <= ROUNDS
