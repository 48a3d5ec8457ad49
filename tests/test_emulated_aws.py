"""The tests' AWS is reset before each test, and answers as moto itself does."""

import pytest
from moto.core import serialize

from local import emulated_aws
from local.in_process import PATH
from orderdesk import config

ITEM = {
    "operation": {"S": "one"},
    "text": {"S": ""},
    "number": {"N": "1.50"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "bytes": {"B": b"\x00\xff"},
    "many_bytes": {"BS": [b"\x00", b"\xff"]},
    "list": {"L": [{"S": "a"}, {"M": {"deep": {"B": b"\x01"}}}, {"N": "2"}]},
    "map": {"M": {"empty": {"M": {}}, "no": {"BOOL": False}}},
}
CHANGE = {
    "Key": {"operation": {"S": "one"}},
    "UpdateExpression": "SET #list = list_append(#list, :more), #new = if_not_exists(#new, :n) "
    "ADD #number :n REMOVE #map",
    "ExpressionAttributeNames": {"#list": "list", "#new": "new", "#number": "number", "#map": "map"},
    "ExpressionAttributeValues": {":more": {"L": [{"S": "b"}]}, ":n": {"N": "2"}},
    "ReturnValues": "ALL_NEW",
}


def answers(dynamodb):
    table = emulated_aws.TABLES["OperationsTable"]
    dynamodb.put_item(TableName=table, Item=ITEM)
    got = dynamodb.get_item(TableName=table, Key=CHANGE["Key"])["Item"]
    return got, [dynamodb.update_item(TableName=table, **CHANGE)["Attributes"] for _ in range(2)]


def test_items_of_every_kind_are_returned_as_by_moto(desk, monkeypatch):
    got, changed = answers(desk.dynamodb)
    assert got == ITEM
    assert [c["number"] for c in changed] == [{"N": "3.50"}, {"N": "5.50"}]
    assert len(changed[1]["list"]["L"]) == 5
    assert "map" not in changed[0]
    monkeypatch.delitem(serialize.SERVICE_SPECIFIC_SERIALIZERS, "dynamodb")
    assert answers(desk.dynamodb) == (got, changed)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_deployment_starts_with_a_new_aws(desk, turn):
    def parameters():
        found = desk.ssm.get_parameters(Names=[f"{PATH}/default_region", f"{PATH}/helpdesk/counts"])
        return {p["Name"].rpartition("/")[2]: (p["Value"], p["Version"]) for p in found["Parameters"]}

    assert parameters() == {"default_region": ("US", 1)}
    assert [desk.dynamodb.scan(TableName=table)["Count"] for table in emulated_aws.TABLES.values()] == [0, 0]
    desk.set(default_region="DE", helpdesk__counts="number")
    assert parameters() == {"default_region": ("DE", 2), "counts": ("number", 1)}
    desk.dynamodb.put_item(TableName=emulated_aws.TABLES["OperationsTable"], Item=ITEM)
    desk.dynamodb.delete_table(TableName=emulated_aws.TABLES["TimelineTable"])
    assert config.ssm() is not desk.ssm
