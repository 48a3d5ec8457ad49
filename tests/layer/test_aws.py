"""The layer's descriptions of AWS are botocore's own, reduced to what Orderdesk needs, and nothing depends on them."""

import re
from pathlib import Path

import botocore
import pytest
from botocore.loaders import Loader
from botocore.session import get_session

from orderdesk import aws, config, reconcile_queue, tables
from tests.plugins.aws_models import cut

SERVICES = sorted(service for service, _ in cut.CALLS)
REQUIREMENTS = Path(__file__).parents[2] / "layers/orderdesk/build-requirements.txt"


@pytest.fixture(autouse=True)
def _session_of_its_own():
    yield
    aws.session.cache_clear()


def without_texts(value):
    if isinstance(value, dict):
        return {
            k: without_texts(v)
            for k, v in value.items()
            if isinstance(v, dict) or k not in ("documentation", "documentationUrl")
        }
    return [without_texts(v) for v in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("service", "version"), sorted(cut.CALLS))
def test_description_is_a_subset_of_botocores(service, version):
    name = f"{service}/{version}/service-2"
    ours, botocores = Loader(extra_search_paths=[str(aws.MODELS)]).load_data(name), Loader().load_data(name)
    assert set(ours["operations"]) == set(cut.CALLS[service, version])
    assert ours["metadata"] == botocores["metadata"]
    for kind in ("operations", "shapes"):
        assert ours[kind] == {k: without_texts(botocores[kind][k]) for k in ours[kind]}


def test_no_other_descriptions_exist():
    there = {str(file.relative_to(aws.MODELS)) for file in aws.MODELS.rglob("*") if file.is_file()}
    assert there == {"endpoints.json"} | {f"{service}/{version}/service-2.json" for service, version in cut.CALLS}


def test_layer_and_tests_use_the_same_botocore():
    [version] = re.findall(r"(?m)^botocore==(.*)$", REQUIREMENTS.read_text("utf-8"))
    assert version == botocore.__version__


def test_clients_know_only_these_calls(desk):
    known = {"ssm": config.ssm(), "dynamodb": tables.dynamodb(), "sqs": reconcile_queue.sqs()}
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
