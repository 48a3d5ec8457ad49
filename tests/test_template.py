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

from local.in_process import LambdaContext
from local.template import FILE, function_block, resources, role_block, template
from orderdesk.actions import ACTIONS
from orderdesk.deadline import BUDGET
from orderdesk.shopify import document
from tests import documents

ROOT = Path(__file__).parents[1]
EVENTS = ROOT / "events"
FUNCTIONS = resources("AWS::Serverless::Function")
DOCUMENTS = sorted(
    p for f in ("functions", "layers") for p in (ROOT / f).rglob("*.graphql") if p.parent.name != "fragments"
)
SCHEMA = build_schema((ROOT / "local/sandbox/admin-2026-10.graphql").read_text("utf-8"), assume_valid=True)
PUBLISHED = ROOT.parent / "shared/shopify/admin-2026-10.graphql"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_complete(name):
    properties = FUNCTIONS[name]
    module, _, attribute = properties["Handler"].rpartition(".")
    assert callable(getattr(import_module(module), attribute))
    assert (EVENTS / f"{module.split('.')[0]}.json").exists()
    assert properties["Role"] == {"GetAtt": f"{name}Role.Arn"}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_blocks_of_an_action_follow_from_its_row(action):
    text, name = FILE.read_text("utf-8"), action.name.title().replace("_", "")
    own = text.partition(f"\n  {name}Function:\n")[2].partition("\n\n  ")[0]
    description = re.search("Description: (.*)", own).group(1)
    needed = f"python -m local.template {action.name} prints what is needed"
    assert function_block(action, description).rstrip() in text, needed
    assert role_block(action).rstrip() in text, needed


def test_timeout_is_longer_than_the_budget():
    assert template()["Globals"]["Function"]["Timeout"] > BUDGET + 5


def test_install_page_answers_every_prompt_in_order():
    asked = list(template()["Parameters"])
    assert [name for name in documents.prompts() if name in asked] == asked


def test_connect_page_lists_the_search_attributes():
    """The query attributes in docs/connect.md are those that a lookup reads."""
    from lookup.app import Wanted

    table = documents.section(documents.CONNECT, "## Gladly")
    [row] = [line for line in table.splitlines() if line.startswith("| Search query attributes")]
    known = {str(alias) for f in Wanted.model_fields.values() for alias in f.validation_alias.choices}
    named = re.findall(r"`(\w+)` “", row)
    assert named == ["email", "phone", "orderNumber"] and set(named) <= known


def statements():
    for policy in resources("AWS::IAM::ManagedPolicy").values():
        yield from policy["PolicyDocument"]["Statement"]
    for role in resources("AWS::IAM::Role").values():
        for policy in role.get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]


#: The indexes of 0.1.0. CloudFormation refuses an update that adds or removes more than one index of a table or changes
#: one: "Cannot perform more than one GSI creation or deletion in a single update."
RELEASED = {
    "OperationsTable": {
        "open_operations": (["open_shard", "check_at"], {"ProjectionType": "ALL"}),
        "unsettled": (["unsettled", "check_at"], {"ProjectionType": "ALL"}),
        "open_by_customer": (["open_for"], {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["open_as"]}),
    },
    "TimelineTable": {
        "by_order": (["order_key", "entry_key"], {"ProjectionType": "ALL"}),
        "by_conversation": (["conversation_key", "entry_key"], {"ProjectionType": "ALL"}),
    },
}


@pytest.mark.parametrize("table", RELEASED)
def test_update_from_the_last_release_changes_one_index_of_a_table_at_most(table):
    indexes = resources("AWS::DynamoDB::Table")[table]["GlobalSecondaryIndexes"]
    today = {
        index["IndexName"]: ([part["AttributeName"] for part in index["KeySchema"]], index["Projection"])
        for index in indexes
    }
    assert {name: today[name] for name in RELEASED[table] if name in today} == {
        name: index for name, index in RELEASED[table].items() if name in today
    }, "an index can't be changed"
    assert len(today.keys() ^ RELEASED[table].keys()) <= 1


