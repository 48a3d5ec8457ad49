"""From the operation's end to Gladly, through all that template.yaml puts in between: stream, bus, rule, queue."""

import json
from datetime import timedelta

import pytest

from local import emulated_aws
from local.sandbox import Fault
from local.template import resources
from tests.faults.acting import ORDER
from tests.gladly.conftest import PROFILE
from tests.gladly.outcomes import LATER, lost, submitted


@pytest.fixture
def chain(connected, stream):
    """The template's rule on moto's bus, with moto's queue as its target."""
    rule, events, sqs = resources("AWS::Events::Rule")["LateOutcomesRule"], *map(emulated_aws.client, ("events", "sqs"))
    assert rule["EventBusName"] == {"Ref": "EventBus"}
    assert [one["Arn"] for one in rule["Targets"]] == [{"GetAtt": "LateOutcomesQueue.Arn"}]
    pattern = json.dumps(rule["EventPattern"])
    events.put_rule(Name="late", EventBusName=emulated_aws.BUS, EventPattern=pattern)
    url = emulated_aws.queue_url("LateOutcomesQueue")
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule="late", EventBusName=emulated_aws.BUS, Targets=[{"Id": "1", "Arn": arn}])
    connected.stream = stream
    return connected


def test_late_outcome_gets_from_the_table_to_gladly(chain):
    lost(chain.desk)
    chain.stream.pump()
    assert chain.queue.waiting() == 0, "it has no end yet"
    chain.desk.reconcile(later=LATER)
    chain.stream.pump()
    assert chain.queue.waiting() == 1
    chain.queue.drain(timedelta(minutes=5))
    [item] = chain.gladly.written(PROFILE)
    assert item["content"]["title"] == f"Refunded $129.00 on order {ORDER}"


def test_outcome_that_needs_a_person_gets_there_as_item_and_task(chain):
    lost(chain.desk, done=False)
    chain.desk.sandbox.faults.put(Fault("http", "*", status=503))
    chain.desk.reconcile(later=timedelta(days=16))
    chain.desk.sandbox.faults.clear()
    chain.stream.pump()
    chain.queue.drain(timedelta(minutes=5))
    assert [one["content"]["type"] for one in chain.gladly.written(PROFILE)] == ["CUSTOMER_ACTIVITY", "TASK"]


def test_answered_outcome_does_not_even_reach_the_queue(chain):
    assert submitted(chain.desk).status == 200
    chain.stream.pump()
    assert chain.queue.waiting() == 0 and not chain.gladly.received


def test_queue_takes_messages_from_this_rule_only():
    [policy] = [
        one for one in resources("AWS::SQS::QueuePolicy").values() if one["Queues"] == [{"Ref": "LateOutcomesQueue"}]
    ]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == ({"Service": "events.amazonaws.com"}, "sqs:SendMessage")
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"GetAtt": "LateOutcomesRule.Arn"}}}


def test_queues_are_deleted_with_the_stack():
    from local.template import template

    whole = template()["Resources"]
    queues = [whole[name] for name in ("LateOutcomesQueue", "UntoldOutcomesQueue")]
    assert [(one["DeletionPolicy"], one["UpdateReplacePolicy"]) for one in queues] == [("Delete", "Delete")] * 2
