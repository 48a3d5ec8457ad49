"""Missing and unused permissions are found."""

from tests.plugins.permissions import allowed, needed, too_little, too_much

MAY = {"timeline": {("dynamodb:Query", "TimelineTable"), ("ssm:GetParameters", "parameter/stores/*")}}
READ = ("timeline", "ssm:GetParameters", "parameter/stores/main")
QUERY = ("timeline", "dynamodb:Query", "TimelineTable")


def test_matching_role_has_no_complaints():
    assert too_little(MAY, {READ, QUERY}) == too_much(MAY, {READ, QUERY}) == []


def test_missing_permission_is_found():
    [found] = too_little(MAY, {READ, QUERY, ("timeline", "dynamodb:Query", "TimelineTable/index/by_order")})
    assert "dynamodb:Query on TimelineTable/index/by_order" in found


def test_unused_permission_is_found():
    [found] = too_much(MAY, {READ})
    assert "timeline may dynamodb:Query on TimelineTable" in found


def test_transaction_needs_the_permission_of_each_part():
    writes = [{kind: {"TableName": "Operations"}} for kind in ("Put", "Update", "Delete", "ConditionCheck")]
    assert [action for action, _ in needed("dynamodb", "TransactWriteItems", {"TransactItems": writes})] == [
        "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
    ]  # fmt: skip


def test_index_is_a_separate_resource():
    asked = {"TableName": "Timeline", "IndexName": "by_order"}
    assert list(needed("dynamodb", "Query", asked)) == [("dynamodb:Query", "TimelineTable/index/by_order")]


def test_each_parameter_is_a_resource():
    asked = {"Names": ["/orderdesk/a", "/orderdesk/b"]}
    assert list(needed("ssm", "GetParameters", asked)) == [
        ("ssm:GetParameters", "parameter/orderdesk/a"),
        ("ssm:GetParameters", "parameter/orderdesk/b"),
    ]


def test_batch_of_messages_needs_the_permission_of_a_message():
    asked = {"QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/Reconcile", "Entries": []}
    assert list(needed("sqs", "SendMessageBatch", asked)) == [("sqs:SendMessage", "ReconcileQueue")]


def test_roles_of_the_template_are_read():
    assert ("dynamodb:Query", "OperationsTable/index/open_operations") in allowed()["reconcile_operations"]
    assert ("dynamodb:DeleteItem", "OperationsTable") in allowed()["refund_order"]
    assert ("dynamodb:DeleteItem", "OperationsTable") not in allowed()["edit_order_tags"]
    assert ("ssm:GetParameters", "parameter/orderdesk/local/stores/*/default_region") in allowed()["lookup"]
    assert allowed()["timeline"] >= {("ssm:GetParameters", "parameter/orderdesk/local/stores/*/helpdesk/signing_key")}
    assert not any("shopify/*" in resource for _, resource in allowed()["timeline"])
