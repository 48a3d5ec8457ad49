"""What a submit writes: the table, and each index no more often than it must be."""

from collections import Counter

import pytest

from local import table_writes
from local.examples import EXAMPLES
from orderdesk import tables
from tests.faults.acting import opened, submit

OPEN, SHOWN = "OperationsTable/open_by_shard", "OperationsTable/open_by_customer"


def of(desk, action):
    """The writes of an action's form, of its submit, and of a resend."""
    with table_writes.counted() as form:
        url = opened(desk, action)
    with table_writes.counted() as submitted:
        assert submit(desk, action, url).status == 200
    with table_writes.counted() as again:
        assert submit(desk, action, url).status == 200
    return form, submitted, again


@pytest.mark.parametrize("action", EXAMPLES)
def test_submit_writes_the_index_of_open_operations_twice(desk, action):
    """Its claim adds it, its end removes it; what is sent in between is not in the index."""
    form, submitted, again = of(desk, action)
    assert form == {"OperationsTable": 1} and again == {}
    locks = bool(EXAMPLES[action].action.lock)
    about_order = EXAMPLES[action].action.about == "order"
    # Claim, lock, sent with the lock, ended with the lock.
    assert submitted == Counter(
        {
            "OperationsTable": 6 if locks else 3,
            OPEN: 2,
            SHOWN: 2,
            "TimelineTable": 1,
            "TimelineTable/by_order": about_order,
        }
    )


def test_indexes_of_earlier_versions_are_not_written(desk):
    _, submitted, _ = of(desk, "edit-order-notes")
    assert not {"OperationsTable/open_operations", "OperationsTable/unsettled"} & submitted.keys()


def test_writes_are_counted_by_dynamodbs_rules(desk):
    def write(item):
        with table_writes.counted() as writes:
            tables.dynamodb().put_item(TableName="Operations", Item=tables.attributes({"operation": "one"} | item))
        return dict(writes)

    entered = {"shard": "1", "check_at": "2026-01-01", "store": "main"}
    assert write({}) == {"OperationsTable": 1}
    assert write(entered) == {"OperationsTable": 1, OPEN: 1}, "gets into it"
    assert write(entered) == {}, "nothing has changed"
    assert write(entered | {"note": "new"}) == {"OperationsTable": 1}, "not in the index"
    assert write(entered | {"note": "new", "store": "other"}) == {"OperationsTable": 1, OPEN: 1}, "in the index"
    assert write(entered | {"check_at": "2026-01-02"}) == {"OperationsTable": 1, OPEN: 2}, "its place in the index"
    assert write({"shard": "1"}) == {"OperationsTable": 1, OPEN: 1}, "leaves it"
    old = {"open_shard": "0", "check_at": "2026-01-02"}
    assert write(old) == {"OperationsTable": 1, "OperationsTable/open_operations": 1}
    assert write(old | {"note": "x"}) == {"OperationsTable": 1, "OperationsTable/open_operations": 1}, "has everything"
