"""Nothing reaches a mutation before the shared checks: every row, every check."""

import inspect
from importlib import import_module
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest

from local.examples import EXAMPLES
from local.in_process import LambdaContext
from orderdesk import api, config, operations, orders, steps
from orderdesk.actions import ACTIONS, ALWAYS
from orderdesk.errors import Changed
from orderdesk.operations.submitted import Submitted, read
from tests.faults.acting import ORDER, opened, submit

EVERY = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
OF_ORDERS = pytest.mark.parametrize(
    "action", [a for a in ACTIONS if a.about == "order"], ids=lambda action: action.name
)


def mutations(desk):
    """The changes that reached Shopify."""
    return [r.name for r in desk.sandbox.received if r.name in {example.changes for example in EXAMPLES.values()}]


def refusal(answer):
    """Status and code of an error."""
    return answer.status, answer.body["errors"][0]["code"]


@EVERY
def test_submit_after_the_switch_was_turned_off_is_stopped(desk, action):
    url = opened(desk, action.slug)
    desk.set(**{action.switch.replace("/", "__"): "false"})
    assert refusal(submit(desk, action.slug, url)) == (406, "switched_off")
    assert not mutations(desk)


@EVERY
def test_another_customers_address_stops_form_and_submit(desk, action):
    url, other = opened(desk, action.slug), desk.linked("#1001")
    mine = dict(parse_qsl(urlsplit(url).query))["customer"]
    assert mine != other
    answer = submit(desk, action.slug, url.replace(mine, other))
    assert refusal(answer) in [(404, "not_found"), (406, "form_expired")]
    if action.about == "order":
        number = desk.store.order(ORDER).number
        assert desk.send("GET", f"{action.path}?order={number}&customer={other}").status == 404
    assert not mutations(desk)


@OF_ORDERS
def test_order_that_the_rule_excludes_stops_form_and_submit(desk, action):
    url, allowed = opened(desk, action.slug), desk.store.order(ORDER)
    answers = [(order, desk.send("GET", f"{action.path}?order={order.number}")) for order in desk.store.orders]
    refused = [(order, answer) for order, answer in answers if answer.status == 406]
    assert bool(refused) == (action.offered != ALWAYS)
    for order, answer in refused:
        assert refusal(answer) == (406, "not_available")
        # The same form, as if it had been opened for that order when the rule still allowed it.
        desk.change(url, order=order.number, order_name=order.name, state="CREATED", claimed_until=0)
        there = url.replace(allowed.number, order.number).replace(desk.linked(ORDER), customer_of(desk, order))
        assert refusal(submit(desk, action.slug, there)) == (406, "not_available")
    assert not mutations(desk)


def customer_of(desk, order):
    """Whose the order is, as an address says it."""
    return desk.linked(order.name) if order.customer else f"order-{order.number}"


@OF_ORDERS
def test_submit_for_an_order_that_has_changed_is_stopped(desk, action):
    url, real, asked = opened(desk, action.slug), import_module(f"{action.name}.action"), []
    news = Changed("It has changed.", "Look again.", now={"news": "is kept"})
    probe = SimpleNamespace(
        FACTS=real.FACTS, look=real.look, shown=real.shown, form=real.form,
        changed=lambda shown, seen: asked.append((shown, seen)) or news,
        submit=lambda *_, **__: pytest.fail("it was carried out"),
    )  # fmt: skip
    endpoint = steps.of_order(action, model_of(action), probe, getattr(real, "asks", steps.asks_nothing))
    event = desk.event("POST", url, EXAMPLES[action.slug].values)
    with pytest.raises(Changed):
        endpoint.post(api.Request(event, LambdaContext(), event["pathParameters"]["store"]))
    assert len(asked) == 1
    assert "is kept" in desk.operation(url)["shown"] and desk.operation(url)["state"] == "CREATED"
    assert not mutations(desk)


def model_of(action):
    """The model of what an action's form sends back."""
    module = import_module(f"{action.name}.app")
    models = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Submitted)]
    [model] = [one for one in models if one is not Submitted]
    return model


@EVERY
def test_unchecked_operation_sends_nothing(desk, action):
    url, real, values = opened(desk, action.slug), import_module(f"{action.name}.action"), EXAMPLES[action.slug].values
    event = desk.event("POST", url, values)
    request = api.Request(event, LambdaContext(), event["pathParameters"]["store"])
    ctx = api.enter(request, config.of_submit(action), fresh=True)
    values = read(model_of(action), values).model_dump()
    with pytest.raises(RuntimeError, match="checked"), operations.run(ctx, action, values) as operation:
        asked = getattr(real, "asks", steps.asks_nothing)(ctx, operation.shown, values)
        seen = [real.look(ctx, orders.find(ctx, action, real.FACTS, asked))] if action.about == "order" else []
        real.submit(ctx, operation, *seen, **values)
    assert not mutations(desk)
    assert desk.operation(url)["state"] == "CREATED"


@EVERY
def test_submit_accepts_the_forms_fields(action):
    taken = inspect.signature(import_module(f"{action.name}.action").submit).parameters.values()
    named = {one.name for one in taken if one.kind is one.KEYWORD_ONLY}
    anything = any(one.kind is one.VAR_KEYWORD for one in taken)
    assert anything or named == set(model_of(action).model_fields)
