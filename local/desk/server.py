"""The desk's HTTP server, on this machine's loopback address only."""

from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .desk import BODY_BYTES, Answer, Desk


class DeskServer(ThreadingHTTPServer):
    """Serve one desk at 127.0.0.1. Port 0 takes a free port; a port in use raises OSError."""

    daemon_threads = True
    # A browser loads the page's files over six connections at once, and on a busy machine the default queue of five is
    # too short.
    request_queue_size = 64

    def __init__(self, desk: Desk, port: int) -> None:
        self.desk = desk
        super().__init__(("127.0.0.1", port), _Handler)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The host names that a browser on this machine may use for the server."""
        return frozenset({f"127.0.0.1:{self.server_port}", f"localhost:{self.server_port}"})

    @property
    def url(self) -> str:
        """The address to open, with this start's token in the fragment, which no server and no log sees."""
        return f"http://127.0.0.1:{self.server_port}/#{self.desk.token}"


class _Handler(BaseHTTPRequestHandler):
    server: DeskServer
    protocol_version, server_version, sys_version = "HTTP/1.1", "orderdesk", ""
    timeout = 30

    def _answer(self) -> None:
        length = self.headers.get("Content-Length") or "0"
        if self.headers.get("Transfer-Encoding") or not length.isdigit() or int(length) > BODY_BYTES:
            # An unread body cannot be skipped, so the connection is closed.
            self.close_connection = True
            self._send(Answer(413, {"Connection": "close"}, b""))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(length))
        self._send(self.server.desk.handle(self.command, self.path, headers, body, self.server.hosts))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Log nothing: the terminal is for the desk's address."""
