"""Every function under AWS's own runtime client: it works, its metrics are kept, and its output contains no secrets."""

import json
import re
import sys
import time
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer

import pytest
from moto.server import ThreadedMotoServer

from local.emulated_aws import BUS, QUEUES
from local.examples import EVENTS, EXAMPLES
from local.gladly import Gladly
from local.in_process import DOMAIN, ENVIRONMENT, FUNCTIONS, KEY, STORE, TOKEN, message_event
from local.sandbox import Fault
from local.sandbox.__main__ import handler
from local.template import resources, template
from orderdesk import signature, tables, timeline
from tests.events.receivers import SECRET as SECRET_OF_WEBHOOKS
from tests.events.receivers import receiving
from tests.lambda_platform import application_log_level, environment, kept, running, served_in_background
from tests.plugins.logged import private

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(sys.platform != "linux", reason="AWS's runtime client runs on Linux alone"),
]

#: The functions that no caller waits for.
UNASKED = ("find_open_operations", "reconcile_operations", "publish_events", "deliver_webhooks", "tell_gladly")
HANDLERS = sorted(p["Handler"] for p in resources("AWS::Serverless::Function").values())
LEVELS = template()["Parameters"]["LogLevel"]["AllowedValues"]
ORDER, MAIL, NOTE = "#1003", "martha.williams@example.com", "Call Ms Quietly about the blue sofa"
CODE, SECRET, CLIENT = "SOFA-15-QUIETLY", "shp-client-secret-4711", "client-id-4711"
GLADLY_USER, GLADLY_TOKEN, PROFILE = "orderdesk@acme.example", "gladly-token-4713", "o2sg-TMTSD2rTwMuxzewbA"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "X-Agent-Id": "7", "X-Agent-Name": "Ann Lee"}
#: Variables that make AWS's client and Powertools log events, requests and answers.
TALKATIVE = {
    "AWS_LAMBDA_LOG_LEVEL": "DEBUG", "POWERTOOLS_LOG_LEVEL": "DEBUG", "LOG_LEVEL": "DEBUG",
    "POWERTOOLS_LOGGER_LOG_EVENT": "true", "POWERTOOLS_LOGGER_SAMPLE_RATE": "1", "POWERTOOLS_DEBUG": "true",
}  # fmt: skip
#: What agents type may be private; what the forms have no field for is dropped.
VALUES = {slug: {"note": NOTE} | example.values for slug, example in EXAMPLES.items()}
VALUES["create-discount-code"]["code"] = VALUES["edit-order-tags"]["tags"] = CODE
VALUES["edit-order-notes"]["note"] = NOTE


@pytest.fixture(scope="module")
def aws():
    """moto over HTTP, started once: what it answers from is whatever desk there is. Gives its address."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def deployed(desk, aws):
    """The desk's AWS and Shopify over HTTP; returns the address of the AWS."""
    shopify = ThreadingHTTPServer(("127.0.0.1", 0), handler(desk.sandbox))
    served_in_background(shopify)
    desk.set(shopify__domain=f"http://127.0.0.1:{shopify.server_port}")
    yield aws
    shopify.shutdown()
    shopify.server_close()


def variables(lambda_handler, aws, **more):
    """The variables that Lambda sets for the function, with the deployment's own AWS."""
    names = {"Stage": "local", "OperationsTable": "Operations", "TimelineTable": "Timeline"}
    names |= {logical: f"{aws}/123456789012/{name}" for logical, name in QUEUES.items()} | {"EventBus": BUS}
    given = environment(lambda_handler, names | {k: v for k, v in more.items() if k == "LogLevel"})
    account = {k: v for k, v in ENVIRONMENT.items() if k.startswith("AWS_")}
    found = account | given | {"AWS_ENDPOINT_URL": aws, "AWS_REGION": account["AWS_DEFAULT_REGION"]}
    return found | {k: v for k, v in more.items() if k != "LogLevel"}


