"""A receiver of webhooks on this machine: the official library checks each signature; it answers as it is told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + "AAAA" * 11


class Receiver(ThreadingHTTPServer):
    """`status`, `headers` and `seconds` are how it answers from now on. `accepted`: the events that it took, in order;
    `asked`: the id of each request."""

    daemon_threads = True

    def __init__(self, secret: str = SECRET) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.webhook = Webhook(secret)
        self.status, self.headers, self.seconds = 200, dict[str, str](), 0.0
        self.accepted: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}/hooks/orderdesk?from=1"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        # Raises if the signature or the time is wrong, and then answers nothing.
        said = self.server.webhook.verify(body, dict(self.headers))
        with self.server.lock:
            self.server.asked.append(self.headers["webhook-id"])
            status = self.server.status
            if status == 200:
                self.server.accepted.append(said | {"id": self.headers["webhook-id"], "path": self.path})
        time.sleep(self.server.seconds)
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def receiving(**more: Any) -> Iterator[Receiver]:
    """A receiver that serves while the block runs."""
    receiver = Receiver(**more)
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join()
