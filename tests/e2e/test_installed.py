"""From an empty account to a deleted stack: the steps of docs/install.md, an agent's whole work, and an engineer's
checks.

The local AWS enforces each function's role, so a missing permission fails here. The tests build on each other.
"""

import json
import os
import re
import subprocess
import time

import boto3
import pytest
from botocore.exceptions import ClientError

from local.demo.deployment import STACK, STAGE
from local.examples import EXAMPLES
from local.sandbox import Sandbox
from local.template import FILE, resources, template
from orderdesk.actions import ACTIONS
from tests import documents
from tests.e2e.conftest import STORE
from tests.events.receivers import SECRET, receiving
from tests.plugins.logged import private

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]

MARTHA = "martha.williams@example.com"
#: In an order that leaves something to do for each. The admin has listed the categories in docs/install.md.
SUBMITS = {action.slug: EXAMPLES[action.slug].values for action in reversed(ACTIONS)}
SUBMITS["edit-order-tags"] = {"tags": "Delivery"}


def profile(stack, *, email=MARTHA, signed=True):
    found = stack.send("POST", "", {"lookupLevel": "BASIC", "query": {"emails": [email]}}, signed=signed)
    assert found.status_code == 200, found.text
    customer = found.json()["results"][0]["externalCustomerId"]
    query = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": customer}}
    return stack.send("POST", "", query, signed=signed).json()["results"][0]


def form_of(shown, action):
    """The `formUrl` of the first place where the action is offered; empty if there is none."""
    places = [shown, *shown["transactions"]]
    urls = [a["formUrl"] for p in places for a in p.get("actions", []) if f"/actions/{action}" in a["formUrl"]]
    return next(iter(urls), "")


def form_somewhere(stack, action, *, signed):
    """The `formUrl` of the action at the first customer who has an order for it, Martha before all others."""
    others = {order.customer.email for order in Sandbox().store.orders if order.customer and order.customer.email}
    shown = (profile(stack, email=email, signed=signed) for email in (MARTHA, *sorted(others - {MARTHA})))
    return next(url for one in shown if (url := form_of(one, action)))


def test_install_page_installs_the_stack(stack):
    seconds = sum(took for _, took in stack.steps)
    print(f"\n{len(stack.steps)} commands, {seconds:.0f} s: " + ", ".join(f"{n} {t:.1f}" for n, t in stack.steps[:2]))
    assert "Successfully created/updated stack" in stack.printed
    began = time.monotonic()
    shown = profile(stack)
    form = stack.send("GET", form_of(shown, "edit-order-tags")).json()
    assert stack.send("POST", form["actionUrl"], {"tags": "Sizing"}).status_code == 200
    print(f"first action after {time.monotonic() - began:.1f} s more")


def test_request_with_a_wrong_key_is_refused(stack):
    query = {"lookupLevel": "BASIC", "query": {"emails": [MARTHA]}}
    stack.deployment.secrets["signing_key"], key = "0" * 48, stack.deployment.secrets["signing_key"]
    answer = stack.send("POST", "", query)
    stack.deployment.secrets["signing_key"] = key
    assert answer.status_code == 401


def test_connect_pages_requests_work(stack):
    """The commands as they are in the document, in a shell; only the address and the token are this stack's."""
    where, *requests = documents.shell(documents.CONNECT, "## Any other helpdesk")
    own = re.sub(r"^BASE=.*$", f"BASE={stack.base}", where, flags=re.MULTILINE)
    script = "\n".join([own, *(f"{one}\necho" for one in requests)])
    given = {"BEARER_TOKEN": stack.deployment.secrets["bearer_token"], "PATH": os.environ["PATH"]}
    ran = subprocess.run(["bash", "-euc", script], env=given, capture_output=True, text=True, check=True)
    found, shown, done, timeline = (json.loads(line) for line in ran.stdout.splitlines() if line)
    assert found["results"][0]["externalCustomerId"] == shown["results"][0]["externalCustomerId"]
    assert done["message"].startswith("Refunded $")
    entry = timeline["entries"][0]
    assert (entry["message"], entry["agent_name"], entry["conversation"]) == (done["message"], "Ann Lee", "4711")


def test_lost_answer_is_told_as_unknown(stack):
    """The reconciler has to find it; `test_schedule_reconciles_the_lost_answer` looks for the outcome."""
    form = stack.send("GET", form_of(profile(stack), "create-discount-code")).json()
    stack.faults({"kind": "reset_after", "document": "mutations", "times": 1})
    values = SUBMITS["create-discount-code"] | {"code": "LOST5"}
    answer = stack.send("POST", form["actionUrl"], values)
    stack.faults()
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (406, "outcome_unknown")
    stack.lost = form["actionUrl"].partition("operation=")[2][:36]