def signed(desk, method, url, body):
    """A request, signed as Gladly does."""
    event = desk.event(method, url, body, headers={})
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {"gladly-time": now, "x-agent-id": "7", "x-agent-name": "Ann Lee"}
    asked = signature.Request(
        method, (event["requestContext"]["path"],), tuple(_pairs(event)), headers, (event["body"] or "").encode()
    )
    headers["gladly-authorization"] = signature.sign(asked, KEY, headers)
    return event | {"headers": headers, "multiValueHeaders": {k: [v] for k, v in headers.items()}}


def _pairs(event):
    return [(k, v) for k, many in (event["multiValueQueryStringParameters"] or {}).items() for v in many]


def status(answer):
    assert answer.kind == "response", answer.body
    return answer.body["statusCode"]


def paths_of_errors(desk, function, method, url, body):
    """Errors of every API function: no credentials, a wrong key, no JSON, a malformed event."""
    wrong = signed(desk, method, url, body)
    wrong["multiValueHeaders"]["gladly-time"] = ["20200101T000000Z"]
    assert status(function.call(wrong)) == 401
    assert status(function.call(desk.event(method, url, body, headers={"Authorization": f"Bearer {MAIL}"}))) == 401
    assert status(function.call(desk.event("POST", url, f'{{"{MAIL}"', headers=HEADERS))) >= 400
    assert status(function.call({"body": MAIL, "headers": HEADERS})) >= 400
    assert function.call([MAIL]).kind == "error"


def play_lookup(desk, function):
    """Both lookups, with a token and signed, with a working and a broken Shopify."""
    basic = {"lookupLevel": "BASIC", "query": {"emails": [MAIL], "phones": ["+15013299800"]}}
    answer = function.call(desk.event("POST", "", basic, headers=HEADERS))
    assert status(answer) == 200
    found = json.loads(answer.body["body"])["results"]
    detailed = {"lookupLevel": "DETAILED", "query": {"externalCustomerId": found[0]["externalCustomerId"]}}
    answer = function.call(signed(desk, "POST", "", detailed))
    assert status(answer) == 200 and json.loads(answer.body["body"])["results"]
    for kind in ("errors", "internal", "reset_before"):
        desk.sandbox.faults.put(Fault(kind, times=3))
        assert status(function.call(desk.event("POST", "", basic, headers=HEADERS))) == 200
    desk.sandbox.faults.clear()
    paths_of_errors(desk, function, "POST", "", basic)
    return "Matched"


def play_timeline(desk, function):
    """An order's timeline with entries."""
    desk.set(shopify__domain=DOMAIN)
    assert desk.act("edit-order-notes", ORDER, note=NOTE).status == 200
    url = f"/timeline?order={desk.store.order(ORDER).number}"
    answer = function.call(signed(desk, "GET", url, None))
    assert status(answer) == 200 and json.loads(answer.body["body"])["entries"]
    assert status(function.call(desk.event("GET", "/timeline", None, headers=HEADERS))) == 400
    paths_of_errors(desk, function, "GET", url, None)
    return "CallersRefused"


def play_action(desk, function, action):
    """A form, its submit, a resend, a submit with a lost answer, and an unknown operation."""
    EXAMPLES[action].fit(desk.store.order(ORDER))
    about = f"customer={desk.linked(ORDER)}" if "code" in action else f"order={desk.store.order(ORDER).number}"
    url = f"/actions/{action}?{about}&agent_name=Ann%20Lee"
    answer = function.call(signed(desk, "GET", url, None))
    assert status(answer) == 200
    to = json.loads(answer.body["body"])["actionUrl"]
    assert status(function.call(signed(desk, "POST", to, VALUES[action]))) == 200
    assert status(function.call(desk.event("POST", to, VALUES[action], headers=HEADERS))) == 200
    assert status(function.call(desk.event("POST", url, {"note": NOTE}, headers=HEADERS))) == 400
    desk.sandbox.faults.put(Fault("reset_after", times=9))
    assert status(function.call(desk.event("GET", url, None, headers=HEADERS))) >= 400
    desk.sandbox.faults.clear()
    paths_of_errors(desk, function, "GET", url, None)
    return "OutcomeSucceeded"


