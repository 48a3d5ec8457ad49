import pytest

from orderdesk.actions import ACTIONS, CANCEL, ITEMS, REFUND
from orderdesk.availability import FULFILMENT, PAYMENT, Standing, offered, why_not
from orderdesk.money import Money

SOME, NONE = Money(10, "USD"), Money(0, "USD")
C, R = {CANCEL}, {REFUND}
# The agents page's table, written again by hand: rows are fulfilment, columns are payment.
COLUMNS = ("unpaid", "partially paid", "paid", "partially refunded", "refunded")
ROWS = {
    "unfulfilled": (C, C | R, C | R, C | R, C),
    "partially fulfilled": (set(), R, R, R, set()),
    "fulfilled": (set(), R, R, R, set()),
}
CELLS = [(row, column, cell) for row, cells in ROWS.items() for column, cell in zip(COLUMNS, cells, strict=True)]


def moving(actions):
    """Those of the actions that the table is about."""
    assert (REFUND in actions) == (ITEMS in actions)
    return {action for action in actions if action in (CANCEL, REFUND)}


@pytest.mark.parametrize(("row", "column", "cell"), CELLS)
def test_actions_match_the_table(row, column, cell):
    assert {a for a in (CANCEL, REFUND) if (row, column) in a.offered.cells} == cell
    for payment in (p for p, c in PAYMENT.items() if c == column):
        for fulfilment in (f for f, r in FULFILMENT.items() if r == row):
            standing = Standing(payment, fulfilment, cancelled=False, refundable=True, left=SOME)
            assert moving(offered(standing)) == cell
            assert (why_not(CANCEL, standing) is None) == (CANCEL in cell)
            assert moving(offered(standing._replace(left=NONE))) == cell - R
            assert moving(offered(standing._replace(refundable=False))) == cell - R
            assert moving(offered(standing._replace(cancelled=True))) == cell - C


@pytest.mark.parametrize("switch", [True, False])
@pytest.mark.parametrize("action", [CANCEL, REFUND], ids=lambda a: a.name)
@pytest.mark.parametrize(("row", "column", "cell"), CELLS)
def test_action_is_offered_only_if_switched_on(desk, row, column, cell, action, switch):
    order = next(
        o for o in desk.store.orders
        if not o.cancelled and (FULFILMENT[o.fulfillment_status()], PAYMENT[o.financial_status()]) == (row, column)
    )  # fmt: skip
    desk.set(**{action.switch.replace("/", "__"): "true" if switch else "false"})
    profile = desk.profile(order.customer.id)
    shown = next(o for o in profile["transactions"] if o["orderNumber"] == order.name)
    on_card = action.title in [a["name"] for a in shown["actions"]]
    assert on_card == (switch and action in cell)
    assert desk.form(action.slug, order.name).status == (200 if on_card else 406)


def test_unknown_status_offers_no_money_action():
    standing = Standing("MYSTERY", "TELEPORTED", cancelled=False, refundable=True, left=SOME)
    assert moving(offered(standing)) == set()
    assert why_not(REFUND, standing) == "it's mystery and teleported"
    assert "payments can be refunded" in why_not(REFUND, standing._replace(refundable=False))


def test_action_without_a_rule_is_offered_nowhere():
    new = REFUND._replace(name="new_action", offered=None)
    for payment in PAYMENT:
        for fulfilment in FULFILMENT:
            standing = Standing(payment, fulfilment, cancelled=False, refundable=True, left=SOME)
            assert why_not(new, standing) == "Orderdesk has no rule that allows it"
    assert all(action.offered for action in ACTIONS)
