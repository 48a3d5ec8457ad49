"""The client, with every kind of answer that Shopify may give, and with none."""

import io
import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import requests
import urllib3

from orderdesk import errors, sessions
from orderdesk.config import Settings
from orderdesk.deadline import Deadline
from orderdesk.shopify import IN_PART, Client, Missing, Sent, answers, document

VALUES = {"shopify/domain": "demo.myshopify.com", "shopify/access_token": "shpat_sandbox"}
SENT = Sent("the operation of these tests")
GRANT = {"shopify/domain": "demo.myshopify.com", "shopify/client_id": "id", "shopify/client_secret": "secret"}


def client(seconds=5.0, **values):
    return Client(Settings("main", "local", VALUES | values), Deadline(seconds))


@pytest.fixture
def read_it(desk, tmp_path):
    (tmp_path / "shop.graphql").write_text("query Shop { shop { currencyCode } }")
    return document(str(tmp_path / "x.py"), "shop")


@pytest.fixture
def change_it(desk, tmp_path):
    change = 'orderUpdate(input: {id: "gid://shopify/Order/1", note: "x"})'
    text = f"mutation Note {{ {change} {{ order {{ note }} userErrors {{ field message }} }} }}"
    (tmp_path / "note.graphql").write_text(text)
    return document(str(tmp_path / "y.py"), "note")


def answer(desk, status, body, times=99):
    left = [times]

    def after(_request):
        left[0] -= 1
        return (status, body if isinstance(body, bytes) else json.dumps(body).encode()) if left[0] >= 0 else None

    desk.adapter.after = after


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, errors.Misconfigured) for status in (401, 402, 403, 404, 423, 430)),
        (429, errors.ShopifyUnavailable),
        *((status, errors.Refused) for status in (302, 400, 405, 413, 415, 422)),
    ],
)
def test_refused_request_changed_nothing(desk, change_it, status, kind):
    answer(desk, status, {"errors": "no"})
    with pytest.raises(kind):
        client().mutate(change_it, SENT)


@pytest.mark.parametrize(
    ("status", "body"), [(500, b"<html>"), (502, b""), (503, b"<html>"), (200, b'{"data": {"x'), (200, b"[]")]
)
def test_unreadable_answer_is_lost(desk, read_it, change_it, status, body):
    answer(desk, status, body)
    with pytest.raises(errors.AnswerLost):
        client().mutate(change_it, SENT)
    with pytest.raises(errors.ShopifyUnavailable):
        client().read(read_it)
    answer(desk, status, body, times=1)
    assert client().read(read_it)["shop"]


@pytest.mark.parametrize("status", [408, 409, 410, 418, 425, 444, 499, 202, 204])
def test_status_that_may_follow_the_work_loses_the_answer(desk, read_it, change_it, status):
    answer(desk, status, {"errors": "no"})
    with pytest.raises(errors.AnswerLost):
        client().mutate(change_it, SENT)
    with pytest.raises(errors.ShopifyUnavailable):
        client().read(read_it)


NULL = {"orderUpdate": None}


def told(code, path=None):
    return [{"message": "no", "extensions": {"code": code}} | ({"path": path} if path else {})]


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": NULL}])
@pytest.mark.parametrize("code", ["ACCESS_DENIED", "BAD_REQUEST", "INVALID_VARIABLE", "INVALID_FIELD_ARGUMENTS"])
def test_field_that_was_not_run_changed_nothing(desk, change_it, code, data):
    for path in (None, ["orderUpdate"]):
        answer(desk, 200, {"errors": told(code, path)} | data)
        with pytest.raises(errors.Refused, match="refused"):
            client().mutate(change_it, SENT)


@pytest.mark.parametrize("code", sorted(answers._OF_THE_INPUT))
def test_refused_argument_changed_nothing(desk, change_it, code):
    answer(desk, 200, {"data": NULL, "errors": told(code, ["orderUpdate", "input", "tags"])})
    with pytest.raises(errors.Refused):
        client().mutate(change_it, SENT)


