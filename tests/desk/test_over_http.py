"""The desk over HTTP, through a pair of sockets: which requests are read, and which are refused unread."""

import json
import socket
from types import SimpleNamespace

import pytest

from local.desk.desk import BODY_BYTES, Desk
from local.desk.server import DeskServer, _Handler
from local.desk.stack import Stack

HOST = "127.0.0.1:4020"


@pytest.fixture
def send():
    desk = Desk(Stack("https://desk.example/local/stores/main", key="k"), {"id": "7", "name": "Ann"}, token="t0ken")
    server = SimpleNamespace(desk=desk, hosts=frozenset({HOST}), server_port=4020)

    def said(*lines, body=b""):
        ours, theirs = socket.socketpair()
        ours.sendall("\r\n".join((*lines, "Connection: close", "", "")).encode() + body)
        ours.shutdown(socket.SHUT_WR)
        _Handler(theirs, ("127.0.0.1", 1), server)
        theirs.close()
        answer = b"".join(iter(lambda: ours.recv(65536), b""))
        ours.close()
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), content

    said.server = server
    return said


def test_page_is_served(send):
    status, head, body = send("GET / HTTP/1.1", f"Host: {HOST}")
    assert status == 200 and b"<!doctype html>" in body
    assert "Content-Security-Policy: default-src 'none'" in head and "Python" not in head


def test_head_request_gets_no_body(send):
    status, head, body = send("HEAD / HTTP/1.1", f"Host: {HOST}")
    assert status == 200 and body == b"" and "Content-Length: 0" not in head


def test_api_request_is_answered(send):
    status, _, body = send("GET /api/session HTTP/1.1", f"Host: {HOST}", "X-Desk-Token: t0ken")
    assert status == 200 and json.loads(body)["store"] == "main"


def test_api_request_without_a_token_is_refused(send):
    assert send("GET /api/session HTTP/1.1", f"Host: {HOST}")[0] == 401


@pytest.mark.parametrize(
    "length", [f"Content-Length: {BODY_BYTES + 1}", "Content-Length: -5", "Transfer-Encoding: chunked"]
)
def test_body_that_is_too_large_or_of_unknown_length_is_not_read(send, length):
    status, head, _ = send("POST /api/submit HTTP/1.1", f"Host: {HOST}", "X-Desk-Token: t0ken", length, body=b"{}")
    assert status == 413 and "Connection: close" in head


def test_unknown_method_is_refused(send):
    assert send("DELETE /api/session HTTP/1.1", f"Host: {HOST}")[0] == 501


def test_token_is_in_the_url_fragment(send):
    assert DeskServer.url.fget(send.server) == "http://127.0.0.1:4020/#t0ken"
