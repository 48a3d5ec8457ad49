"""What changes between a form and its submit: the agent is told the new state, and nothing is done that was not
shown."""

from decimal import Decimal

import pytest

from local.sandbox.seed import refund_part
from tests.faults.acting import OF_ORDERS, ORDER, SUBMITS, opened, submit
from tests.faults.truth import check, entries


def refunded(desk):
    order = desk.store.order(ORDER)
    for payment in order.payments():
        refund_part(desk.store, order, order.left(payment))
        order.refunds[-1].transactions[0].parent = payment


def cancelled(desk):
    order = desk.store.order(ORDER)
    refunded(desk)
    order.cancelled, order.cancel_reason = desk.store.now(), "CUSTOMER"


def fulfilled(desk):
    desk.store.order(ORDER).lines[0].fulfilled = 1


def refunded_in_part(desk):
    refund_part(desk.store, desk.store.order(ORDER), Decimal("5.00"))


def switched_off(desk):
    desk.set(actions__enabled="false")


def token_revoked(desk):
    desk.sandbox.tokens.clear()


def edited(desk):
    desk.store.order(ORDER).note, desk.store.order(ORDER).tags = "another note", ["another tag"]


def deleted(desk):
    desk.store.orders.remove(desk.store.order(ORDER))


ENDS = {
    (refunded, "refund-order"): "406 not_available",
    (refunded, "cancel-order"): "400 amount_changed",
    (refunded, "refund-items"): "406 not_available",
    (cancelled, "refund-items"): "406 not_available",
    (fulfilled, "refund-items"): "200",
    (refunded_in_part, "refund-items"): "400 amount_changed",
    (cancelled, "refund-order"): "406 not_available",
    (cancelled, "cancel-order"): "406 not_available",
    (fulfilled, "refund-order"): "200",
    (fulfilled, "cancel-order"): "406 not_available",
    (refunded_in_part, "refund-order"): "400 amount_changed",
    (refunded_in_part, "cancel-order"): "400 amount_changed",
    (edited, "edit-order-tags"): "200",
    (edited, "edit-order-notes"): "400 note_changed",
    **{(switched_off, action): "406 switched_off" for action in SUBMITS},
    **{(token_revoked, action): "406 misconfigured" for action in SUBMITS},
    **{(deleted, action): "404 not_found" for action in OF_ORDERS},
}


@pytest.mark.parametrize(("change", "action"), ENDS, ids=[f"{change.__name__}-{action}" for change, action in ENDS])
def test_change_after_the_form_was_opened_is_told(desk, change, action):
    url = opened(desk, action)
    change(desk)
    asked = len(desk.sandbox.received)
    answer = submit(desk, action, url)
    said = answer.body["errors"][0] if answer.status != 200 else {}
    assert f"{answer.status} {said.get('code', '')}".strip() == ENDS[change, action]
    changes = [r.name for r in desk.sandbox.received[asked:] if r.document.lstrip().startswith("mutation")]
    assert bool(changes) == (answer.status == 200)
    if said:
        assert "othing was" in said["detail"] or "Submit again" in said["detail"], said
    if answer.status == 406:
        assert [e["outcome"] for e in entries(desk)] == ["REFUSED"]
        assert submit(desk, action, url).body == answer.body
    if change is edited:
        assert "another tag" in desk.store.order(ORDER).tags
    if change is not deleted:
        check(desk)
