"""Where webhooks go, and how they are signed: by the published vector, the official library, and lists of addresses."""

import base64
import ipaddress
import json
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook as Official
from standardwebhooks.webhooks import WebhookVerificationError

from deliver_webhooks import receiver, webhook
from deliver_webhooks.receiver import NotReached, is_public
from deliver_webhooks.webhook import Unusable
from tests.events.receivers import OTHER_SECRET, SECRET, receiving

URL = "https://receiver.example.com/hooks"


def test_signature_is_that_of_the_published_vector():
    """The test vector of the specification's own libraries."""
    headers = webhook.of(URL, ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)).headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
def test_official_library_accepts_each_of_two_secrets(secret):
    body = json.dumps({"type": "orderdesk.entry", "name": "Zoë"}).encode()
    headers = webhook.of(URL, (SECRET, OTHER_SECRET)).headers("a/1/SUCCEEDED", int(time.time()), body)
    assert Official(secret).verify(body, headers)["name"] == "Zoë"


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_official_library_refuses_what_was_changed(change):
    body, secret = b'{"a":1}', SECRET
    headers = webhook.of(URL, (SECRET,)).headers("a/1/SUCCEEDED", int(time.time()), body)
    if change == "body":
        body = b'{"a":2}'
    elif change == "secret":
        secret = OTHER_SECRET
    else:
        headers[change] = str(int(time.time()) - 1)
    with pytest.raises(WebhookVerificationError):
        Official(secret).verify(body, headers)


def test_secret_is_not_in_the_repr():
    assert "secrets" not in repr(webhook.of(URL, (SECRET,))) and "hooks" not in repr(webhook.of(URL, (SECRET,)))


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example.com/",
        "ftp://receiver.example.com/",
        "receiver.example.com",
        "https://",
        "https:///path",
        "https://user:secret@receiver.example.com/",
        "https://user@receiver.example.com/",
        "https://@receiver.example.com/",
        "https://receiver.example.com/#fragment",
        "https://receiver.example.com:0x50/",
        "https://receiver.example.com:99999/",
        "https://[::1/",
        "https://receiver example.com/",
        "https://receiver.example.com/\r\nHost: other",
        "https://réceiver.example.com/",
        "https://receiver.example.com/" + "a" * 2048,
        "http://127.0.0.1:8000/",
        "https://-/",
        "https://a_b/",
        "javascript:alert(1)",
    ],
)
def test_address_that_is_none_is_refused(url):
    with pytest.raises(Unusable, match="helpdesk/webhook_url"):
        webhook.of(url, (SECRET,))


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://Receiver.Example.com", "receiver.example.com", 443, "/"),
        ("https://receiver.example.com:8443/a?b=c", "receiver.example.com", 8443, "/a?b=c"),
        ("https://receiver.example.com./", "receiver.example.com", 443, "/"),
        ("https://203.0.113.9/a", "203.0.113.9", 443, "/a"),
        ("https://[2606:4700::1111]/a", "2606:4700::1111", 443, "/a"),
    ],
)
def test_address_is_read(url, host, port, target):
    assert webhook.of(url, (SECRET,))[:3] == (host, port, target)


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/", "http://host.docker.internal:4000/x"])
def test_receiver_on_this_machine_is_only_for_the_stage_local(url):
    assert webhook.of(url, (SECRET,), local=True).on_this_machine
    with pytest.raises(Unusable):
        webhook.of(url, (SECRET,))
    for other in ("http://169.254.169.254/", "http://localhost/", "http://10.0.0.1/", "http://127.0.0.1.example.com/"):
        with pytest.raises(Unusable):
            webhook.of(other, (SECRET,), local=True)


@pytest.mark.parametrize(
    "secret",
    [
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_not base64",
        "whsec_" + base64.b64encode(b"a" * 23).decode(),
        "whsec_" + base64.b64encode(b"a" * 65).decode(),
    ],
)
def test_secret_that_is_none_is_refused(secret):
    with pytest.raises(Unusable, match="helpdesk/webhook_secret"):
        webhook.of(URL, (secret,))


def test_nothing_is_sent_unsigned():
    with pytest.raises(Unusable, match="unsigned"):
        webhook.of(URL, ())


