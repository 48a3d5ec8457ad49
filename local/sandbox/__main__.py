"""`python -m local.sandbox --port 4010 --token shpat_x`: the sandbox Shopify over HTTP."""

import argparse
import contextlib
import io
import json
import socket
import struct
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import Sandbox
from .execution import internal_error
from .faults import Broken


def handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    """A request handler class that asks the sandbox."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Otherwise the second of two small writes waits for the other side's delayed acknowledgement: 40 ms per answer.
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {k.lower(): v for k, v in self.headers.items()}
            try:
                self._send(*sandbox.handle(self.command, self.path, headers, body))
            except Broken as broken:
                if broken.content:
                    self._send(*broken.content, half=True)
                self._reset()
            except Exception:
                # As Shopify does on an internal error. The traceback is on the sandbox's terminal.
                traceback.print_exc()
                self._send(200, {"Content-Type": "application/json"}, json.dumps(internal_error()).encode())

        def _send(self, status: int, answered: dict[str, str], content: bytes, *, half: bool = False) -> None:
            self.send_response(status)
            for name, value in (answered | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value.encode().decode("latin-1"))  # Sent as UTF-8.
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if half else content)
            self.wfile.flush()

        def _reset(self) -> None:
            """Reset the connection, as a machine on the way does that has lost track of it."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            self.wfile = self.rfile = io.BytesIO()  # type: ignore[assignment]

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Log nothing: the terminal belongs to the launcher."""

    return Handler


def main() -> None:
    """Serve until interrupted."""
    options = argparse.ArgumentParser(prog="local.sandbox", description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=4010)
    options.add_argument("--token", default="shpat_sandbox")
    options.add_argument("--client", help="ID:SECRET that the client-credentials grant takes")
    options.add_argument("--job-seconds", type=float, default=1.5)
    options.add_argument("--latency", type=float, default=0.0)
    given = options.parse_args()
    client = tuple(given.client.split(":", 1)) if given.client else None
    sandbox = Sandbox(token=given.token, client=client, job_seconds=given.job_seconds, latency=given.latency)
    try:
        server = ThreadingHTTPServer((given.host, given.port), handler(sandbox))
    except OSError as taken:
        sys.exit(
            f"The sandbox Shopify cannot listen on {given.host}:{given.port}: {taken.strerror}. Choose another port."
        )
    print(f"http://{given.host}:{server.server_port}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
