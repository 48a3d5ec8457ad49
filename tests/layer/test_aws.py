"""The layer's descriptions of AWS are botocore's own, reduced to what Orderdesk needs, and nothing depends on them."""

import json
import re
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zlib import crc32

import botocore
import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.session import get_session

from orderdesk import aws, config, queues, tables
from orderdesk.tables import attributes
from tests.plugins.aws_models import cut

SERVICES = sorted(service for service, _ in cut.CALLS)
REQUIREMENTS = Path(__file__).parents[2] / "layers/orderdesk/build-requirements.txt"


@pytest.fixture(autouse=True)
def _session_of_its_own():
    yield
    aws.session.cache_clear()


def kept_of(value):
    """botocore's description without texts, and without what would find a table's ARN in a call."""
    if isinstance(value, dict):
        return {
            k: kept_of(v)
            for k, v in value.items()
            if (isinstance(v, dict) or k not in ("documentation", "documentationUrl"))
            and k not in ("contextParam", "operationContextParams")
        }
    return [kept_of(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("service", "version"), sorted(cut.CALLS))
def test_description_is_a_subset_of_botocores(service, version):
    name = f"{service}/{version}/service-2"
    ours, botocores = Loader(extra_search_paths=[str(aws.MODELS)]).load_data(name), Loader().load_data(name)
    assert set(ours["operations"]) == set(cut.CALLS[service, version])
    assert ours["metadata"] == botocores["metadata"]
    for kind in ("operations", "shapes"):
        assert ours[kind] == {k: as_cut(k, kept_of(botocores[kind][k])) for k in ours[kind]}


def as_cut(name, shape):
    """The shapes of which less is kept: what nobody reads, and what goes through as it is."""
    if name == "AttributeValue":
        return {"type": "structure", "members": {}, "document": True}
    read = {"GetParametersResult": {"Parameters"}, "Parameter": {"Name", "Value"}}.get(name)
    return {**shape, "members": {k: v for k, v in shape["members"].items() if k in read}} if read else shape


#: A value of each kind that Orderdesk stores, and what it may contain.
VALUES = {
    "text": "Ümit ✓ \"quoted\"\n", "empty": "", "number": 2**53, "amount": Decimal("-12.50"), "yes": True,
    "nothing": None, "list": ["a", 1, {"deep": [Decimal("0.1"), None, False]}], "map": {"S": "not a type", "N": {}},
}  # fmt: skip


def client_of(botocores):
    """A DynamoDB client with botocore's own descriptions, or with ours."""
    made = get_session() if botocores else aws.session()._session
    return made.create_client(
        "dynamodb", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x", config=Config(retries=ONCE)
    )


ONCE = {"mode": "standard", "total_max_attempts": 1}


@pytest.fixture
def exchanged(monkeypatch):
    """Answer calls with a status and a body; what was sent is returned with what the client made of the answer."""

    def call(client, name, status, body, **given):
        sent = []

        def answer(request, **_):
            sent.append((request.url, json.loads(request.body)))
            raw = BytesIO(json.dumps(body).encode())
            raw.stream = lambda *_: iter([raw.read()])
            headers = HeadersDict({"x-amz-crc32": str(crc32(raw.getvalue())), "x-amzn-RequestId": "1"})
            return AWSResponse(request.url, status, headers, raw)

        client.meta.events.register_first("before-send", answer)
        try:
            got = getattr(client, xform_name(name))(**given)
        except ClientError as failure:
            got = failure.response | {"class": type(failure).__name__}
        return sent, got

    return call


ITEM = attributes({k: v for k, v in VALUES.items() if v is not None}) | {"nothing": {"NULL": True}}
KEY, PUT = {"k": {"S": "x"}}, {"Put": {"TableName": "T", "Item": ITEM}}
REFUSED = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": ITEM}
CANCELLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "CancellationReasons": [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": ITEM}],
}


@pytest.mark.parametrize(
    ("name", "given", "status", "body"),
    [
        ("GetItem", {"TableName": "T", "Key": KEY}, 200, {"Item": ITEM}),
        ("GetItem", {"TableName": "T", "Key": KEY}, 200, {}),
        ("PutItem", {"TableName": "T", "Item": ITEM}, 200, {}),
        ("Query", {"TableName": "T", "ExpressionAttributeValues": ITEM}, 200, {"Items": [ITEM, {}], "Count": 2}),
        ("UpdateItem", {"TableName": "T", "Key": KEY, "ExpressionAttributeValues": ITEM}, 200, {"Attributes": ITEM}),
        ("UpdateItem", {"TableName": "T", "Key": KEY}, 400, REFUSED),
        ("TransactWriteItems", {"TransactItems": [PUT], "ClientRequestToken": "1"}, 400, CANCELLED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_call_sends_and_returns_what_botocores_does(name, given, status, body, exchanged):
    ours, botocores = (exchanged(client_of(own), name, status, body, **given) for own in (False, True))
    assert ours == botocores
    assert ours[0][0][1], "something was sent"


def test_no_other_descriptions_exist():
    there = {str(file.relative_to(aws.MODELS)) for file in aws.MODELS.rglob("*") if file.is_file()}
    assert there == {"endpoints.json"} | {f"{service}/{version}/service-2.json" for service, version in cut.CALLS}


def test_layer_and_tests_use_the_same_botocore():
    [version] = re.findall(r"(?m)^botocore==(.*)$", REQUIREMENTS.read_text("utf-8"))
    assert version == botocore.__version__


def test_clients_know_only_these_calls(desk):
    known = {"ssm": config.ssm(), "dynamodb": tables.dynamodb(), "sqs": queues.sqs()}
    for (service, _), calls in cut.CALLS.items():
        assert set(known[service].meta.service_model.operation_names) == set(calls)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-2", "us-gov-west-1", "cn-north-1", "xx-new-1"])
@pytest.mark.parametrize("service", SERVICES)
def test_region_has_botocores_endpoint(region, service, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    aws.session.cache_clear()
    ours, botocores = aws.session().client(service), get_session().create_client(service)
    assert ours.meta.endpoint_url == botocores.meta.endpoint_url
    assert ours.meta.partition == botocores.meta.partition


class NotSentError(Exception):
    """A request that was made, and not sent."""


CHANGE = {"Key": {"operation": {"S": "x"}}, "UpdateExpression": "SET a = b", "TableName": "Operations"}


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("UpdateItem", CHANGE),
        ("TransactWriteItems", {"TransactItems": [{"Update": CHANGE}]}),
        ("GetItem", {"Key": CHANGE["Key"], "TableName": "Operations"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_call_goes_to_botocores_endpoint(call, given, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    aws.session.cache_clear()
    called = []

    def refuse(request, **_):
        called.append(request.url)
        raise NotSentError

    for client in (aws.session().client("dynamodb"), get_session().create_client("dynamodb")):
        client.meta.events.register_first("before-send", refuse)
        with pytest.raises(NotSentError):
            getattr(client, xform_name(call))(**given)
    assert called[0] == called[1]
    assert called[0] == "https://dynamodb.us-east-1.amazonaws.com/"


@pytest.mark.parametrize("there", [(), ("ssm",), ("endpoints.json",)], ids=str)
def test_missing_description_falls_back_to_botocores(there, tmp_path, monkeypatch):
    """A layer that was built without the descriptions, or with only some of them."""
    models = tmp_path / "aws_models"
    for name in there:
        target = models / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(aws.MODELS / name)
    monkeypatch.setattr(aws, "MODELS", models)
    aws.session.cache_clear()
    for (service, _), calls in cut.CALLS.items():
        known = set(aws.session().client(service).meta.service_model.operation_names)
        assert known == set(calls) if service in there else known > set(calls)


def test_call_without_the_descriptions_works(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(aws, "MODELS", tmp_path / "not-there")
    for kept in (aws.session, config.ssm, config.parameters, tables.dynamodb):
        kept.cache_clear()
    assert desk.act("edit-order-notes", "#1003", note="new").status == 200