#: From IANA's registries of special-purpose addresses (IPv4, IPv6), with the first and the last of each network; and
#: the addresses at which clouds keep their credentials.
NOT_PUBLIC = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "255.255.255.255/32", "169.254.169.254/32", "100.100.100.200/32",
    "::1/128", "::/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48",
    "2001:db8::/32", "2001:10::/28", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8", "::10.0.0.1/128", "::ffff:8.8.8.8/128", "::ffff:169.254.169.254/128", "fd00:ec2::254/128",
    "64:ff9b::a9fe:a9fe/128", "2002:7f00:1::/48", "::ffff:0:127.0.0.1/128",
]  # fmt: skip


@pytest.mark.parametrize("network", NOT_PUBLIC)
def test_special_address_is_not_public(network):
    known = ipaddress.ip_network(network)
    assert not is_public(str(known[0])) and not is_public(str(known[-1]))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "2606:4700:4700::1111"])
def test_address_of_the_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f000001", "2130706433", "fe80::1%eth0", "::1%lo"])
def test_other_texts_are_not_public(text):
    assert not is_public(text)


def named(monkeypatch, *addresses):
    """Let every name have these addresses; returns the list of names that were looked up."""
    asked = []

    def look_up(host, port, **_):
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("::1",), ("169.254.169.254",), ("::ffff:127.0.0.1",)]
)
def test_name_that_leads_to_a_private_address_is_not_called(monkeypatch, addresses):
    named(monkeypatch, *addresses)
    opened = []
    monkeypatch.setattr(socket, "socket", lambda *a: opened.append(a))
    with pytest.raises(NotReached, match="not_public"):
        receiver.send(webhook.of(URL, (SECRET,)), {}, b"{}")
    assert not opened


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/"]
)
def test_private_address_in_any_writing_is_not_called(url):
    """The system's own look-up reads them all as 127.0.0.1."""
    with pytest.raises(NotReached, match=r"not_public|no_address"):
        receiver.send(webhook.of(url, (SECRET,)), {}, b"{}")


def certificate(folder, name):
    """A certificate of its own for a name; returns its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def over_tls(tmp_path, monkeypatch):
    """A receiver behind TLS with the certificate of `receiver.example.com`, which is at 127.0.0.1; loopback counts as
    public here. Returns a function that sends to a name."""
    file = certificate(tmp_path, "receiver.example.com")
    with receiving() as it:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        it.socket = context.wrap_socket(it.socket, server_side=True)
        monkeypatch.setattr(receiver, "is_public", lambda address: address == "127.0.0.1")
        monkeypatch.setattr(receiver, "_tls", lambda: ssl.create_default_context(cafile=file))
        it.looked_up = named(monkeypatch, "127.0.0.1")

        def send(name):
            target, body = webhook.of(f"https://{name}:{it.server_port}/a", (SECRET,)), b'{"a": 1}'
            return receiver.send(target, target.headers("a/1/FAILED", int(time.time()), body), body)

        it.send = send
        yield it


@pytest.mark.enable_socket
def test_tls_is_checked_against_the_name_and_the_connection_goes_to_the_checked_address(over_tls):
    assert over_tls.send("receiver.example.com").status == 200
    assert over_tls.looked_up == ["receiver.example.com"]
    assert [one["path"] for one in over_tls.accepted] == ["/a"]


@pytest.mark.enable_socket
def test_certificate_of_another_name_is_not_accepted(over_tls):
    with pytest.raises(NotReached, match="tls"):
        over_tls.send("other.example.com")
    assert not over_tls.accepted


@pytest.mark.enable_socket
def test_certificate_that_nobody_vouches_for_is_not_accepted(over_tls, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(receiver, "is_public", lambda address: True)
    named(monkeypatch, "127.0.0.1")
    with pytest.raises(NotReached, match="tls"):
        over_tls.send("receiver.example.com")


def sent(it, seconds=10.0):
    body = b'{"a": 1}'
    target = webhook.of(it.url, (SECRET,), local=True)
    return receiver.send(target, target.headers("a/1/FAILED", int(time.time()), body), body, seconds)


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 400, 404, 410, 429, 500, 503])
def test_answer_is_returned_and_no_redirect_is_followed(status):
    with receiving() as it, receiving() as other:
        it.status, it.headers = status, {"Location": other.url, "Retry-After": "7"}
        answer = sent(it)
        assert answer == (status, 7)
        assert len(it.asked) == 1 and not other.asked


@pytest.mark.enable_socket
@pytest.mark.parametrize("said", ["tomorrow", "-5", "9" * 40, "", "1.5"])
def test_retry_after_that_is_no_number_is_ignored(said):
    with receiving() as it:
        it.status, it.headers = 503, {"Retry-After": said}
        assert sent(it) == (503, 0)


@pytest.mark.enable_socket
def test_proxy_of_the_environment_is_not_used(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with receiving() as it:
        assert sent(it).status == 200


def speaking(say):
    """A server that takes one connection and then does what `say` does with it; returns its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listening:
            connection, _ = listening.accept()
            with connection:
                say(connection)

    threading.Thread(target=serve, daemon=True).start()
    return webhook.of(f"http://127.0.0.1:{listening.getsockname()[1]}/", (SECRET,), local=True)