@pytest.mark.parametrize("action", SUBMITS)
@pytest.mark.parametrize("signed", [True, False], ids=["Gladly's signature", "bearer token"])
def test_action_succeeds_on_the_deployed_stack(stack, action, signed):
    unlike = {name: f"{SUBMITS[action][name]}{signed}" for name in ("note", "code") if name in SUBMITS[action]}
    values = SUBMITS[action] | unlike
    if action == "edit-order-tags" and signed:
        values = {"tags": "Damaged"}
    form = stack.send("GET", form_somewhere(stack, action, signed=signed), signed=signed)
    assert form.status_code == 200, form.text
    url = form.json()["actionUrl"]
    done = stack.send("POST", url, values, signed=signed)
    if action == "refund-items":
        # The exact refund is shown first, and a person needs a moment to read it.
        assert (done.status_code, done.json()["errors"][0]["code"]) == (400, "confirm"), done.text
        time.sleep(1.2)
        done = stack.send("POST", url, values, signed=signed)
    assert done.status_code == 200, done.text
    again = stack.send("POST", url, values, signed=signed)
    assert (again.status_code, again.json()) == (200, done.json())
    entries = stack.send("GET", "/timeline?conversation=4711", signed=signed).json()["entries"]
    [entry] = [e for e in entries if e["operation"] in url]
    assert (entry["outcome"], entry["message"], entry["agent_id"]) == ("SUCCEEDED", done.json()["message"], "7")


def test_timeline_by_order_and_conversation_is_readable(stack):
    """Each way to ask for a timeline needs its own index in the policy."""
    shown = profile(stack)
    order = form_of(shown, "edit-order-tags").partition("order=")[2].partition("&")[0]
    customer = shown["externalCustomerId"]
    for query in (f"customer={customer}", f"order={order}", "conversation=4711"):
        assert stack.send("GET", f"/timeline?{query}").json()["entries"]


def test_webhook_gets_an_action(stack):
    """A store's events go to a receiver on this machine, which checks each signature."""
    with receiving() as it:
        ssm, url = stack.deployment.client("ssm"), f"/orderdesk/{STAGE}/stores/{STORE}/helpdesk/webhook_url"
        ssm.put_parameter(Name=url.replace("_url", "_secret"), Value=SECRET, Type="SecureString")
        ssm.put_parameter(Name=url, Value=it.url, Type="String")
        time.sleep(31)
        form = stack.send("GET", form_of(profile(stack), "edit-order-notes")).json()
        assert stack.send("POST", form["actionUrl"], {"note": "for the webhook"}).status_code == 200
        until = time.monotonic() + 30
        while not it.accepted and time.monotonic() < until:
            time.sleep(0.5)
        assert form["actionUrl"].partition("operation=")[2][:36] in it.accepted[0]["id"]
        ssm.delete_parameter(Name=url)


def test_schedule_reconciles_the_lost_answer(stack):
    until = time.monotonic() + 150
    while time.monotonic() < until:
        entries = stack.send("GET", "/timeline?conversation=4711").json()["entries"]
        if found := [e for e in entries if e["operation"] == stack.lost]:
            assert found[0]["outcome"] == "SUCCEEDED"
            return
        time.sleep(2)
    pytest.fail("The schedule did not reconcile it: " + "\n".join(stack.logged()["ReconcileOperationsFunction"][-20:]))


def test_logs_are_json_without_private_data_or_errors(stack):
    """JSON, except for Lambda's own lines; nothing private, and no error."""
    logged = stack.logged()
    # The store of these tests has no Gladly, so its function has nothing to say.
    assert set(resources("AWS::Serverless::Function")) - set(logged) <= {"TellGladlyFunction"}
    for function, lines in logged.items():
        own = [json.loads(line) for line in lines if line.startswith("{")]
        assert own, function
        assert all(line.startswith(("{", "START ", "END ", "REPORT ", "INIT_")) for line in lines), lines
        assert not [line for line in lines if private(line)]
        assert not [e for e in own if e.get("level") in ("ERROR", "CRITICAL")]


def metrics(stack):
    """CloudWatch's view of the log: one value for each (namespace, name, dimensions)."""
    for lines in stack.logged().values():
        for said in (json.loads(line) for line in lines if '"_aws"' in line):
            for part in said["_aws"]["CloudWatchMetrics"]:
                for names in part["Dimensions"]:
                    for metric in part["Metrics"]:
                        dimensions = tuple(sorted((n, said[n]) for n in names))
                        yield part["Namespace"], metric["Name"], dimensions, said[metric["Name"]][0]


