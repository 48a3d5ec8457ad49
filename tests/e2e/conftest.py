"""The stack as an admin installs it by docs/install.md: built, deployed, and given a store; once for the whole run."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from local.demo.deployment import CLIENT_ID, STACK, Deployment
from local.demo.processes import StepFailedError
from orderdesk.signature import Request, sign
from tests.documents import commands, parameter

#: Packages that `make test` does not need and `make e2e` installs.
collect_ignore = [] if find_spec("schemathesis") else ["test_fuzz.py"]

#: The store is `main` in docs/install.md; here it is the sandbox's.
STORE = "main"


class Installed:
    """A stack, installed step by step, and a helpdesk in front of it."""

    def __init__(self) -> None:
        self.deployment = Deployment()
        self.steps: list[tuple[str, float]] = []
        self.printed = ""

    def install(self) -> None:
        """Run every step of docs/install.md, and measure the time."""
        self.deployment.start_servers()
        self._step("sam build", self.deployment.build)
        self._step("sam deploy", self._deploy)
        for section in ("install", "switches"):
            for command in commands(section):
                call = parameter(command, **self._variables())
                self._step(f"aws ssm put-parameter {call['Name']}", lambda call=call: self._put(call))
        self.base = self.deployment.base_url().replace("/stores/demo", f"/stores/{STORE}")

    def _step(self, name: str, do: Any) -> None:
        began = time.monotonic()
        do()
        self.steps.append((name, time.monotonic() - began))

    def _deploy(self) -> None:
        answers = {"AlarmEmail": "oncall@example.com", "LookupConcurrency": "20", "ActionConcurrency": "5"}
        self.printed = self.deployment.deploy(**answers)

    def _variables(self) -> dict[str, str]:
        secrets = self.deployment.secrets
        return {
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": secrets["client_secret"],
            "SIGNING_KEY": secrets["signing_key"],
            "BEARER_TOKEN": secrets["bearer_token"],
        }

    def _put(self, call: dict[str, Any]) -> None:
        here = {"Name": call["Name"].replace("/orderdesk/prod/", "/orderdesk/local/")}
        if call["Name"].endswith("/shopify/domain"):
            here["Value"] = self.deployment.shopify
        self.deployment.client("ssm").put_parameter(**(call | here))

    def send(self, method: str, url: str, body: Any = None, *, signed: bool = True) -> requests.Response:
        """Send a request, signed as Gladly does, or with a bearer token."""
        content = b"" if body is None else json.dumps(body).encode()
        agent = {"x-agent-id": "7", "x-conversation-id": "4711"}
        headers = self._signature(method, url, content, agent) if signed else self.bearer() | agent
        return requests.request(method, self.base + url, data=content, headers=headers, timeout=60)

    def bearer(self) -> dict[str, str]:
        """The bearer token as a header."""
        return {"Authorization": f"Bearer {self.deployment.secrets['bearer_token']}"}

    def _signature(self, method: str, url: str, content: bytes, agent: dict[str, str]) -> dict[str, str]:
        parts = urlsplit(self.base + url)
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        headers = {"gladly-time": now, "content-type": "application/json"} | agent
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(method, (parts.path,), pairs, headers, content)
        return headers | {"gladly-authorization": sign(request, self.deployment.secrets["signing_key"], headers)}

    def faults(self, *faults: dict[str, Any]) -> None:
        """Replace the faults of the sandbox Shopify."""
        headers = {"X-Shopify-Access-Token": self.deployment.secrets["token"]}
        url = f"{self.deployment.shopify}/_sandbox/faults"
        answer = requests.put(url, json={"faults": list(faults)}, headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text

    def logged(self) -> dict[str, list[str]]:
        """Every line in the functions' log, by the function that our lines name; each stream belongs to one function.

        Lines without a function have the logical name of the template: `LookupFunction`.
        """
        logs, group = self.deployment.client("logs"), f"/aws/lambda/{STACK}"
        pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group)
        streams = [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
        found: dict[str, list[str]] = {}
        for lines in filter(None, (_lines(logs, group, stream) for stream in streams)):
            names = {json.loads(line)["function_name"] for line in lines if line.startswith("{")}
            if not names:
                # A function that has found nothing to do.
                assert all(line.startswith(LAMBDAS_OWN) for line in lines), lines
                continue
            [name] = names
            found.setdefault(name.split("-")[1], []).extend(lines)
        return found


#: How Lambda's own lines start.
LAMBDAS_OWN = ("START ", "END ", "REPORT ", "INIT_")


def _lines(logs: Any, group: str, stream: str) -> list[str]:
    """The whole of a log stream. The local AWS gives 10,000 events of a group, and no token for the rest."""
    lines: list[str] = []
    asked: dict[str, str] = {}
    while True:
        answer = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **asked)
        lines += [event["message"] for event in answer["events"]]
        if answer["nextForwardToken"] == asked.get("nextToken"):
            return lines
        asked = {"nextToken": answer["nextForwardToken"]}


@pytest.fixture(scope="session")
def stack() -> Iterator[Installed]:
    """The installed stack."""
    installed = Installed()
    try:
        installed.install()
        yield installed
    except StepFailedError as failure:
        pytest.fail(f"{failure}\n{failure.output[-3000:]}")
    finally:
        installed.deployment.stop()