def play_finder(desk, function):
    """A run with something due, and one with nothing."""
    assert function.call({}).body == {"shards": 0, "due": 0}
    domain = desk.ssm.get_parameter(Name=f"/orderdesk/local/stores/{STORE}/shopify/domain")["Parameter"]["Value"]
    desk.set(shopify__domain=DOMAIN)
    to = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", document="mutations"))
    assert desk.send("POST", to, {"note": NOTE}).status == 406
    desk.set(shopify__domain=domain)
    assert function.call({}).body == {"shards": 1, "due": 1}
    return "ReconcilerRan"


def play_reconciler(desk, function):
    """A run with an open operation, and a run with a broken Shopify."""
    domain = desk.ssm.get_parameter(Name=f"/orderdesk/local/stores/{STORE}/shopify/domain")["Parameter"]["Value"]
    desk.set(shopify__domain=DOMAIN)
    to = desk.form("edit-order-notes", ORDER).body["actionUrl"]
    desk.sandbox.faults.put(Fault("reset_after", document="mutations", times=9))
    assert desk.send("POST", to, {"note": NOTE}).status == 406
    desk.set(shopify__domain=domain)
    # The sandbox is one shop, whatever its address.
    desk.change(to, check_at="2020-01-01T00:00:00+00:00", shop=domain.partition("://")[2])
    event = message_event(json.dumps({"index": "open_by_shard", "name": desk.operation(to)["shard"]}))
    desk.sandbox.faults.put(Fault("internal", times=9))
    assert function.call(event).body == {"ended": 0, "waiting": 1}
    desk.sandbox.faults.clear()
    desk.change(to, check_at="2020-01-01T00:00:00+00:00")
    assert function.call(event).body == {"ended": 1, "waiting": 0}
    assert function.call({"Records": [{"body": NOTE}]}).kind == "error"
    return "OpenOldestSeconds"


def noted(desk):
    """The stored operation of a changed note, as DynamoDB has it, and its timeline entry."""
    domain = desk.ssm.get_parameter(Name=f"/orderdesk/local/stores/{STORE}/shopify/domain")["Parameter"]["Value"]
    desk.set(shopify__domain=DOMAIN)
    url = f"{desk.form('edit-order-notes', ORDER).body['actionUrl']}&profile={PROFILE}"
    assert desk.send("POST", url, {"note": NOTE}).status == 200
    desk.set(shopify__domain=domain)
    [entry] = timeline.since(STORE, desk.linked(ORDER), "2020")
    return desk.operation(url), entry


def play_publisher(desk, function):
    """A record of the stream that is published, and one that can't be read."""
    item, _ = noted(desk)
    [record] = json.loads((EVENTS / "publish_events.json").read_text("utf-8"))["Records"]
    record["dynamodb"] |= {
        "NewImage": tables.attributes(item), "OldImage": tables.attributes(item | {"state": "SENT", "ended_at": None}),
    }  # fmt: skip
    unreadable = record | {"dynamodb": record["dynamodb"] | {"NewImage": {"state": {"S": NOTE}, "note": {"S": NOTE}}}}
    assert function.call({"Records": [record, unreadable]}).body == {"batchItemFailures": []}
    assert function.call([NOTE]).kind == "error"
    return "EventsPublished"


def play_deliverer(desk, function):
    """A webhook that is accepted, one that is refused, and a message that can't be read."""
    [message] = json.loads((EVENTS / "deliver_webhooks.json").read_text("utf-8"))["Records"]
    message["attributes"]["SentTimestamp"] = str(round(time.time() * 1000))
    with receiving() as receiver:
        desk.set(helpdesk__webhook_url=receiver.url, helpdesk__webhook_secret=SECRET_OF_WEBHOOKS)
        assert function.call({"Records": [message]}).body == {"batchItemFailures": []}
        assert len(receiver.accepted) == 1
        receiver.status = 500
        assert function.call({"Records": [message]}).body["batchItemFailures"]
    assert function.call({"Records": [message | {"body": NOTE}]}).kind in ("response", "error")
    assert function.call([NOTE]).kind == "error"
    return "WebhookDelivered"


