"""Each alarm of template.yaml goes off if its problem occurs, and stays quiet in an ordinary hour.

The functions' output is read as CloudWatch reads it, and the alarm is evaluated as CloudWatch does.
"""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.in_process import LambdaContext
from local.sandbox import Fault
from local.template import resources, template
from orderdesk import config, metrics, tables
from tell_gladly.app import lambda_handler as tell_gladly
from tests import documents
from tests.faults.calls import BrokenRecords

ALARMS = resources("AWS::CloudWatch::Alarm")
OWN = {name: a for name, a in ALARMS.items() if a["Namespace"] == metrics.NAMESPACE}
FUNCTIONS = resources("AWS::Serverless::Function").values()
ORDER, MAIL = "#1003", "martha.williams@example.com"


def written(text: str) -> Iterator[tuple[str, str, dict[str, str], str, list[float]]]:
    """CloudWatch's view of the log: namespace, name, dimensions, unit, values."""
    for said in (json.loads(line) for line in text.splitlines() if '"_aws"' in line):
        for part in said["_aws"]["CloudWatchMetrics"]:
            for names in part["Dimensions"]:
                for metric in part["Metrics"]:
                    values = said[metric["Name"]]
                    yield part["Namespace"], metric["Name"], {n: said[n] for n in names}, metric["Unit"], values


def goes_off(alarm: dict[str, Any], text: str) -> bool:
    """True if the alarm goes off when all periods are like the one in which `text` was logged."""
    dimensions = {d["Name"]: {"Ref Stage": "local"}[f"Ref {d['Value']['Ref']}"] for d in alarm["Dimensions"]}
    watched = (alarm["Namespace"], alarm["MetricName"], dimensions)
    values = [v for *which, _, found in written(text) if tuple(which) == watched for v in found]
    if not values:
        return alarm["TreatMissingData"] == "breaching"
    figure = {"Sum": sum, "Maximum": max}[alarm["Statistic"]](values)
    over = {"GreaterThanThreshold": figure > alarm["Threshold"], "LessThanThreshold": figure < alarm["Threshold"]}
    return over[alarm["ComparisonOperator"]]


def lost(desk):
    """A submit whose answer is lost, with Shopify broken from then on."""
    url = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", document="mutations"))
    assert desk.send("POST", url, {"note": "new"}).status == 406
    desk.sandbox.faults.put(Fault("internal"))


def an_outcome_that_stays_open(desk):
    lost(desk)
    desk.reconcile(later=timedelta(minutes=11))


def an_outcome_that_nobody_finds_out(desk):
    lost(desk)
    desk.reconcile(later=timedelta(hours=25))
    desk.reconcile(later=timedelta(hours=2))


def an_end_that_cannot_be_written(desk):
    url = desk.form("edit-order-tags", ORDER).body["actionUrl"]
    BrokenRecords(tables.dynamodb(), "TransactWriteItems", times=99)
    assert "in a few minutes" in desk.send("POST", url, {"tags": "new"}).body["detail"]


def a_reconciler_that_does_not_run(desk):
    desk.find(emails=[MAIL])


def a_burst_that_ssm_does_not_allow(desk):
    BrokenRecords(config.ssm(), "GetParameters", error="ThrottlingException", times=1)
    desk.find(emails=[MAIL])


def a_token_that_shopify_does_not_take(desk):
    desk.sandbox.tokens.clear()
    desk.find(emails=[MAIL])


def a_caller_with_a_wrong_key(desk):
    assert desk.send("POST", "", {"query": {}}, headers={"Authorization": "Bearer nobodys-token-at-all"}).status == 401


def a_shop_that_is_frozen(desk):
    desk.sandbox.faults.put(Fault("http", status=402))
    desk.find(emails=[MAIL])


def another_version(desk):
    desk.sandbox.faults.put(Fault("version"))
    desk.find(emails=[MAIL])


def a_gladly_with_a_wrong_host(desk):
    desk.set(helpdesk__gladly_host="acme.example.org")
    late = json.loads((documents.ROOT / "events/tell_gladly.json").read_text("utf-8"))
    late["Records"][0]["attributes"]["SentTimestamp"] = str(round(time.time() * 1000))
    assert tell_gladly(late, LambdaContext())["batchItemFailures"]


#: What happens, by the alarm that must go off.
TROUBLE = {
    "OutcomeUnknownAlarm": an_outcome_that_stays_open,
    "NeedsPersonAlarm": an_outcome_that_nobody_finds_out,
    "TimelineWriteFailedAlarm": an_end_that_cannot_be_written,
    "ReconcilerStoppedAlarm": a_reconciler_that_does_not_run,
    "SettingsThrottledAlarm": a_burst_that_ssm_does_not_allow,
    "CredentialsRefusedAlarm": a_token_that_shopify_does_not_take,
    "CallersRefusedAlarm": a_caller_with_a_wrong_key,
    "StoreNeedsAdminAlarm": a_shop_that_is_frozen,
    "VersionFallenForwardAlarm": another_version,
    "GladlyRefusedAlarm": a_gladly_with_a_wrong_host,
}


