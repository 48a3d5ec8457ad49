"""What botocore is told of AWS is botocore's own word, as far as Orderdesk needs it."""

import pytest

from local.aws_models import CALLS, files
from orderdesk import aws, config, tables


@pytest.mark.parametrize(("path", "text"), list(files()), ids=[path for path, _ in files()])
def test_a_description_is_botocores_cut_down(path, text):
    assert (aws.MODELS / path).read_text("utf-8") == text, "run `python -m local.aws_models`"


def test_nothing_else_lies_there():
    there = {str(file.relative_to(aws.MODELS)) for file in aws.MODELS.rglob("*.json")}
    assert there == {path for path, _ in files()}


def test_the_clients_know_these_calls_and_no_others(desk):
    known = {"ssm": config.ssm(), "dynamodb": tables.dynamodb()}
    for (service, _), calls in CALLS.items():
        assert set(known[service].meta.service_model.operation_names) == set(calls)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-2", "us-gov-west-1", "cn-north-1", "xx-new-1"])
@pytest.mark.parametrize("service", [service for service, _ in CALLS])
def test_a_region_has_the_endpoint_that_botocore_says(region, service, monkeypatch):
    from botocore.session import get_session

    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    aws.session.cache_clear()
    ours, botocores = aws.session().client(service), get_session().create_client(service)
    aws.session.cache_clear()
    assert ours.meta.endpoint_url == botocores.meta.endpoint_url
    assert ours.meta.partition == botocores.meta.partition