def play_teller(desk, function):
    """A late outcome that Gladly takes, one that it refuses, and a message that can't be read."""
    _, entry = noted(desk)
    item = entry | {"late": True, "profile": PROFILE}
    desk.dynamodb.put_item(TableName="Timeline", Item=tables.attributes(item))
    [message] = json.loads((EVENTS / "tell_gladly.json").read_text("utf-8"))["Records"]
    detail = json.loads(message["body"])["detail"] | {
        "operation": entry["operation"], "entry": {name: entry[name] for name in ("customer_key", "entry_key")},
    }  # fmt: skip
    message["body"] = json.dumps({"detail": detail})
    message["attributes"]["SentTimestamp"] = str(round(time.time() * 1000))
    gladly = Gladly(user=GLADLY_USER, token=GLADLY_TOKEN, customers=[PROFILE])
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(gladly))
    served_in_background(server)
    host = f"http://127.0.0.1:{server.server_port}"
    desk.set(helpdesk__gladly_host=host, helpdesk__gladly_user=GLADLY_USER, helpdesk__gladly_token=GLADLY_TOKEN)
    assert function.call({"Records": [message]}).body == {"batchItemFailures": []}
    assert len(gladly.written(PROFILE)) == 1
    gladly.may_use_the_api = False
    assert function.call({"Records": [message]}).body["batchItemFailures"]
    assert function.call({"Records": [message | {"body": NOTE}]}).body["batchItemFailures"]
    assert function.call([NOTE]).kind == "error"
    server.shutdown()
    server.server_close()
    return "GladlyTold"


def play(desk, function, lambda_handler):
    """Everything that this function does; returns a metric that it writes."""
    name = lambda_handler.partition(".")[0]
    actions = {folder: action for action, folder in FUNCTIONS.items()}
    if name in actions:
        return play_action(desk, function, actions[name])
    others = {
        "lookup": play_lookup, "timeline": play_timeline,
        "find_open_operations": play_finder, "reconcile_operations": play_reconciler,
        "publish_events": play_publisher, "deliver_webhooks": play_deliverer, "tell_gladly": play_teller,
    }  # fmt: skip
    return others[name](desk, function)


def secrets(desk, output):
    """The secrets and personal data in the output."""
    own = [KEY, TOKEN, SECRET, "shpat_sandbox", "AWS4-HMAC", ENVIRONMENT["AWS_SECRET_ACCESS_KEY"]]
    own += [GLADLY_USER, GLADLY_TOKEN, SECRET_OF_WEBHOOKS]
    own += [MAIL, NOTE, CODE, "Ann Lee", "Ann%20Lee", "hmac-sha256", "Bearer"]
    own += [text for c in desk.store.customers for text in (c.name, c.email, c.phone, c.note) if text]
    places = [p for c in desk.store.customers for p in [c.address] if p]
    own += [place["address1"] for place in places] + [place["zip"] for place in places]
    found = [text for text in own if text.lower() in output.lower()]
    # A signature is 64 hexadecimal digits; nothing that may be logged looks like that.
    return found + re.findall(r"\b[0-9a-f]{64}\b", output) + private(output)


def metrics_in(lines):
    read = [json.loads(line) for line in lines if '"_aws"' in line]
    return {m["Name"] for r in read for m in r["_aws"]["CloudWatchMetrics"][0]["Metrics"]}


def whose(lines):
    """The functions that our lines and metrics name. Lambda's own lines name it in the stream."""
    read = [json.loads(line) for line in lines if line.startswith("{")]
    return {r.get("function_name") for r in read if "_aws" in r or r.get("service") == "orderdesk"}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("lambda_handler", HANDLERS)