def ordinary(desk):
    """An hour without problems."""
    desk.find(emails=[MAIL])
    assert desk.act("edit-order-notes", ORDER, note="new").status == 200
    assert desk.timeline(ORDER)
    desk.reconcile()


@pytest.mark.parametrize("name", OWN)
def test_alarm_goes_off(hurried, capsys, name):
    TROUBLE[name](hurried)
    assert goes_off(OWN[name], capsys.readouterr().out)


@pytest.mark.parametrize("name", OWN)
def test_alarm_is_quiet_in_an_ordinary_hour(hurried, capsys, name):
    ordinary(hurried)
    assert not goes_off(OWN[name], capsys.readouterr().out)


#: Those that tests/events/test_alarms.py is about.
OF_EVENTS = [name for name in ALARMS if name.startswith(("Events", "Webhooks"))]
OF_API, OF_QUEUES = (
    [n for n, a in ALARMS.items() if a["Namespace"] == of and n not in OF_EVENTS]
    for of in ("AWS/ApiGateway", "AWS/SQS")
)


def test_every_alarm_is_on_metrics_that_these_tests_know():
    assert sorted([*OWN, *OF_API, *OF_QUEUES, *OF_EVENTS]) == sorted(ALARMS)


@pytest.mark.parametrize("name", OF_QUEUES)
def test_alarm_on_a_queue_names_a_queue_that_messages_can_reach(name):
    """SQS's own metrics: the age of a message before it is deleted, and what the dead-letter queue has."""
    alarm, queues = ALARMS[name], resources("AWS::SQS::Queue")
    [dimension] = alarm["Dimensions"]
    queue = dimension["Value"]["GetAtt"].removesuffix(".QueueName")
    assert dimension["Name"] == "QueueName" and queue in queues
    if alarm["MetricName"] == "ApproximateAgeOfOldestMessage":
        events = [event for function in FUNCTIONS for event in function.get("Events", {}).values()]
        assert {"GetAtt": f"{queue}.Arn"} in [e["Properties"]["Queue"] for e in events if e["Type"] == "SQS"]
        assert alarm["Threshold"] * alarm["EvaluationPeriods"] < queues[queue]["MessageRetentionPeriod"]
    else:
        assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0
        targets = [q["RedrivePolicy"]["deadLetterTargetArn"] for q in queues.values() if "RedrivePolicy" in q]
        assert {"GetAtt": f"{queue}.Arn"} in targets


def test_failed_message_is_in_the_dead_letter_queue_before_it_is_forgotten():
    queue = resources("AWS::SQS::Queue")["ReconcileQueue"]
    [function] = [f for f in FUNCTIONS if "Shard" in f.get("Events", {})]
    timeout = function.get("Timeout", template()["Globals"]["Function"]["Timeout"])
    assert queue["VisibilityTimeout"] > timeout, "SQS requires at least that of a queue that a function takes from"
    assert queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"] < queue["MessageRetentionPeriod"]


@pytest.mark.parametrize("name", OF_API)
def test_alarm_on_api_gateway_metrics_names_this_api(name):
    [api] = resources("AWS::Serverless::Api").values()
    alarm = ALARMS[name]
    assert alarm["MetricName"] in ("4XXError", "5XXError", "Latency")
    assert {d["Name"]: d["Value"] for d in alarm["Dimensions"]} == {"ApiName": api["Name"], "Stage": api["StageName"]}


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_notifies_and_is_documented(name):
    alarm = ALARMS[name]
    assert alarm["AlarmActions"]["If"][0] == "HasAlarmEmail"
    short = alarm["AlarmName"]["Sub"].removeprefix("${AWS::StackName}-")
    assert f"| `{short}` |" in documents.section(documents.OPERATIONS, "## Alarms")


def graphed():
    """The dashboard's metrics: widget, namespace, name, dimensions."""
    [dashboard] = resources("AWS::CloudWatch::Dashboard").values()
    for widget in json.loads(dashboard["DashboardBody"]["Sub"])["widgets"]:
        for line in widget["properties"]["metrics"]:
            if isinstance(line[0], str):
                namespace, name, *rest = line
                names = rest[:-1]
                yield widget["properties"]["title"], namespace, name, dict(zip(names[::2], names[1::2], strict=True))


def test_dashboard_shows_existing_metrics_and_all_alarm_metrics():
    shown = list(graphed())
    assert {name for _, namespace, name, _ in shown if namespace == metrics.NAMESPACE} <= set(metrics.NAMES)
    assert all(d == {"stage": "${Stage}"} for _, namespace, _, d in shown if namespace == metrics.NAMESPACE)
    queues = {d["QueueName"] for _, namespace, _, d in shown if namespace == "AWS/SQS"}
    assert queues == {f"${{{name}.QueueName}}" for name in resources("AWS::SQS::Queue")}
    assert {alarm["MetricName"] for alarm in ALARMS.values()} <= {name for _, _, name, _ in shown}


def test_every_widget_has_title_region_and_half_width():
    [dashboard] = resources("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"]["Sub"])["widgets"]
    titles = [widget["properties"]["title"] for widget in widgets]
    assert titles and len(set(titles)) == len(titles)
    assert all(w["properties"]["region"] == "${AWS::Region}" and (w["width"], w["height"]) == (12, 6) for w in widgets)
