"""Whatever a form offers can be submitted: every option and every default, whatever an admin has listed."""

import copy
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

ORDER = "#1017"
LONG = "The parcel was left in the rain and what is in it cannot be used or sold; " * 3  # 222 characters.
FORMS = ("refund-order", "cancel-order", "create-discount-code", "edit-order-tags")
TYPED = {"code": "SORRY", "value": "10", "note": "new"}

_LISTED = st.text(st.characters(codec="utf-8", exclude_characters=","), max_size=60).map(str.strip).filter(bool)


def opened(desk, action):
    order = desk.store.order(ORDER)
    about = f"customer={desk.linked(ORDER)}" if action == "create-discount-code" else f"order={order.number}"
    form = desk.send("GET", f"/actions/{action}?{about}")
    assert form.status == 200, form.body
    return form.body


def values_of(form, **chosen):
    """The values if the agent keeps the defaults, fills in texts, and chooses the first option of a list."""
    values = {}
    for section in form["sections"]:
        options = section["input"].get("options")
        default = section.get("defaultValue") or (options[0]["value"] if options else TYPED.get(section["attr"], ""))
        values[section["attr"]] = default
    return values | chosen


def each_choice(desk, action, attr=""):
    """Submit each option of each select of the form, or of one select, each on an unchanged store."""
    store = desk.store
    customers = {id(customer): customer for customer in store.customers}
    orders, codes = list(store.orders), dict(store.codes)
    for section in opened(desk, action)["sections"]:
        for option in section["input"].get("options", []) if attr in ("", section["attr"]) else []:
            store.orders[:], store.codes = copy.deepcopy(orders, dict(customers)), dict(codes)
            form = opened(desk, action)
            values = values_of(form, **{section["attr"]: option["value"]})
            yield section["attr"], option, desk.send("POST", form["actionUrl"], values)
    store.orders[:], store.codes = orders, codes


@pytest.mark.parametrize("action", FORMS)
def test_every_option_of_a_form_can_be_submitted(desk, action):
    desk.set(
        actions__refund_order__reasons=f"Broken, {LONG}, Two  blanks", actions__edit_order_tags__categories="A, B  c"
    )
    offered = 0
    for attr, option, answer in each_choice(desk, action):
        offered += 1
        unchanged = answer.status == 400 and answer.body["errors"][0]["code"] == "unchanged"
        assert answer.status == 200 or (unchanged and action == "edit-order-tags"), (attr, option, answer.body)
    assert offered >= 3


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(["x" * 300], ["x" * 40, "Y" * 41])
@given(st.lists(_LISTED, min_size=1, max_size=3), st.lists(_LISTED, min_size=1, max_size=3))
def test_every_listed_option_can_be_submitted(desk, reasons, categories):
    desk.set(
        actions__refund_order__reasons=", ".join(reasons), actions__edit_order_tags__categories=", ".join(categories)
    )
    for action, attr in (("refund-order", "reason"), ("edit-order-tags", "tags")):
        for _, option, answer in each_choice(desk, action, attr):
            fine = answer.status == 200 or answer.body["errors"][0]["code"] == "unchanged"
            assert fine, (option, answer.body)


def test_reason_on_the_opened_form_is_accepted_after_a_change(desk):
    desk.set(actions__refund_order__reasons="Broken, Late")
    form = opened(desk, "refund-order")
    desk.set(actions__refund_order__reasons="Late")
    assert desk.send("POST", form["actionUrl"], {"reason": "Lost"}).body["errors"][0]["attr"] == "reason"
    assert desk.send("POST", form["actionUrl"], {"reason": "Broken"}).status == 200


def test_chosen_reason_survives_a_changed_amount(desk):
    desk.set(actions__refund_order__reasons="Broken")
    form = opened(desk, "refund-order")
    desk.set(actions__refund_order__reasons="Late")
    desk.store.order(ORDER).transactions[-1].amount -= 1
    assert desk.send("POST", form["actionUrl"], {"reason": "Broken"}).body["errors"][0]["code"] == "amount_changed"
    assert desk.send("POST", form["actionUrl"], {"reason": "Broken"}).status == 200


def test_reference_is_complete_after_a_long_reason(desk):
    desk.set(actions__refund_order__reasons=LONG)
    form = opened(desk, "refund-order")
    assert desk.send("POST", form["actionUrl"], {"reason": LONG.strip()}).status == 200
    [refund] = desk.store.order(ORDER).refunds
    key = dict(parse_qsl(urlsplit(form["actionUrl"]).query))["operation"]
    assert refund.note.endswith(f"… (Orderdesk {key})") and len(refund.note) <= 255
    assert desk.timeline(ORDER)[0]["reason"] == LONG.strip()