def test_no_policy_allows_everything():
    for statement in statements():
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert all("*" not in a for a in actions)
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for resource in map(json.dumps, resources):
            # Stores are added without a deployment, so the policy leaves the store's name open.
            assert "*" not in resource or "parameter/orderdesk/${Stage}/stores/*" in resource
            assert "*" not in resource or actions == ["ssm:GetParameters"]


def test_no_function_may_change_a_timeline_entry():
    for statement in statements():
        if "TimelineTable" in json.dumps(statement["Resource"]):
            assert not {"dynamodb:UpdateItem", "dynamodb:DeleteItem"} & set(str(statement["Action"]).split("'"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_template_routes_match_the_functions(name):
    module = import_module(FUNCTIONS[name]["Handler"].rpartition(".")[0])
    events = [e["Properties"] for e in FUNCTIONS[name].get("Events", {}).values() if e["Type"] == "Api"]
    routed = {(e["Method"].lower(), e["Path"]) for e in events if not e["Path"].endswith("{proxy+}")}
    endpoint = getattr(module, "endpoint", None)
    answered = {(m, "/stores/{store}" + endpoint.path) for m in ("get", "post") if endpoint and getattr(endpoint, m)}
    assert routed == answered


@pytest.mark.parametrize("event", sorted(EVENTS.glob("*.json")), ids=lambda p: p.stem)
def test_event_file_works(desk, event):
    handler = import_module(f"{event.stem}.app").lambda_handler
    answer = handler(json.loads(event.read_text("utf-8")), LambdaContext())
    assert answer.get("statusCode", 200) == 200, answer


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_document_is_valid(path):
    assert validate(SCHEMA, parse(document(str(path), path.stem).text)) == []


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published schema is not available")
def test_pruned_schema_matches_the_published_one():
    from local.sandbox.prune_schema import documents, prune

    pruned = (ROOT / "local/sandbox/admin-2026-10.graphql").read_text("utf-8")
    assert prune(PUBLISHED.read_text("utf-8"), documents()) == pruned


def test_import_works_without_environment():
    modules = [f"{p.parent.name}.{p.stem}" for p in (ROOT / "functions").glob("*/*.py") if p.stem != "__init__"]
    code = f"import importlib; [importlib.import_module(m) for m in {modules!r}]"
    path = os.pathsep.join([str(ROOT / "functions"), str(ROOT / "layers/orderdesk")])
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def allowed(name, value):
    """True if CloudFormation accepts the value for a parameter."""
    known = template()["Parameters"][name]
    assert known["Type"] == "String"
    return bool(re.fullmatch(known["AllowedPattern"], value))


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "AllowedAddresses",
            ["0.0.0.0/0,::/0", "192.0.2.0/24", "192.0.2.7", "192.0.2.0/24,198.51.100.7/32,2001:db8::/32"],
            [
                "",
                "0.0.0.0/0, ::/0",
                " 192.0.2.0/24",
                "192.0.2.0/24,",
                ",192.0.2.0/24",
                "a,,b",
                "192.0.2.0/24;::/0",
                "*",
            ],
        ),
        (
            "FirewallRate",
            ["0", "10", "11", "99", "100", "2000", "999999999"],
            ["", *map(str, range(1, 10)), "-1", "00", "010", "5.5", "1e3", "ten", "10 ", "10000000000"],
        ),
    ],
)
def test_parameter_accepts_only_valid_values(name, good, bad):
    assert [v for v in good if not allowed(name, v)] == [v for v in bad if allowed(name, v)] == []
    assert allowed(name, template()["Parameters"][name]["Default"])


def test_allowed_addresses_are_split_in_the_policy():
    [api] = resources("AWS::Serverless::Api").values()
    [statement] = api["Auth"]["ResourcePolicy"]["CustomStatements"]
    addresses = statement["Condition"]["IpAddress"]["aws:SourceIp"]
    assert addresses == {"Split": [",", {"Ref": "AllowedAddresses"}]}