@pytest.mark.parametrize("code", sorted(answers._NOT_VALID))
def test_invalid_document_changed_nothing(desk, change_it, code):
    answer(desk, 200, {"errors": told(code, ["mutation Note", "orderUpdate", "input"])})
    with pytest.raises(errors.Refused):
        client().mutate(change_it, SENT)


def test_unknown_code_at_the_document_changed_nothing(desk, change_it):
    answer(desk, 200, {"errors": told("newRuleOfTheirs", ["mutation Note", "orderUpdate"])})
    with pytest.raises(errors.Refused):
        client().mutate(change_it, SENT)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": told("INTERNAL_SERVER_ERROR"), "data": NULL},
        {"errors": told("A_CODE_OF_TOMORROW", ["orderUpdate"]), "data": NULL},
        # The field's work was done, and a null below it has made the payload null.
        {"errors": told("ACCESS_DENIED", ["orderUpdate", "order", "note"]), "data": NULL},
        {"errors": told("THROTTLED", ["orderUpdate", "order"]), "data": NULL},
        {"errors": told("undefinedField", ["orderUpdate", "order"]), "data": NULL},
        {"errors": [*told("BAD_REQUEST"), *told("TIMEOUT")], "data": NULL},
        {"errors": [{"message": "no", "extensions": None, "path": "odd"}], "data": NULL},
        {"errors": "Not what you think", "data": NULL},
        {"errors": {"query": "odd"}},
        {"errors": ["odd"]},
        {"data": {}},
        {"data": None},
        {"data": [1]},
        {},
    ],
)
def test_answer_that_does_not_rule_out_work_is_lost(desk, read_it, change_it, body):
    answer(desk, 200, body)
    with pytest.raises(errors.AnswerLost):
        client().mutate(change_it, SENT)
    with pytest.raises((errors.ShopifyUnavailable, errors.Misconfigured)):
        client(1.5).read(read_it)


def test_errors_next_to_a_payload_decide_nothing(desk, change_it):
    payload = {"orderUpdate": {"order": None, "userErrors": []}}
    answer(desk, 200, {"errors": told("INTERNAL_SERVER_ERROR", ["orderUpdate", "order"]), "data": payload})
    assert client().mutate(change_it, SENT) == payload


SHOP = {"shop": {"currencyCode": "EUR", "name": None}}


@pytest.mark.parametrize("listed", [["odd"], told("INTERNAL_SERVER_ERROR", ["shop", "name"])])
def test_partial_answer_is_requested_again_and_never_taken_as_complete(desk, read_it, listed):
    answer(desk, 200, {"errors": listed, "data": SHOP})
    with pytest.raises(errors.ShopifyUnavailable) as raised:
        client().read(read_it)
    assert raised.value.code == IN_PART
    answer(desk, 200, {"errors": listed, "data": SHOP}, times=1)
    assert client().read(read_it) == {"shop": {"currencyCode": "USD"}}


def test_partial_read_returns_what_came(desk, read_it):
    broken = {"errors": told("INTERNAL_SERVER_ERROR", ["shop", "orders", 3, "name"]), "data": SHOP}
    answer(desk, 200, broken)
    assert client().read_partly(read_it) == (SHOP, (Missing("shop.orders.3.name", "INTERNAL_SERVER_ERROR"),))
    assert client(0.9).read_partly(read_it).data == SHOP
    with pytest.raises(errors.ShopifyUnavailable):
        client(0.9).read(read_it)

    sent = []

    def breaks(_request):
        sent.append(1)
        return (200, json.dumps(broken).encode()) if len(sent) == 1 else (503, b"")

    desk.adapter.after = breaks
    assert client().read_partly(read_it).data == SHOP
    answer(desk, 503, b"")
    with pytest.raises(errors.ShopifyUnavailable):
        client().read_partly(read_it)