def drip(connection):
    """An answer that comes byte by byte, each within any time-out of a single read."""
    try:
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.enable_socket
@pytest.mark.parametrize("say", [drip, lambda _: time.sleep(3)], ids=["byte by byte", "nothing"])
def test_answer_that_does_not_come_is_given_up_in_time(say):
    began = time.monotonic()
    with pytest.raises(NotReached, match="timeout"):
        receiver.send(speaking(say), {}, b"{}", 0.5)
    assert time.monotonic() - began < 2


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "said",
    [b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n",
     b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n"],
    ids=["nothing", "no HTTP", "no status", "200 headers", "a header of 70 kB"],
)  # fmt: skip
def test_answer_that_is_no_answer_is_not_accepted(said):
    with pytest.raises(NotReached, match=r"not_http|no_connection"):
        receiver.send(speaking(lambda connection: (connection.recv(9999), connection.sendall(said))), {}, b"{}")


@pytest.mark.enable_socket
def test_body_of_an_answer_is_not_read():
    """However long it is."""

    def endless(connection):
        connection.recv(9999)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 65536)
        except OSError:
            pass

    began = time.monotonic()
    assert receiver.send(speaking(endless), {}, b"{}").status == 200
    assert time.monotonic() - began < 2


@pytest.mark.enable_socket
def test_closed_port_is_not_reached():
    with receiving() as it:
        target = webhook.of(it.url, (SECRET,), local=True)
    with pytest.raises(NotReached, match="no_connection"):
        receiver.send(target, {}, b"{}")


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (socket.gaierror(-2, "Name or service not known"), "no_address"),
        (TimeoutError(), "timeout"),
        (OSError("no route"), "no_connection"),
    ],
)
def test_name_that_is_not_found_is_not_reached(monkeypatch, failure, why):
    def look_up(*_, **__):
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(NotReached, match=why):
        receiver.send(webhook.of(URL, (SECRET,)), {}, b"{}")


def test_name_without_an_address_is_not_reached(monkeypatch):
    named(monkeypatch)
    with pytest.raises(NotReached, match="no_address"):
        receiver.send(webhook.of(URL, (SECRET,)), {}, b"{}")


@pytest.mark.enable_socket
def test_second_address_is_tried_if_the_first_does_not_answer(over_tls, monkeypatch):
    named(monkeypatch, "127.0.0.2", "127.0.0.1")
    monkeypatch.setattr(receiver, "is_public", lambda address: address.startswith("127."))
    assert over_tls.send("receiver.example.com").status == 200
    named(monkeypatch, "127.0.0.2", "127.0.0.3")
    # Where only 127.0.0.1 is this machine, nobody answers there.
    with pytest.raises(NotReached, match=r"no_connection|timeout"):
        over_tls.send("receiver.example.com")


def test_slow_name_look_up_is_given_up_and_calls_nobody_later(monkeypatch):
    """The look-up has no time-out of its own."""
    found, opened = threading.Event(), []

    def slow(host, port, **_):
        found.wait(5)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(socket, "socket", lambda *a: opened.append(a))
    before = set(threading.enumerate())
    with pytest.raises(NotReached, match="timeout"):
        receiver.send(webhook.of(URL, (SECRET,)), {}, b"{}", 0.2)
    found.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert not opened
