"""Limits on the deployed stack, over real connections: fifty submits at once never pass what the store allows."""

import os
import time
from collections import Counter

import pytest

from local.examples import EXAMPLES

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

ROUNDS = int(os.environ.get("BURSTS", "6"))
REFUND = EXAMPLES["refund-order"].values
AT_ONCE, EACH = 50, 129
REACHED = "406 above_days_limit"


def said(answer):
    """Status and code of an answer."""
    errors = answer.json().get("errors") or [{"code": ""}]
    return f"{answer.status_code} {errors[0]['code']}".strip()


def one_by_one(deployed):
    """Refund more orders until the limit is reached; returns how many that were."""
    for done in range(AT_ONCE):
        while (answer := said(refund(deployed))) != "200":
            if answer == REACHED:
                return done
            # Shopify's own limit of requests: nothing was done.
            assert answer in ("406 shopify_busy", "400 shopify_busy", "400 shopify_unavailable"), answer
            time.sleep(1)
    raise AssertionError("the limit was never reached")


def refund(deployed):
    """Refund one more order."""
    [order] = deployed.orders(1)
    return deployed.submit(deployed.form("refund-order", order), REFUND)


def test_burst_of_refunds_does_not_pass_the_amount_per_day(deployed):
    """Each refund is within the limit of one submit, and together they are above what is left of the day. What Shopify
    refused in a burst does not count: afterwards, exactly as many more pass."""
    told, in_burst, passed = Counter(), [], 0
    try:
        for round_ in range(1, ROUNDS + 1):
            may = passed + 3 + round_
            deployed.limits(limit=EACH, per_day_amount=EACH * may, per_hour=1000)
            forms = [deployed.form("refund-order", order) for order in deployed.orders(AT_ONCE)]
            answers = Counter(map(said, deployed.at_once([(url, REFUND) for url in forms])))
            told.update(answers)
            in_burst.append(answers["200"])
            assert passed + answers["200"] <= may, (round_, answers)
            passed += answers["200"] + one_by_one(deployed)
            assert passed == may, (round_, passed, may, answers)
    finally:
        deployed.limits()
    print(f"\nlimits: {ROUNDS} bursts of {AT_ONCE}, passed in them {in_burst}, in all {passed}, answered {dict(told)}")
    assert told[REACHED]