def test_denied_field_is_named_and_counted(desk, read_it, capsys, caplog):
    denied = {"errors": told("ACCESS_DENIED", ["shop", "orders", 3, "name"]), "data": SHOP}
    answer(desk, 200, denied)
    with pytest.raises(errors.Misconfigured, match=r"shop\.orders\.name"):
        client().read(read_it)
    assert "ShopifyCredentialsRefused" in capsys.readouterr().out
    assert client().read_partly(read_it).missing == (Missing("shop.orders.3.name", "ACCESS_DENIED"),)
    assert len(desk.sandbox.received) == 2  # A denial does not pass, so the request is not repeated.
    answer(desk, 200, {"errors": told("ACCESS_DENIED", ["shop"]), "data": {"shop": None}})
    for reading in (client().read, client().read_partly):
        with pytest.raises(errors.Misconfigured, match="shop"):
            reading(read_it)
    answer(desk, 200, {"errors": told("ACCESS_DENIED")})
    with pytest.raises(errors.Misconfigured, match="didn't name"):
        client().read(read_it)


def failing(desk, failure, times=99):
    left = [times]

    def before(_request):
        left[0] -= 1
        if left[0] >= 0:
            raise failure

    desk.adapter.before = before


REFUSED = requests.exceptions.ConnectionError(
    urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.NewConnectionError(None, "refused"))
)


@pytest.mark.parametrize("failure", [requests.exceptions.ConnectTimeout(), REFUSED])
def test_request_that_was_not_sent_changed_nothing(desk, change_it, failure):
    failing(desk, failure)
    with pytest.raises(errors.ShopifyUnavailable):
        client().mutate(change_it, SENT)


@pytest.mark.parametrize("failure", [requests.exceptions.ReadTimeout(), requests.exceptions.ConnectionError("reset")])
def test_request_without_an_answer_is_unknown(desk, read_it, change_it, failure):
    failing(desk, failure)
    with pytest.raises(errors.AnswerLost):
        client().mutate(change_it, SENT, safe_to_repeat=True)
    with pytest.raises(errors.ShopifyUnavailable):
        client(0.5).read(read_it)
    with pytest.raises(errors.AnswerLost):
        client(0.5).mutate(change_it, SENT, safe_to_repeat=True)
    failing(desk, failure, times=1)
    with pytest.raises(errors.AnswerLost):
        client().mutate(change_it, SENT, safe_to_repeat=True)


def test_refused_repeat_leaves_the_first_unknown(desk, change_it):
    failing(desk, requests.exceptions.ReadTimeout(), times=1)
    answer(desk, 401, {"errors": "no"})
    with pytest.raises(errors.AnswerLost):
        client().mutate(change_it, SENT, safe_to_repeat=True)


def test_throttled_request_waits_and_succeeds(desk, read_it):
    desk.sandbox.bucket.available, desk.sandbox.bucket.restore = -20, 100
    client().read(read_it)
    desk.sandbox.bucket.available, desk.sandbox.bucket.restore = -2000, 1
    with pytest.raises(errors.ShopifyUnavailable, match="busy"):
        client().read(read_it)


def test_lookup_leaves_points_for_submits_if_throttled(desk, monkeypatch):
    waited = []
    monkeypatch.setattr("time.sleep", lambda seconds: (waited.append(seconds), desk.clock.shift(seconds)))
    url = desk.form("refund-order", "#1016").body["actionUrl"]
    desk.clock.move_to(datetime.now(UTC), tick=False)  # Or a slow machine restores points meanwhile.
    desk.sandbox.bucket.size = 400
    desk.sandbox.bucket.available, desk.sandbox.bucket.restore = 10, 150
    profile = desk.profile(desk.linked("#1016"))
    asked = desk.sandbox.received[-1].answer["extensions"]["cost"]["requestedQueryCost"]
    assert profile["transactions"] and waited == [pytest.approx((asked + 100 - 10) / 150, abs=0.2)]
    waited.clear()
    desk.sandbox.bucket.available = 1
    assert desk.send("POST", url, {"reason": "Goodwill"}).status == 200
    assert 0 < sum(waited) < 1


