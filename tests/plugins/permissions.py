"""Compare each function's AWS calls during the tests with its role in template.yaml.

A test in which a function calls what its role lacks fails. A run of all tests fails if a role allows something that no
test needed. The printed table shows what each function may do.
"""

import re
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.handlers import BUILTIN_HANDLERS

from local import emulated_aws
from local.template import resources
from tests.plugins.selection import all_tests

FUNCTIONS = f"{Path(__file__).parents[2] / 'functions'}/"

#: A call: the function that makes it, the permission that it needs, and the resource.
Call = tuple[str, str, str]

calls: Counter[Call] = Counter()
_new: set[Call] = set()
_complaints: list[str] = []

_TABLES = {"Operations": "OperationsTable", "Timeline": "TimelineTable"}
#: Tests use a missing table to break DynamoDB.
_BROKEN = "Missing"
_QUEUES = {name: logical for logical, name in emulated_aws.QUEUES.items()}
_BUSES = {emulated_aws.BUS: "EventBus"}
#: Lambda does this on behalf of each running function, and of each that reads a stream or a queue.
_LAMBDAS_OWN = (
    "logs:CreateLogStream", "logs:PutLogEvents",
    "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
    "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
)  # fmt: skip


def needed(service: str, operation: str, asked: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The permissions that AWS requires for a call, and the resource of each."""
    if operation == "TransactWriteItems":
        for [(kind, item)] in (write.items() for write in asked["TransactItems"]):
            verb = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
            yield f"dynamodb:{verb}", _table(item["TableName"])
    elif service == "dynamodb":
        index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
        yield f"dynamodb:{operation}", _table(asked["TableName"]) + index
    elif service == "sqs":
        # A call for several messages needs the permission of a call for one.
        yield f"sqs:{operation.removesuffix('Batch')}", _QUEUES[asked["QueueUrl"].rpartition("/")[2]]
    elif service == "events":
        for entry in asked["Entries"]:
            yield f"events:{operation}", _BUSES[entry["EventBusName"]]
    else:
        for name in asked["Names"]:
            yield f"{service}:{operation}", f"parameter{name}"


def _table(name: str) -> str:
    return _TABLES.get(name, name)


@cache
def allowed() -> dict[str, set[tuple[str, str]]]:
    """By function, each permission of its role with its resource, named as in `needed`; `*` stands for anything.

    Leaves out a policy for those who use their own key.
    """
    roles, policies = resources("AWS::IAM::Role"), resources("AWS::IAM::ManagedPolicy")
    found = {}
    for properties in resources("AWS::Serverless::Function").values():
        role = roles[properties["Role"]["GetAtt"].removesuffix(".Arn")]
        documents = [policies[arn["Ref"]]["PolicyDocument"] for arn in role["ManagedPolicyArns"] if "Ref" in arn]
        documents += [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        statements = [statement for document in documents for statement in document["Statement"]]
        found[properties["Handler"].partition(".")[0]] = {
            (action, _resource(resource))
            for statement in statements
            for action in _several(statement["Action"])
            for resource in _several(statement["Resource"])
        }
    return found


def _several(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def _resource(value: dict[str, str]) -> str:
    text = value.get("GetAtt") or value["Sub"]
    text = re.sub(r"^arn:.*:(?=parameter/)", "", text).replace("${Stage}", "local")
    return re.sub(r"\.Arn\b|[${}]", "", text)


def too_little(may: dict[str, set[tuple[str, str]]], made: set[Call]) -> list[str]:
    """The calls that a role does not allow."""
    return [
        f"{function} calls {action} on {resource}, which its role lacks"
        for function, action, resource in sorted(made)
        if not any(action == a and fnmatchcase(resource, r) for a, r in may[function])
    ]


def too_much(may: dict[str, set[tuple[str, str]]], made: set[Call]) -> list[str]:
    """The permissions that no call needed."""
    return [
        f"{function} may {action} on {resource}, and never does"
        for function, permissions in may.items()
        for action, resource in sorted(permissions)
        if not any((f, a) == (function, action) and fnmatchcase(r, resource) for f, a, r in made)
        and not (action in _LAMBDAS_OWN and any(f == function for f, _, _ in made))
    ]


def calling_function() -> str | None:
    """The function whose code is running, or on whose behalf the layer is: an action's form and submit begin there."""
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_filename.startswith(FUNCTIONS):
            return frame.f_code.co_filename.removeprefix(FUNCTIONS).partition("/")[0]
        if frame.f_code.co_name == "lambda_handler" and "endpoint" in frame.f_locals:
            path: str = frame.f_locals["endpoint"].path
            return path.rpartition("/")[2].replace("-", "_") or "lookup"
    return None


def _note(params: dict[str, Any], model: Any, **_: Any) -> None:
    if function := calling_function():
        asked = needed(model.service_model.service_name, model.name, params)
        made = [(function, action, resource) for action, resource in asked if resource.partition("/")[0] != _BROKEN]
        calls.update(made)
        _new.update(made)


BUILTIN_HANDLERS.append(("before-parameter-build", _note))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Fail the phase of a test in which a function called what its role lacks."""
    report = yield
    lacking = too_little(allowed(), _new) if _new else []
    _new.clear()
    if lacking and report.passed:
        report.outcome = "failed"
        report.longrepr = "\n".join(lacking)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add what another process of this run has seen."""
    calls.update({tuple(key.split(" ")): n for key, n in getattr(node, "workeroutput", {}).get("calls", {}).items()})


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of all tests if something is allowed that no test needs."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["calls"] = {" ".join(key): n for key, n in calls.items()}
    elif all_tests(session.config) and session.exitstatus == pytest.ExitCode.OK:
        _complaints.extend(too_much(allowed(), set(calls)))
        if _complaints:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the table of permissions, with how often each was needed."""
    for complaint in _complaints:
        terminalreporter.write_line(f"A role allows too much: {complaint}", red=True)
    if not (all_tests(config) and calls):
        return
    terminalreporter.write_line("Permissions of each function, and the calls in this run that needed them:")
    for function, permissions in allowed().items():
        terminalreporter.write_line(f"  {function}")
        for action, resource in sorted(permissions):
            times = sum(
                n for (f, a, r), n in calls.items() if (f, a) == (function, action) and fnmatchcase(r, resource)
            )
            shown = "by Lambda itself" if action in _LAMBDAS_OWN else f"{times}"
            terminalreporter.write_line(f"    {action:28} {resource.replace('/local/', '/{stage}/'):38} {shown}")
