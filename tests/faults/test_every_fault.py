"""Every fault of Shopify at every call of every action: what the agent reads, and what is true in the end.

The results are the table in docs/api.md; `python -m tests.faults.table` writes it.
"""

import pytest

from local.examples import EXAMPLES
from local.sandbox import Fault
from local.sandbox.orders import UNDER_WAY
from tests import documents
from tests.faults.acting import MONEY, OF_ORDERS, SUBMITS, opened, reconciled, submit
from tests.faults.table import ASKING, CHANGING, FAULTS, rows
from tests.faults.truth import check, entries


def read(answer):
    """A reply as the table shows it."""
    return "done" if answer.status == 200 else f"{answer.status} {answer.body['errors'][0]['code']}"


def under(desk, action, fault, document, **more):
    """Submit while the document has a fault; returns what the agent reads, and the action's outcome on the timeline."""
    url = opened(desk, action)
    desk.sandbox.faults.put(Fault(document=document, **(fault | more)))
    answer = submit(desk, action, url)
    desk.sandbox.faults.clear()
    said = read(answer)
    for order in desk.store.orders:
        for t in order.transactions:
            t.status = "SUCCESS" if t.status in UNDER_WAY and t.kind == "REFUND" else t.status
    if answer.status == 400:
        again = submit(desk, action, url)
        assert again.status == 200, "the form stayed, so it can be submitted again"
    reconciled(desk)
    check(desk)
    return said, [e["outcome"] for e in entries(desk)], answer


@pytest.mark.parametrize("action", OF_ORDERS)
@pytest.mark.parametrize("name", ASKING)
def test_fault_while_reading_leaves_the_order_unchanged(hurried, name, action):
    fault, expected = FAULTS[name], ASKING[name]
    said, outcomes, _ = under(hurried, action, fault, EXAMPLES[action].reads)
    assert said == expected
    # After a 400 the form was submitted again; a 406 is on the timeline, too.
    assert outcomes == (["REFUSED"] if said.startswith("406") else ["SUCCEEDED"])


@pytest.mark.parametrize("action", SUBMITS)
@pytest.mark.parametrize("name", FAULTS)
def test_fault_while_changing_is_told_and_recorded_truly(hurried, name, action):
    said, outcomes, answer = under(hurried, action, FAULTS[name], EXAMPLES[action].changes)
    assert (said, *outcomes) == CHANGING[name][action]
    if answer.status != 200:
        assert "FAILED" in outcomes or "failed" not in str(answer.body).lower()


@pytest.mark.parametrize("action", MONEY)
@pytest.mark.parametrize("name", FAULTS)
def test_fault_that_happens_once_is_survived(hurried, name, action):
    """The same fault once: the second request succeeds."""
    under(hurried, action, FAULTS[name], EXAMPLES[action].changes, times=1)


def test_api_page_has_the_table_of_faults():
    assert documents.between(documents.API, "faults").strip() == rows()
