"""Each reason for an empty lookup has its own metric, and a problem that an admin can fix sets off an alarm."""

import json

import pytest

from local.in_process import DOMAIN
from local.sandbox import Fault
from local.template import resources
from orderdesk import config, metrics
from tests.functions.test_lookup import number

ALARMED = {a["MetricName"] for a in resources("AWS::CloudWatch::Alarm").values() if a["Namespace"] == metrics.NAMESPACE}
#: The metric of every answer from Shopify.
ALWAYS = {"ShopifyLatency"}


def counted(text):
    """The names of the metrics written for the store or the stage."""
    lines = [json.loads(line) for line in text.splitlines() if '"_aws"' in line]
    return {m["Name"] for line in lines for part in line["_aws"]["CloudWatchMetrics"] for m in part["Metrics"]}


def http(status, **headers):
    return lambda desk: desk.sandbox.faults.put(Fault("http", status=status, headers=headers))


def fault(kind, **more):
    return lambda desk: desk.sandbox.faults.put(Fault(kind, **more))


def parameters(**values):
    return lambda desk: desk.set(**values)


FIXED_BY_AN_ADMIN = {
    "401": (http(401), "ShopifyCredentialsRefused"),
    "403": (http(403), "ShopifyCredentialsRefused"),
    "402": (http(402), "ShopifyStoreFrozen"),
    "an inactive shop": (fault("internal", code="SHOP_INACTIVE"), "ShopifyStoreFrozen"),
    "404": (http(404), "ShopifyStoreUnknown"),
    "423": (http(423), "ShopifyStoreLocked"),
    "430": (http(430), "ShopifyBlocked"),
    **{
        f"a redirect, {status}": (http(status, Location="https://new.myshopify.com/x"), "ShopifyStoreMoved")
        for status in (301, 302, 303, 307, 308)
    },
    "no domain": (parameters(shopify__domain=""), "ShopifyDomainUnusable"),
    "an invalid domain": (parameters(shopify__domain="shop.example.com"), "ShopifyDomainUnusable"),
    "no credentials": (parameters(shopify__access_token=""), "ShopifyCredentialsMissing"),
    "half of the credentials": (
        lambda desk: desk.set(shopify__access_token="") or desk.set(shopify__client_id="x"),
        "ShopifyCredentialsMissing",
    ),
    "all denied": (lambda desk: desk.sandbox.deny("Customer"), "ShopifyCredentialsRefused"),
}
PASSING = {
    "429": (http(429), "ShopifyThrottled"),
    "THROTTLED": (fault("throttled", seconds=60), "ShopifyThrottled"),
    "500": (http(500), "ShopifyNoAnswer"),
    "an answer in half": (fault("cut"), "ShopifyNoAnswer"),
    "refused": (fault("refused"), "ShopifyNoAnswer"),
    "reset": (fault("reset_before"), "ShopifyNoAnswer"),
    "too late": (fault("no_answer"), "ShopifyNoAnswer"),
    "an error of Shopify's": (fault("internal"), "ShopifyNoAnswer"),
    "in part": (fault("error_at", path="customer2"), "ShopifyInPart"),
    "400": (http(400), "ShopifyNotUnderstood"),
    "a document that is refused": (fault("internal", code="undefinedField"), "ShopifyNotUnderstood"),
}


def look(desk, level):
    """A lookup that finds a customer if nothing is wrong."""
    query = {"emails": ["martha.williams@example.com", "x@example.com"], "externalCustomerId": number(desk, 0)}
    answer = desk.send("POST", "", {"lookupLevel": level, "query": query})
    assert answer.status == 200
    return answer.body["results"]


@pytest.mark.parametrize("level", ["BASIC", "DETAILED"])
@pytest.mark.parametrize("reason", FIXED_BY_AN_ADMIN)
def test_problem_for_an_admin_has_a_metric_and_an_alarm(hurried, capsys, reason, level):
    break_it, metric = FIXED_BY_AN_ADMIN[reason]
    break_it(hurried)
    assert look(hurried, level) == []
    names = counted(capsys.readouterr().out) - ALWAYS
    assert names == {metric} if metric in ALARMED else names == {metric, "StoreNeedsAdmin"}
    assert names & ALARMED


@pytest.mark.parametrize("reason", PASSING)
def test_passing_problem_has_a_metric_and_no_alarm(hurried, capsys, reason):
    break_it, metric = PASSING[reason]
    break_it(hurried)
    assert look(hurried, "BASIC") == []
    names = counted(capsys.readouterr().out) - ALWAYS
    assert metric in names and not names & ALARMED


