"""Each alarm on events goes off if its problem occurs, and stays quiet in an ordinary hour."""

import time
from datetime import timedelta

import pytest

from local import emulated_aws
from orderdesk import tables
from tests.events.receivers import SECRET
from tests.test_alarms import ALARMS, OF_EVENTS, ORDER, ordinary


def in_queue(name):
    """CloudWatch's view of a queue (by its name in template.yaml): the metrics that the alarms watch."""
    waiting = emulated_aws._part("sqs").queues[emulated_aws.QUEUES[name]]._messages
    ages = [time.time() - one.sent_timestamp / 1000 for one in waiting]
    return {"ApproximateNumberOfMessagesVisible": len(ages), "ApproximateAgeOfOldestMessage": max(ages, default=0)}


def an_unreadable_record(desk):
    broken = {"operation": "not-an-operation", "state": "FAILED", "ended_at": "2026-11-26T08:00:00.000Z"}
    desk.dynamodb.put_item(TableName="Operations", Item=tables.attributes(broken))


def a_receiver_that_does_not_exist(desk):
    desk.set(helpdesk__webhook_url="http://127.0.0.1:9/", helpdesk__webhook_secret=SECRET)
    assert desk.act("edit-order-notes", ORDER, note="new").status == 200


#: By the alarm: the queue that it watches, what goes wrong, and for how long.
OF_QUEUES = {
    "EventsNotPublishedAlarm": ("UnpublishedEventsQueue", an_unreadable_record, timedelta(minutes=1)),
    "WebhooksLateAlarm": ("WebhooksQueue", a_receiver_that_does_not_exist, timedelta(minutes=70)),
    "WebhooksNotDeliveredAlarm": ("UndeliveredWebhooksQueue", a_receiver_that_does_not_exist, timedelta(hours=25)),
}


@pytest.mark.enable_socket
@pytest.mark.parametrize("trouble", [True, False], ids=["trouble", "ordinary"])
@pytest.mark.parametrize("name", OF_QUEUES)
def test_alarm_on_a_queue_goes_off_only_in_trouble(desk, stream, queue, name, trouble):
    watched, happens, lasts = OF_QUEUES[name]
    alarm = ALARMS[name]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"GetAtt": f"{watched}.QueueName"}}]
    assert (alarm["Namespace"], alarm["Statistic"]) == ("AWS/SQS", "Maximum")
    happens(desk) if trouble else ordinary(desk)
    stream.pump()
    for _ in range(10):
        queue.pump()
        time.sleep(lasts.total_seconds() / 10)
    queue.pump()
    assert (in_queue(watched)[alarm["MetricName"]] > alarm["Threshold"]) == trouble


def test_every_alarm_on_events_is_tested_here():
    assert {*OF_QUEUES, "EventsLateAlarm"} == set(OF_EVENTS)


def test_alarm_on_the_stream_watches_its_reader():
    """Lambda's own metric: how old the last record is that the function was given, in milliseconds."""
    alarm = ALARMS["EventsLateAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/Lambda", "IteratorAge", "Maximum")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "PublishEventsFunction"}}]
    assert alarm["Threshold"] == timedelta(minutes=10).total_seconds() * 1000
