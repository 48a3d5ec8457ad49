"""The schema that the sandbox serves, and the sandbox as a program."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from graphql import build_schema, parse, print_ast

from local.sandbox.execution import SCHEMA
from local.sandbox.prune_schema import documents, prune

ROOT = Path(__file__).parents[2]


def test_schema_contains_only_what_is_used_or_served():
    text = SCHEMA.read_text("utf-8")
    assert print_ast(parse(prune(text, documents()))) == print_ast(parse(text))


def test_unused_fields_are_removed_from_the_schema():
    used = ["{ shop { name } }", 'mutation { tagsAdd(id: "1", tags: []) { userErrors { message } } }']
    kept = build_schema(prune(SCHEMA.read_text("utf-8"), used, served=False), assume_valid=True)
    fields = {name: list(kept.type_map[name].fields) for name in ("QueryRoot", "Shop", "Mutation", "UserError")}
    assert fields == {"QueryRoot": ["shop"], "Shop": ["name"], "Mutation": ["tagsAdd"], "UserError": ["message"]}
    assert "Order" not in kept.type_map


@pytest.mark.enable_socket
def test_sandbox_serves_on_a_port_and_reports_one_in_use():
    command = [sys.executable, "-m", "local.sandbox", "--token", "t0ken", "--client", "app:secret", "--port"]
    with subprocess.Popen([*command, "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as sandbox:
        try:
            assert sandbox.stdout
            url = sandbox.stdout.readline().strip()
            asked = {"query": "{ ordersCount { count } }"}
            api = f"{url}/admin/api/2026-10/graphql.json"
            answer = requests.post(api, json=asked, headers={"X-Shopify-Access-Token": "t0ken"}, timeout=10)
            assert answer.json()["data"]["ordersCount"]["count"] >= 30
            port = url.rpartition(":")[2]
            second = subprocess.run([*command, port], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
        finally:
            sandbox.terminate()
    words = f"The sandbox Shopify cannot listen on 127.0.0.1:{port}: Address already in use. Choose another port.\n"
    assert (second.returncode, second.stderr) == (1, words)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0
