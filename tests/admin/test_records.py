"""What an admin sees and erases in the stack's own tables, with the tables of template.yaml."""

import json
import shlex
from datetime import timedelta

import boto3
import pytest

from admin.__main__ import main
from local.in_process import STORE
from local.sandbox import Fault
from tests import documents

ORDER = "#1003"


@pytest.fixture
def stack(desk):
    """A stack with the desk's tables among its outputs."""
    outputs = {"OperationsTableName": "Operations", "TimelineTableName": "Timeline"}
    body = "Resources: {T: {Type: 'AWS::SNS::Topic'}}\nOutputs:\n" + "".join(
        f"  {name}: {{Value: {value}}}\n" for name, value in outputs.items()
    )
    boto3.client("cloudformation").create_stack(StackName="orderdesk", TemplateBody=body)
    return desk


def lost(desk):
    """A refund whose answer was lost, so that it has not ended."""
    url = desk.form("refund-order", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", "mutations"))
    assert desk.send("POST", url, {"reason": "Goodwill"}).body["errors"][0]["code"] == "outcome_unknown"
    desk.sandbox.faults.clear()


def kept(desk):
    """The operations and entries in the tables."""
    tables = ("Operations", "Timeline")
    return [[i for i in desk.dynamodb.scan(TableName=t)["Items"] if "state" in i or t == "Timeline"] for t in tables]


def erase(*more, customer):
    return main(["erase", "--store", STORE, "--customer", customer, *more])


def test_open_operations_without_any_reports_none(stack, capsys):
    assert stack.act("edit-order-notes", ORDER, note="Called").status == 200
    stack.form("refund-order", ORDER)
    assert main(["open"]) == 0
    assert "No operation is open" in capsys.readouterr().out


def test_open_operations_lists_operations_that_have_not_ended(stack, capsys):
    lost(stack)
    assert main(["open"]) == 1
    said = capsys.readouterr().out
    assert f"{STORE}  refund order, order {ORDER}  UNKNOWN" in said
    assert "Don't delete the stack now" in said
    assert main(["open", "--store", "another"]) == 0


def test_documented_query_lists_operations_that_need_a_person(stack):
    """`make open-operations` does not list it: an operation that needs a person has ended."""
    [command] = [c for c in documents.shell(documents.OPERATIONS, "## Upgrade") if c.startswith("aws dynamodb scan")]
    words = shlex.split(command)
    given = dict(zip(words[3::2], words[4::2], strict=True))

    def listed():
        found = stack.dynamodb.scan(
            TableName="Operations",
            FilterExpression=given["--filter-expression"],
            ExpressionAttributeNames=json.loads(given["--expression-attribute-names"]),
            ExpressionAttributeValues=json.loads(given["--expression-attribute-values"]),
        )
        return [[item[name]["S"] for name in ("store", "action", "order_name")] for item in found["Items"]]

    assert stack.act("edit-order-notes", "#1004", note="Called").status == 200
    lost(stack)
    assert listed() == []
    # Shopify can't be asked about it any more.
    domain = f"/orderdesk/local/stores/{STORE}/shopify/domain"
    stack.ssm.put_parameter(Name=domain, Value="evil.com", Type="String", Overwrite=True)
    assert stack.reconcile(later=timedelta(hours=2)) == {"ended": 0, "waiting": 1}
    assert stack.reconcile(later=timedelta(hours=25)) == {"ended": 1, "waiting": 0}
    assert main(["open"]) == 0
    assert listed() == [[STORE, "refund_order", ORDER]]


def test_erase_without_yes_only_counts(stack, capsys):
    assert stack.act("edit-order-notes", ORDER, note="Called").status == 200
    before = kept(stack)
    assert erase(customer=stack.linked(ORDER)) == 0
    assert "1 timeline entries and 1 operations" in capsys.readouterr().out
    assert kept(stack) == before


def test_erase_removes_one_customers_records_only(stack):
    for order in (ORDER, "#1004"):
        assert stack.act("edit-order-notes", order, note="Called").status == 200
    stack.form("refund-order", ORDER)
    customer, other = stack.linked(ORDER), stack.linked("#1004")
    assert customer != other
    assert erase("--yes", customer=f"gid://shopify/Customer/{customer}") == 0
    operations, entries = kept(stack)
    assert {item["customer"]["S"] for item in (*operations, *entries)} == {other}
    assert erase("--yes", customer=customer) == 0


def test_erase_of_a_customer_includes_their_former_guest_order(stack):
    order = next(o for o in stack.store.orders if o.customer is None)
    assert stack.act("edit-order-notes", order.name, note="As a guest").status == 200
    order.customer = stack.store.customers[0]
    assert stack.act("edit-order-notes", order.name, note="As a customer").status == 200
    assert erase("--yes", customer=stack.linked(order.name)) == 0
    assert kept(stack) == [[], []]


def as_guest_then_customer(stack):
    """A guest's order with an entry, which then got a customer without other records."""
    order = next(o for o in stack.store.orders if o.customer is None)
    assert stack.act("edit-order-notes", order.name, note="As a guest").status == 200
    order.customer = stack.store.customers[0]
    return order


def test_erase_with_an_order_removes_its_records(stack):
    order = as_guest_then_customer(stack)
    assert stack.act("edit-order-notes", ORDER, note="Called").status == 200
    customer = stack.linked(order.name)
    assert customer != stack.linked(ORDER)
    assert erase("--yes", "--order", order.number, "--order", "1", customer=customer) == 0
    operations, entries = kept(stack)
    assert {item["customer"]["S"] for item in (*operations, *entries)} == {stack.linked(ORDER)}


def test_erase_of_a_guest_order_by_its_number_removes_its_records(stack):
    order = as_guest_then_customer(stack)
    assert erase("--yes", customer=f"order-{order.number}") == 0
    assert kept(stack) == [[], []]


@pytest.mark.parametrize("by", ["old number", "order"])
def test_erase_of_a_merged_customer_removes_the_old_records(stack, by):
    assert stack.act("edit-order-notes", ORDER, note="Called").status == 200
    old, number = stack.linked(ORDER), stack.store.order(ORDER).number
    gone = stack.store.order(ORDER).customer
    stack.store.merge(gone, next(c for c in stack.store.customers if c is not gone))
    if by == "order":
        assert erase("--yes", "--order", f"gid://shopify/Order/{number}", customer=stack.linked(ORDER)) == 0
    else:
        assert erase("--yes", customer=old) == 0
    assert kept(stack) == [[], []]


def test_erase_counts_each_record_once(stack, capsys):
    assert stack.act("edit-order-notes", ORDER, note="Called").status == 200
    assert erase("--order", stack.store.order(ORDER).number, customer=stack.linked(ORDER)) == 0
    assert "1 timeline entries and 1 operations" in capsys.readouterr().out


def test_erase_says_how_long_an_operation_may_stay_open(stack, capsys):
    stack.sandbox.faults.put(Fault("refund_status", transaction_status="PENDING"))
    assert stack.act("refund-order", ORDER, reason="Goodwill").status == 200
    stack.reconcile(later=timedelta(days=13))
    assert erase("--yes", customer=stack.linked(ORDER)) == 2
    assert "up to two weeks" in capsys.readouterr().err
    assert main(["open"]) == 1
    assert "after two weeks" in capsys.readouterr().out


def test_erase_while_an_operation_is_open_is_refused(stack, capsys):
    lost(stack)
    before = kept(stack)
    assert erase("--yes", customer=stack.linked(ORDER)) == 2
    assert "have not ended" in capsys.readouterr().err
    assert kept(stack) == before
    stack.reconcile()
    assert erase("--yes", customer=stack.linked(ORDER)) == 0
    assert kept(stack) == [[], []]


def test_erase_keeps_an_operation_that_was_submitted_again(stack, monkeypatch):
    assert stack.act("edit-order-notes", ORDER, note="Called").status == 200
    url = stack.form("edit-order-notes", ORDER).body["actionUrl"]

    def found_then_submitted(*asked):
        found = find(*asked)
        stack.change(url, state="PENDING", open_shard="0", check_at="2026-11-25T00:00:00.000Z")
        return found

    from admin import __main__ as command

    find = command.find
    monkeypatch.setattr(command, "find", found_then_submitted)
    assert erase("--yes", customer=stack.linked(ORDER)) == 1
    [operation], entries = kept(stack)
    assert operation["state"]["S"] == "PENDING"
    assert entries == []


def test_records_on_several_pages_are_all_read(stack):
    customer = stack.linked(ORDER)
    keys = {"customer_key": {"S": f"{STORE}/{customer}"}, "customer": {"S": customer}, "detail": {"S": "x" * 300_000}}
    for place in range(9):
        stack.dynamodb.put_item(TableName="Timeline", Item=keys | {"entry_key": {"S": f"2026/{place}/1"}})
        filler = {"operation": {"S": f"o{place}"}, "state": {"S": "SUCCEEDED"}, "store": {"S": STORE}}
        stack.dynamodb.put_item(TableName="Operations", Item=filler | keys)
    assert erase("--yes", customer=customer) == 0
    assert kept(stack) == [[], []]


@pytest.mark.parametrize("customer", ["", "me@example.com", "order-", "gid://shopify/Order/1", "\uff11\uff12"])
def test_erase_without_a_valid_customer_id_fails(customer):
    with pytest.raises(SystemExit):
        erase(customer=customer)


@pytest.mark.parametrize("order", ["", "#1001", "gid://shopify/Customer/1", "\uff11"])
def test_erase_without_a_valid_order_id_fails(order):
    with pytest.raises(SystemExit):
        erase("--order", order, customer="1")


def test_unknown_stack_is_reported(desk, capsys):
    assert main(["--stack", "none", "open"]) == 2
    assert "none" in capsys.readouterr().err


def test_stack_of_another_application_is_reported(desk, capsys):
    body = "Resources: {T: {Type: 'AWS::SNS::Topic'}}\nOutputs: {A: {Value: b}}"
    boto3.client("cloudformation").create_stack(StackName="other", TemplateBody=body)
    assert main(["--stack", "other", "open"]) == 2
    assert "not an Orderdesk stack" in capsys.readouterr().err


def test_missing_table_is_reported(stack, capsys):
    stack.dynamodb.delete_table(TableName="Timeline")
    assert erase(customer="1") == 2
    assert "AWS refused" in capsys.readouterr().err
