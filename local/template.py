"""template.yaml as tests and benchmarks read it: short intrinsic functions kept, and the tables that it describes.

`python -m local.template send_invoice "Sends an invoice"` prints the two blocks that the template needs for an action
that has a row.
"""

import sys
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orderdesk import actions
from orderdesk.actions import Action

FILE = Path(__file__).parents[1] / "template.yaml"


class _Loader(yaml.CSafeLoader):
    """Reads `!Ref X` as `{"Ref": "X"}`."""


def _intrinsic(loader: "_Loader", suffix: str, node: yaml.Node) -> dict[str, Any]:
    kinds = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: loader.construct_sequence}
    if isinstance(node, yaml.MappingNode):
        return {suffix: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    return {suffix: kinds[yaml.ScalarNode](node)}


_Loader.add_multi_constructor("!", _intrinsic)


def template() -> dict[str, Any]:
    """The whole template, which the caller may change."""
    return deepcopy(_parsed())


@cache
def _parsed() -> dict[str, Any]:
    return yaml.load(FILE.read_text("utf-8"), _Loader)


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type, by logical id."""
    return {k: r.get("Properties", {}) for k, r in _parsed()["Resources"].items() if r["Type"] == kind}


def default(parameter: str) -> str:
    """The default of a parameter of the template."""
    return str(_parsed()["Parameters"][parameter]["Default"])


def create_tables(dynamodb: Any, names: dict[str, str]) -> None:
    """Create the template's tables under the given names."""
    for logical, properties in resources("AWS::DynamoDB::Table").items():
        wanted = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        dynamodb.create_table(TableName=names[logical], **{k: properties[k] for k in wanted if k in properties})


def role_block(action: Action) -> str:
    """The role of an action's function, as the template has it: what all share, unlocking if the action locks, and
    reading a customer's refunds if it moves money."""
    more = "\n        - !Ref ReleaseOrdersPolicy" if action.lock else ""
    more += "\n        - !Ref ReadRefundsPolicy" if action.moves_money else ""
    return f"""  {_logical(action)}FunctionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
      ManagedPolicyArns:
        - !Ref WriteLogPolicy
        - !Ref ReadStoreParametersPolicy
        - !If [HasParametersKey, !Ref DecryptParametersPolicy, !Ref AWS::NoValue]
        - !Ref RecordOperationsPolicy{more}
"""


def function_block(action: Action, description: str) -> str:
    """The function of an action, as the template has it."""
    path = f'"/stores/{{store}}{action.path}"'
    return f"""  {_logical(action)}Function:
    Type: AWS::Serverless::Function
    Metadata: {{BuildMethod: makefile}}
    Properties:
      Description: {description}
      Handler: {action.name}.app.lambda_handler
      ReservedConcurrentExecutions: !If [LimitsActions, !Ref ActionConcurrency, !Ref "AWS::NoValue"]
      Role: !GetAtt {_logical(action)}FunctionRole.Arn
      Events:
        Form: {{Type: Api, Properties: {{RestApiId: !Ref Api, Method: GET, Path: {path}}}}}
        Submit: {{Type: Api, Properties: {{RestApiId: !Ref Api, Method: POST, Path: {path}}}}}
"""


def _logical(action: Action) -> str:
    return action.name.title().replace("_", "")


if __name__ == "__main__":
    print(role_block(actions.of(sys.argv[1])))
    print(function_block(actions.of(sys.argv[1]), sys.argv[2]))
