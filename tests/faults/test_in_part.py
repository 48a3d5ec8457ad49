"""An error at every place of every answer that refund and cancellation read: a partial answer decides nothing."""

from datetime import timedelta

import pytest
from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, parse

import cancel_order.action
import refund_order.action
from local.sandbox import Fault
from orderdesk.shopify import document
from tests.faults.acting import ORDER, opened, reconciled, submit
from tests.faults.truth import check, entries

READ = [
    ("refund-order", document(refund_order.action.__file__, "facts")),
    ("refund-order", document(refund_order.action.__file__, "resolve")),
    ("cancel-order", document(cancel_order.action.__file__, "facts")),
    ("cancel-order", document(cancel_order.action.__file__, "resolve")),
]
CHANGED = [
    ("refund-order", document(refund_order.action.__file__, "refund")),
    ("cancel-order", document(cancel_order.action.__file__, "cancel")),
]
#: Fields that are lists: an error in one of them is at its first element.
LISTS = {"transactions", "refunds", "nodes", "refundLineItems", "suggestedTransactions", "duties", "errors"}
LISTS |= {"userErrors", "orderCancelUserErrors"}
#: Of an object's plain values, the first is tried and those that decide something.
TELLING = {"cancelledAt", "displayFinancialStatus", "kind", "note", "refundable", "staffNote", "status"}


def places(doc):
    """The path of every field of a document, with lists by their first element. Amounts count as one field, and the
    contents of user errors are left out."""
    parsed = parse(doc.text)
    fragments = {d.name.value: d for d in parsed.definitions if isinstance(d, FragmentDefinitionNode)}
    found = {}

    def walk(selections, before):
        for one in selections.selections:
            if isinstance(one, FieldNode):
                path = [*before, one.name.value]
                first = not any(place.rpartition(".")[0] == ".".join(before) for place in found)
                if first or one.selection_set or one.name.value in TELLING:
                    found[".".join(path)] = None
                connection = "nodes" in {getattr(s, "name", one).value for s in below(one) if isinstance(s, FieldNode)}
                if one.selection_set and not one.name.value.endswith(("Set", "rrors")):
                    deeper = path if connection or one.name.value not in LISTS else [*path, "0"]
                    walk(one.selection_set, deeper)
            else:
                part = fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
                walk(part.selection_set, before)

    def below(one):
        return one.selection_set.selections if one.selection_set else ()

    walk(parsed.definitions[0].selection_set, [])
    return list(found)


def cases(documents):
    return [pytest.param(action, doc.name, path, id=f"{doc.name}-{path}") for action, doc in documents
            for path in places(doc)]  # fmt: skip


@pytest.mark.parametrize(("action", "name", "path"), cases(READ))
def test_partial_read_decides_nothing(hurried, action, name, path):
    desk = hurried
    url = opened(desk, action)
    if name.startswith("Reconcile"):
        desk.sandbox.faults.put(Fault("reset_after", "mutations"))
        assert submit(desk, action, url).status == 406
    desk.sandbox.faults.put(Fault("error_at", name, path=path))
    if name.startswith("Reconcile"):
        desk.reconcile(later=timedelta(hours=2))
    else:
        answer = submit(desk, action, url)
        # A field that the answer does not have anyway is not missing.
        assert answer.status in (200, 400, 406)
    hit = any(r.answer.get("errors") for r in desk.sandbox.received if r.name == name)
    told = [e["outcome"] for e in entries(desk)]
    assert told == ([] if hit else ["SUCCEEDED"])
    desk.sandbox.faults.clear()
    if not hit:
        return
    if not name.startswith("Reconcile") and desk.operation(url)["state"] == "CREATED":
        assert answer.status == 400 and not desk.store.order(ORDER).refunded
        assert submit(desk, action, url).status == 200
    reconciled(desk)
    check(desk)
    assert [e["outcome"] for e in entries(desk)] == ["SUCCEEDED"]


@pytest.mark.parametrize(("action", "name", "path"), cases(CHANGED))
def test_partial_answer_to_a_mutation_is_reconciled(hurried, action, name, path):
    desk = hurried
    url = opened(desk, action)
    # At the mutation itself, a denial means that it was not run.
    code = "ACCESS_DENIED" if "." in path else "INTERNAL_SERVER_ERROR"
    desk.sandbox.faults.put(Fault("error_at", name, path=path, code=code))
    answer = submit(desk, action, url)
    assert answer.status == 200 or answer.body["errors"][0]["code"] == "outcome_unknown", answer.body
    if answer.status == 200 and action == "refund-order":
        assert answer.body["message"] == f"Refunded $129.00 on order {ORDER}"
    desk.sandbox.faults.clear()
    reconciled(desk)
    check(desk)
    assert [(e["outcome"], e["amount"]) for e in entries(desk)] == [("SUCCEEDED", "129.0")]