def value_of(node, given):
    """The value of a rule or a condition of the template."""
    [(kind, of)] = node.items()
    if kind == "Ref":
        return given[of]
    if kind == "Equals":
        return len({value_of(v, given) if isinstance(v, dict) else v for v in of}) == 1
    assert kind == "And"
    return all(value_of(v, given) for v in of)


@pytest.mark.parametrize(
    ("stage", "account", "refused"),
    [("local", "000000000000", False), ("prod", "123456789012", False), ("local", "123456789012", True)],
)
def test_local_stage_is_refused_in_other_accounts(stage, account, refused):
    given = {"Stage": stage, "AWS::AccountId": account}
    [rule] = template()["Rules"].values()
    [assertion] = rule["Assertions"]
    assert (value_of(rule["RuleCondition"], given) and not value_of(assertion["Assert"], given)) == refused
    unprotected = value_of(template()["Conditions"]["IsLocal"], given)
    assert unprotected == (stage == "local" and not refused)
    for table in resources("AWS::DynamoDB::Table").values():
        assert table["DeletionProtectionEnabled"] == {"If": ["IsLocal", False, True]}


def test_access_log_has_no_personal_data():
    [api] = resources("AWS::Serverless::Api").values()
    line = json.loads(api["AccessLogSetting"]["Format"])
    assert line["correlation_id"] == "$context.requestId" and line["status"] == "$context.status"
    of_nobody = (
        "requestTimeEpoch|requestId|httpMethod|resourcePath|status|responseLatency|integrationStatus|"
        "integrationLatency|responseLength|error\\.responseType|waf\\.status"
    )
    assert all(re.fullmatch(rf"\$context\.({of_nobody})", value) for value in line.values())
    group = api["AccessLogSetting"]["DestinationArn"]["GetAtt"].removesuffix(".Arn")
    assert resources("AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_functions_share_one_log_group_and_permission():
    common = template()["Globals"]["Function"]["LoggingConfig"]
    group = common["LogGroup"]["Ref"]
    assert resources("AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    assert not [name for name, function in FUNCTIONS.items() if "LoggingConfig" in function]
    writing = [statement for statement in statements() if "logs:" in str(statement["Action"])]
    assert [(s["Action"], s["Resource"]) for s in writing] == [
        (["logs:CreateLogStream", "logs:PutLogEvents"], {"GetAtt": f"{group}.Arn"})
    ]
    roles = resources("AWS::IAM::Role")
    assert all({"Ref": "WriteLogPolicy"} in roles[f"{name}Role"]["ManagedPolicyArns"] for name in FUNCTIONS)


def test_no_other_log_keeps_requests():
    """API Gateway's execution log, X-Ray and the firewall's samples would contain paths, headers or bodies."""
    [api] = resources("AWS::Serverless::Api").values()
    assert not any(setting.keys() & {"LoggingLevel", "DataTraceEnabled"} for setting in api["MethodSettings"])
    assert "TracingEnabled" not in api and "Tracing" not in template()["Globals"]["Function"]
    [firewall] = resources("AWS::WAFv2::WebACL").values()
    seen = [firewall["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in firewall["Rules"])]
    assert not any(config["SampledRequestsEnabled"] for config in seen)


def test_log_role_is_created_on_request_and_retained():
    whole = template()["Resources"]
    made = [whole[name] for name in ("ApiGatewayAccount", "ApiGatewayLogWriter")]
    assert all(r["Condition"] == "CreatesLogRole" and r["DeletionPolicy"] == "Retain" for r in made)
    assert template()["Parameters"]["ApiGatewayLogRole"]["Default"] == "existing"
    # SAM creates the stage from the API; it must come after it.
    assert whole["Api"]["DependsOn"] == "ApiGatewayAccount"