def test_alarm_goes_off_for_the_metric_that_is_written(stack):
    """Each alarm on Orderdesk's own metrics goes off if its metric, as this stack wrote it, is too high."""
    written = {(namespace, name): [] for namespace, name, _, _ in metrics(stack)}
    for namespace, name, dimensions, _ in metrics(stack):
        written[namespace, name].append(dimensions)
    cloudwatch = stack.deployment.client("cloudwatch")
    alarms = [a for a in cloudwatch.describe_alarms()["MetricAlarms"] if a["Namespace"] == "Orderdesk"]
    assert len(alarms) == len(
        [a for a in resources("AWS::CloudWatch::Alarm").values() if a["Namespace"] == "Orderdesk"]
    )
    seen = 0
    for alarm in alarms:
        dimensions = tuple(sorted((d["Name"], d["Value"]) for d in alarm["Dimensions"]))
        assert dimensions == (("stage", "local"),)
        assert alarm["AlarmActions"]
        places = written.get(("Orderdesk", alarm["MetricName"]))
        if places:
            seen += 1
            assert dimensions in places
    assert seen >= 2


def test_log_groups_have_a_retention(stack):
    """One group for the functions, one for the API. The local AWS leaves out what a stage would write to it."""
    groups = stack.deployment.client("logs").describe_log_groups()["logGroups"]
    assert {g["logGroupName"]: g["retentionInDays"] for g in groups} == {
        "/aws/lambda/orderdesk": 30,
        "/aws/apigateway/orderdesk-local-access": 30,
    }


@pytest.mark.parametrize(
    ("given", "account", "refused"),
    [
        ({"Stage": "prod"}, "123456789012", ""),
        ({"Stage": "local"}, "123456789012", "Choose another name"),
        ({"Stage": "local"}, "000000000000", ""),
        ({"FirewallRate": "5"}, "123456789012", "a number from 10"),
        ({"AllowedAddresses": "192.0.2.0/24, ::/0"}, "123456789012", "without spaces"),
    ],
)
def test_cloudformation_checks_the_parameters(stack, given, account, refused):
    """The template's own parameters, rules and conditions, on a stack with one topic."""
    parts = {"AWSTemplateFormatVersion", "Parameters", "Rules", "Conditions"}
    text = FILE.read_text("utf-8")
    kept = [block for block in re.split(r"(?m)^(?=[A-Z]\w*:)", text) if block.partition(":")[0] in parts]
    body = "".join(kept) + "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
    assert set(template()) >= parts
    there = {"aws_access_key_id": account, "aws_secret_access_key": "test", "region_name": "us-east-1"}
    cloudformation = boto3.client("cloudformation", endpoint_url=stack.deployment.aws, **there)
    parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()]
    asked = {"StackName": "parameters-only", "TemplateBody": body, "Parameters": parameters}
    if refused:
        with pytest.raises(ClientError, match=refused):
            cloudformation.create_stack(**asked)
    else:
        assert cloudformation.create_stack(**asked)["StackId"]
        cloudformation.delete_stack(StackName="parameters-only")


def test_second_deployment_changes_nothing(stack):
    cloudformation = stack.deployment.client("cloudformation")
    before = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    stack._deploy()
    assert "No changes to deploy" in stack.printed, stack.printed[-2000:]
    after = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    assert before.get("LastUpdatedTime") == after.get("LastUpdatedTime")


def test_delete_keeps_only_the_tables(stack):
    """Only the tables: they say who moved what money."""
    stack.deployment.delete()
    client = stack.deployment.client
    tables = client("dynamodb").list_tables()["TableNames"]
    assert sorted(t.split("-")[1] for t in tables) == ["OperationsTable", "TimelineTable"]
    assert client("lambda").list_functions()["Functions"] == []
    assert client("lambda").list_layers()["Layers"] == []
    assert client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
    assert client("sqs").list_queues().get("QueueUrls", []) == []
    assert client("apigateway").get_rest_apis()["items"] == []
    assert client("logs").describe_log_groups()["logGroups"] == []
    assert client("iam").list_roles()["Roles"] == []
    assert client("iam").list_policies(Scope="Local")["Policies"] == []
    assert client("events").list_rules()["Rules"] == []
    assert [bus["Name"] for bus in client("events").list_event_buses()["EventBuses"]] == ["default"]
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert client("sns").list_topics()["Topics"] == []
    assert client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"] == []
