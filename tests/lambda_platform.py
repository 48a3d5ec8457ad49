"""Lambda's side of a function: a Runtime API that passes on events, and the function's output.

The function runs in its own process under AWS's runtime client (`awslambdaric`), with the environment and the
LoggingConfig of template.yaml, as in Lambda.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, NamedTuple

from local.template import resources, template

ROOT = Path(__file__).parents[1]
_VERSION = "/2018-06-01/runtime"
#: AWS's names for levels, lowest first. A line without a level counts as INFO.
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


class Answer(NamedTuple):
    """The result of an event: `kind` is `response`, or `error` if the function raised."""

    kind: str
    body: Any


def globals_of_functions() -> dict[str, Any]:
    """The template's settings for all functions."""
    return template()["Globals"]["Function"]


def application_log_level() -> str:
    """The level below which Lambda drops a function's log lines."""
    return str(globals_of_functions()["LoggingConfig"]["ApplicationLogLevel"])


def environment(handler: str, given: Mapping[str, str]) -> dict[str, str]:
    """The environment that Lambda gives the function with this handler.

    `given`: the template's parameters and resource names, for the variables that refer to them.
    """
    common = globals_of_functions()
    [(name, own)] = [(k, p) for k, p in resources("AWS::Serverless::Function").items() if p["Handler"] == handler]
    variables = common["Environment"]["Variables"] | own.get("Environment", {}).get("Variables", {})
    logging = common["LoggingConfig"] | own.get("LoggingConfig", {})
    parameters = {k: str(p.get("Default", "")) for k, p in template()["Parameters"].items()} | given
    return {k: str(parameters[v["Ref"]] if isinstance(v, dict) else v) for k, v in variables.items()} | {
        "_HANDLER": handler,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": logging["LogFormat"],
        "AWS_LAMBDA_LOG_LEVEL": logging["ApplicationLogLevel"],
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'functions'}:{ROOT / 'layers/orderdesk'}",
        "TZ": ":UTC",
    }


def kept(line: str, level: str) -> bool:
    """True if Lambda keeps a line at this level, by its rules for functions that log JSON.

    A line without a known `level` counts as INFO.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    """
    try:
        said = json.loads(line)
    except ValueError:
        said = None
    named = str(said.get("level", "")).upper() if isinstance(said, dict) else ""
    named = {"WARNING": "WARN", "CRITICAL": "FATAL"}.get(named, named)
    return _LEVELS.index(named if named in _LEVELS else "INFO") >= _LEVELS.index(level)


def served_in_background(server: ThreadingHTTPServer) -> None:
    """Let a server answer until it is shut down, which it looks for often: by itself it would do so twice a second."""
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


class Function:
    """A function that runs under AWS's runtime client."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._events: Queue[bytes] = Queue()
        self._answers: Queue[Answer] = Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _runtime_api(self._events, self._answers))
        served_in_background(self._server)
        read, write = os.pipe()
        address = f"127.0.0.1:{self._server.server_port}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", variables["_HANDLER"]],
            env={**variables, "AWS_LAMBDA_RUNTIME_API": address, "_LAMBDA_TELEMETRY_LOG_FD": str(write)},
            cwd=ROOT / "functions",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(write,),
        )
        os.close(write)
        self._output: dict[str, bytes] = {}
        streams = {"stdout": self._process.stdout, "stderr": self._process.stderr, "frames": os.fdopen(read, "rb")}
        self._readers = [threading.Thread(target=self._keep, args=named) for named in streams.items()]
        for reader in self._readers:
            reader.start()

    def _keep(self, name: str, stream: Any) -> None:
        with stream:
            self._output[name] = stream.read()

    def call(self, event: Any) -> Answer:
        """Pass on an event and wait for the result."""
        self._events.put(event if isinstance(event, bytes) else json.dumps(event).encode())
        return self._answers.get(timeout=60)

    def stop(self) -> str:
        """Stop the function; returns all its output: standard output and error, and the frames of its log."""
        self._process.terminate()
        self._process.wait(timeout=30)
        for reader in self._readers:
            reader.join(timeout=30)
        self._server.shutdown()
        self._server.server_close()
        streams = [self._output["stdout"], self._output["stderr"], b"\n".join(_frames(self._output["frames"]))]
        return "\n".join(stream.decode("utf-8") for stream in streams)


@contextmanager
def running(variables: Mapping[str, str]) -> Iterator[Function]:
    """A function that is stopped at the end of the block."""
    function = Function(variables)
    try:
        yield function
    finally:
        if function._process.poll() is None:
            function.stop()


def _frames(written: bytes) -> Iterator[bytes]:
    """The messages of the log. Each follows four bytes of type, four of length and eight of time."""
    at = 0
    while at < len(written):
        length = int.from_bytes(written[at + 4 : at + 8], "big")
        yield written[at + 16 : at + 16 + length]
        at += 16 + length


def _runtime_api(events: "Queue[bytes]", answers: "Queue[Answer]") -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """`/invocation/next`: waits for an event."""
            assert self.path == f"{_VERSION}/invocation/next"
            self._send(200, events.get())

        def do_POST(self) -> None:
            """`/invocation/{id}/response` or `/error`, or `/init/error`."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answers.put(Answer(self.path.rpartition("/")[2], json.loads(body)))
            self._send(202, b"{}")

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.send_header("Lambda-Runtime-Aws-Request-Id", "52fdfc07-2182-154f-163f-5f0f9a621d72")
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 30) * 1000)))
            arn = "arn:aws:lambda:eu-central-1:123456789012:function:orderdesk"
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", arn)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: only the function's output is read."""

    return Handler
