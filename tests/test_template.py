"""template.yaml, the code and events/ agree."""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from orderdesk.deadline import BUDGET
from orderdesk.shopify import document
from tests import readme
from tests.conftest import EVENTS, LambdaContext
from tests.template import resources, template

ROOT = Path(__file__).parents[1]
FUNCTIONS = resources("AWS::Serverless::Function")
DOCUMENTS = sorted(
    p for f in ("functions", "layers") for p in (ROOT / f).rglob("*.graphql") if p.parent.name != "fragments"
)
SCHEMA = build_schema((ROOT / "local/sandbox/admin-2026-10.graphql").read_text("utf-8"), assume_valid=True)
PUBLISHED = ROOT.parent / "shared/shopify/admin-2026-10.graphql"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_whole(name):
    properties = FUNCTIONS[name]
    module, _, attribute = properties["Handler"].rpartition(".")
    assert callable(getattr(import_module(module), attribute))
    assert (EVENTS / f"{module.split('.')[0]}.json").exists()
    assert properties["Role"] == {"GetAtt": f"{name}Role.Arn"}


def test_the_functions_own_time_is_longer_than_the_budget():
    assert template()["Globals"]["Function"]["Timeout"] > BUDGET + 5


def test_the_readme_answers_every_prompt_in_the_order_of_the_template():
    asked = list(template()["Parameters"])
    assert [name for name in readme.prompts() if name in asked] == asked


def test_the_readme_names_what_gladly_searches_by():
    """The query attributes in the README are those that a lookup reads."""
    from lookup.app import Wanted

    table = readme.TEXT.partition("## Connect Gladly")[2].partition("## Connect another")[0]
    [row] = [line for line in table.splitlines() if line.startswith("| Search query attributes")]
    known = {str(alias) for f in Wanted.model_fields.values() for alias in f.validation_alias.choices}
    named = re.findall(r"`(\w+)` “", row)
    assert named == ["email", "phone", "orderNumber"] and set(named) <= known


def statements():
    for policy in resources("AWS::IAM::ManagedPolicy").values():
        yield from policy["PolicyDocument"]["Statement"]
    for role in resources("AWS::IAM::Role").values():
        for policy in role["Policies"]:
            yield from policy["PolicyDocument"]["Statement"]


def test_no_policy_allows_everything():
    for statement in statements():
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert all("*" not in a for a in actions)
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for resource in map(json.dumps, resources):
            # Stores are added without a deployment, so of a store's parameters the store's name stays open.
            assert "*" not in resource or "parameter/orderdesk/${Stage}/stores/*" in resource
            assert "*" not in resource or actions == ["ssm:GetParameters"]


def test_nothing_may_change_a_timeline_entry():
    for statement in statements():
        if "TimelineTable" in json.dumps(statement["Resource"]):
            assert not {"dynamodb:UpdateItem", "dynamodb:DeleteItem"} & set(str(statement["Action"]).split("'"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_template_routes_what_the_function_answers(name):
    module = import_module(FUNCTIONS[name]["Handler"].rpartition(".")[0])
    events = [e["Properties"] for e in FUNCTIONS[name].get("Events", {}).values() if e["Type"] == "Api"]
    routed = {(e["Method"].lower(), e["Path"]) for e in events if not e["Path"].endswith("{proxy+}")}
    endpoint = getattr(module, "endpoint", None)
    answered = {(m, "/stores/{store}" + endpoint.path) for m in ("get", "post") if endpoint and getattr(endpoint, m)}
    assert routed == answered


@pytest.mark.parametrize("event", sorted(EVENTS.glob("*.json")), ids=lambda p: p.stem)
def test_the_event_works(desk, event):
    handler = import_module(f"{event.stem}.app").lambda_handler
    answer = handler(json.loads(event.read_text("utf-8")), LambdaContext())
    assert answer.get("statusCode", 200) == 200, answer


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_document_is_valid(path):
    assert validate(SCHEMA, parse(document(str(path), path.stem).text)) == []


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published schema is not at hand")
def test_the_pruned_schema_is_the_published_one_cut_down():
    from local.sandbox.prune import documents, prune

    pruned = (ROOT / "local/sandbox/admin-2026-10.graphql").read_text("utf-8")
    assert prune(PUBLISHED.read_text("utf-8"), documents()) == pruned


def test_nothing_is_read_at_import():
    modules = [f"{p.parent.name}.{p.stem}" for p in (ROOT / "functions").glob("*/*.py") if p.stem != "__init__"]
    code = f"import importlib; [importlib.import_module(m) for m in {modules!r}]"
    path = os.pathsep.join([str(ROOT / "functions"), str(ROOT / "layers/orderdesk")])
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
