"""What SAM's own translator makes of the template: the API's policy, its access log, and dependencies."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from local.template import FILE

pytestmark = pytest.mark.e2e
TRANSFORM = Path(__file__).with_name("sam_transform.py")


def transformed(**given):
    """The resources that SAM creates with these parameters."""
    command = [str(FILE.with_name(".venv-sam") / "bin/python"), str(TRANSFORM), str(FILE)]
    command += [f"{name}={value}" for name, value in given.items()]
    environment = os.environ | {"AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["Resources"]


def split(value):
    """`Fn::Split` as CloudFormation evaluates it after SAM has inserted the parameter."""
    [(function, (separator, text))] = value.items()
    assert function == "Fn::Split"
    return text.split(separator)


@pytest.mark.parametrize(
    ("given", "ranges"),
    [
        ({}, ["0.0.0.0/0", "::/0"]),
        ({"AllowedAddresses": "192.0.2.0/24,198.51.100.7/32"}, ["192.0.2.0/24", "198.51.100.7/32"]),
        ({"AllowedAddresses": "192.0.2.0/24"}, ["192.0.2.0/24"]),
    ],
)
def test_each_address_range_is_a_separate_value(given, ranges):
    [api] = [r for r in transformed(Stage="prod", **given).values() if r["Type"] == "AWS::ApiGateway::RestApi"]
    [statement] = api["Properties"]["Body"]["x-amazon-apigateway-policy"]["Statement"]
    assert split(statement["Condition"]["IpAddress"]["aws:SourceIp"]) == ranges


def test_stage_has_an_access_log_and_depends_on_the_accounts_role():
    made = transformed(Stage="prod", ApiGatewayLogRole="create")
    [stage] = [r for r in made.values() if r["Type"] == "AWS::ApiGateway::Stage"]
    assert stage["Properties"]["AccessLogSetting"]["DestinationArn"] == {"Fn::GetAtt": ["AccessLogGroup", "Arn"]}
    assert json.loads(stage["Properties"]["AccessLogSetting"]["Format"])
    api = made[stage["Properties"]["RestApiId"]["Ref"]]
    assert "ApiGatewayAccount" in api["DependsOn"]
