"""What a log line contains, and what it never contains."""

import json

from local.in_process import DOMAIN
from tests.plugins.logged import private


def logged(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' not in line]


def test_submit_log_has_the_expected_keys(desk, capsys):
    form = desk.form("refund-order", "#1003")
    capsys.readouterr()
    assert desk.send("POST", form.body["actionUrl"], {"reason": "Goodwill", "notify": True}).status == 200
    entries = logged(capsys)
    operation = form.body["actionUrl"].partition("operation=")[2][:36]
    *_, asked, answered = entries
    assert {"correlation_id", "store", "action", "operation", "status", "milliseconds"} <= set(answered)
    assert (answered["store"], answered["action"], answered["operation"]) == ("main", "refund_order", operation)
    assert answered["status"] == 200
    assert asked["document"].startswith("Refund")
    assert asked["shopify_request_id"] and asked["cost"] > 0 and asked["milliseconds"] >= 0
    assert asked["correlation_id"] == answered["correlation_id"] == "c6af9ac6"
    assert not any(private(json.dumps(e, ensure_ascii=False)) for e in entries)


def test_error_is_logged_without_its_text(desk, capsys, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("cannot read martha.williams@example.com")

    monkeypatch.setattr("lookup.app.search", broken)
    answer = desk.send("POST", "", {"lookupLevel": "BASIC", "query": {"emails": ["martha.williams@example.com"]}})
    assert answer.status == 500
    entry = next(e for e in logged(capsys) if e["level"] == "ERROR")
    assert entry["exception_name"] == "RuntimeError"
    assert any("broken" in place for place in entry["stack_trace"])
    assert "martha" not in json.dumps(entry)
    assert DOMAIN not in json.dumps(entry)