def test_search_without_a_match_is_counted(desk, capsys):
    assert desk.find(email="nobody@example.com") == []
    assert counted(capsys.readouterr().out) - ALWAYS == {"NotMatched"}
    for linked, metric in (("1", "CustomerGone"), ("order-1", "CustomerGone"), ("nobody", "LookupNotUnderstood")):
        desk.send("POST", "", {"lookupLevel": "DETAILED", "query": {"externalCustomerId": linked}})
        assert counted(capsys.readouterr().out) - ALWAYS == {metric}


def test_store_without_a_key_refuses_everyone_and_sets_off_an_alarm(desk, capsys):
    desk.set(helpdesk__bearer_token="", helpdesk__signing_key="too-short")
    assert desk.send("POST", "", {"query": {}}).status == 401
    assert counted(capsys.readouterr().out) >= {"KeysMissing", "StoreNeedsAdmin", "CallersRefused"}
    desk.set(helpdesk__bearer_token="a-key-of-sixteen-characters")
    assert desk.send("POST", "", {"query": {}}).status == 401
    assert counted(capsys.readouterr().out) == {"CallersRefused"}


def test_unreadable_settings_are_counted(desk, capsys):
    config.ssm().meta.events.register_first("before-send.ssm.GetParameters", _no_answer)
    assert desk.send("POST", "", {"query": {}}).status == 400
    assert counted(capsys.readouterr().out) == {"SettingsUnavailable"}


def _no_answer(**_):
    from botocore.exceptions import ConnectTimeoutError

    raise ConnectTimeoutError(endpoint_url="https://ssm")


def test_token_grant_problem_has_the_same_metrics(desk, capsys):
    desk.set(shopify__access_token="", shopify__client_id="id", shopify__client_secret="secret-of-the-client")
    for status, metric in ((402, "ShopifyStoreFrozen"), (404, "ShopifyStoreUnknown"), (301, "ShopifyStoreMoved")):
        desk.adapter.after = lambda _request, status=status: (status, b"")
        assert look(desk, "BASIC") == []
        assert counted(capsys.readouterr().out) == {metric, "StoreNeedsAdmin"}


@pytest.mark.parametrize("location", ["http://[", "/password", "", "//", "https://\u0131.example"])
def test_redirect_to_an_invalid_address_is_counted(desk, capsys, location):
    desk.sandbox.faults.put(Fault("http", status=302, headers={"Location": location}))
    assert look(desk, "BASIC") == []
    assert counted(capsys.readouterr().out) & {"ShopifyStoreMoved", "ShopifyNoAnswer"}
    assert desk.form("refund-order", "#1003").status in (400, 406)


def test_moved_shop_is_logged_and_not_told_to_the_agent(desk, capsys):
    desk.sandbox.faults.put(Fault("http", status=301, headers={"Location": "https://new.myshopify.com/?token=x"}))
    form = desk.form("refund-order", "#1003")
    assert form.status == 406 and "new.myshopify" not in json.dumps(form.body)
    out = capsys.readouterr().out
    assert '"to":"new.myshopify.com"' in out and "token=x" not in out


@pytest.mark.parametrize(
    ("typed", "works"),
    [
        ("https://Demo.myshopify.com/", True),
        ("HTTP://DEMO.MYSHOPIFY.COM", True),
        (" demo.myshopify.com/admin ", True),
        ("https://admin.shopify.com/store/demo", True),
        ("https://admin.shopify.com/store/Demo/orders?x=1", True),
        ("demo", False),
        ("https://demo.myshopify.com.evil.example/", False),
        ("https://demo.myshopify.com@evil.example/", False),
        ("https://evil.example/demo.myshopify.com", False),
        ("demo.myshopify.com:8443", False),
        ("https://admin.shopify.com/demo", False),
        ("//demo.myshopify.com", False),
    ],
)
def test_domain_is_accepted_in_several_spellings(desk, typed, works):
    desk.set(shopify__domain=typed)
    assert bool(look(desk, "BASIC")) == works
    assert all(r.host == DOMAIN for r in desk.sandbox.received if hasattr(r, "host"))


def test_domain_with_lookalike_letters_is_refused(desk):
    desk.set(shopify__domain="demo\u212a.myshopify.com")
    assert look(desk, "BASIC") == []
    assert desk.sandbox.received == []