def test_working_function_logs_metrics_and_no_secrets(desk, deployed, lambda_handler, level):
    given = variables(lambda_handler, deployed, LogLevel=level)
    with running(given) as function:
        metric = play(desk, function, lambda_handler)
        output = function.stop()
    assert secrets(desk, output) == []
    lines = [line for line in output.splitlines() if line.strip() and kept(line, application_log_level())]
    assert metric in metrics_in(lines), "Lambda's filter has dropped the metrics"
    answered = [line for line in lines if '"message":"Answered"' in line]
    assert bool(answered) == (level == "INFO" and lambda_handler.partition(".")[0] not in UNASKED)
    assert len(answered) == len(set(answered)), "a line is in the log twice"
    # All functions write to one log group.
    assert whose(lines) == {given["AWS_LAMBDA_FUNCTION_NAME"]}


@pytest.mark.parametrize("lambda_handler", HANDLERS)
def test_function_at_debug_level_logs_no_secrets(desk, deployed, lambda_handler):
    with running(variables(lambda_handler, deployed, **TALKATIVE)) as function:
        play(desk, function, lambda_handler)
        output = function.stop()
    assert output and secrets(desk, output) == []


@pytest.mark.parametrize("lambda_handler", HANDLERS)
def test_function_without_its_tables_logs_no_secrets(desk, deployed, lambda_handler):
    broken = {"OPERATIONS_TABLE": f"no-{CODE}", "TIMELINE_TABLE": f"no-{CODE}"}
    name = lambda_handler.partition(".")[0]
    action = next((a for a, folder in FUNCTIONS.items() if folder == name), None)
    if action:
        EXAMPLES[action].fit(desk.store.order(ORDER))
    with running(variables(lambda_handler, deployed, **broken, **TALKATIVE)) as function:
        if name in UNASKED:
            answer = function.call({"note": NOTE})
            # Those of a batch read nothing of what is no batch.
            assert answer.kind == "error" and answer.body["errorType"] in ("RunBroken", "KeyError")
        else:
            order = f"order={desk.store.order(ORDER).number}&customer={desk.linked(ORDER)}"
            url = f"/actions/{action}?{order}" if action else f"/timeline?{order[:20]}" if name == "timeline" else ""
            body = {"lookupLevel": "BASIC", "query": {"emails": [MAIL]}}
            event = signed(desk, "POST" if name == "lookup" else "GET", url, body if name == "lookup" else None)
            assert status(function.call(event)) in (200, 400, 500)
        output = function.stop()
    assert [found for found in secrets(desk, output) if found != CODE] == []


def test_client_credentials_are_not_logged(desk, deployed):
    desk.set(shopify__access_token="", shopify__client_id=CLIENT, shopify__client_secret=SECRET)
    desk.sandbox.client = (CLIENT, SECRET)
    basic = {"lookupLevel": "BASIC", "query": {"emails": [MAIL]}}
    with running(variables("lookup.app.lambda_handler", deployed, **TALKATIVE)) as function:
        answer = function.call(signed(desk, "POST", "", basic))
        assert status(answer) == 200 and json.loads(answer.body["body"])["results"]
        desk.set(shopify__client_secret="another-secret-4712")
        output = function.stop()
    assert secrets(desk, output) == []


def test_lambda_keeps_lines_by_level():
    assert application_log_level() == "INFO"
    metric = json.dumps({"_aws": {"CloudWatchMetrics": []}, "Matched": [1.0]})
    assert kept(metric, "INFO") and not kept(metric, "WARN")
    assert kept('{"level":"ERROR"}', "WARN") and not kept('{"level":"debug"}', "INFO")
    assert kept("no JSON", "INFO")


def test_secret_in_the_output_is_found(desk):
    for text in (KEY, TOKEN, "ab" * 32, "12 Harbour Street", MAIL.upper(), "Ann%20Lee"):
        assert secrets(desk, f'{{"message":"{text}"}}'), text