def test_request_without_time_left_is_not_sent(desk, read_it):
    with pytest.raises(errors.ShopifyUnavailable):
        client(0.0).read(read_it)


def test_slowly_arriving_answer_is_cut_off(desk, read_it):
    class Drip(requests.Response):
        def iter_content(self, *_, **__):
            yield b"{"
            deadline._at = 0
            yield b"}"

    deadline = Deadline(5)
    drip = Drip()
    drip.raw = io.BytesIO()
    with pytest.raises(requests.exceptions.ReadTimeout):
        sessions.body(drip, deadline, 1000)


def test_different_api_version_is_logged(desk, read_it, caplog):
    client()._note_version({"X-Shopify-API-Version": "2026-01"})
    assert "different API version" in caplog.text


def grants(desk):
    desk.sandbox.client = ("id", "secret")
    asked = []
    desk.adapter.before = lambda r: asked.append(urlsplit(r.url).path)
    return asked


def granted():
    return Client(Settings("main", "local", GRANT), Deadline(5))


def test_token_grant_is_requested_once(desk, read_it):
    asked = grants(desk)
    granted().read(read_it)
    granted().read(read_it)
    assert [p for p in asked if "oauth" in p] == ["/admin/oauth/access_token"]


def test_rejected_token_is_renewed_once(desk, read_it):
    asked = grants(desk)
    granted().read(read_it)
    desk.sandbox.tokens.clear()
    granted().read(read_it)
    assert len([p for p in asked if "oauth" in p]) == 2
    answer(desk, 401, {"errors": "no"})
    with pytest.raises((errors.Misconfigured, errors.ShopifyUnavailable)):
        granted().read(read_it)


def test_missing_or_refused_credentials_are_misconfigured(desk, read_it):
    grants(desk)
    desk.sandbox.client = ("other", "x")
    with pytest.raises(errors.Misconfigured):
        granted().read(read_it)
    with pytest.raises(errors.Misconfigured):
        Client(Settings("main", "local", {"shopify/domain": "demo.myshopify.com"}), Deadline(5)).read(read_it)


def test_token_grant_without_an_answer_is_unavailable(desk, read_it):
    answer(desk, 503, b"")
    with pytest.raises(errors.ShopifyUnavailable):
        granted().read(read_it)
    failing(desk, requests.exceptions.ReadTimeout())
    with pytest.raises(errors.ShopifyUnavailable):
        granted().read(read_it)


@pytest.mark.parametrize(
    ("domain", "stage", "url"),
    [
        ("x.myshopify.com", "prod", "https://x.myshopify.com"), ("http://127.0.0.1:99", "local", "http://127.0.0.1:99"),
        ("http://host.docker.internal:99", "local", "http://host.docker.internal:99"),
        ("http://127.0.0.1:99", "prod", None), ("evil.com", "local", None), ("", "prod", None),
        ("x.myshopify.com.evil.com", "prod", None), ("http://127.0.0.1:99/x", "local", None),
    ],
)  # fmt: skip
def test_shopify_url_comes_from_the_domain(domain, stage, url):
    known = Settings("main", stage, {"shopify/domain": domain})
    if url is None:
        with pytest.raises(errors.Misconfigured):
            _ = known.shopify_url
    else:
        assert known.shopify_url == url
        assert known.admin_url.startswith("https://admin.shopify.com/store/x" if stage == "prod" else f"{url}/admin")
    assert "secret" not in repr(Settings("main", stage, {"shopify/access_token": "secret"}))


def test_invalid_region_is_ignored(desk):
    desk.set(default_region="Texas")
    assert desk.find(phone="(501) 329-9800") == []


def test_store_without_credentials_is_misconfigured(desk):
    desk.set(shopify__domain="evil.com")
    assert desk.find(email="martha.williams@example.com") == []
    answer_ = desk.form("refund-order", "#1003")
    assert (answer_.status, answer_.body["errors"][0]["code"]) == (406, "misconfigured")
