"""Locust users that act as agents. `benchmarks.load` starts them with a plan: the file that `ORDERDESK_LOAD` names.

Each reply becomes a row in the plan's `replies` file: the request, when the reply came (seconds since 1970), after how
many milliseconds, and what was wrong with it.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant_pacing, events, task
from locust.exception import StopUser

from benchmarks.jobs import Agent

_plan: dict[str, Any] = json.loads(Path(os.environ["ORDERDESK_LOAD"]).read_text("utf-8"))
_replies: list[tuple[str, float, float, str]] = []


class Seated(FastHttpUser):
    """An agent at a helpdesk that waits as long as it takes."""

    abstract = True
    host = _plan["base"]
    connection_timeout = network_timeout = 60

    def on_start(self) -> None:
        """Take an order that no other agent works on."""
        self.agent = Agent(self._send, _plan["customer"])
        self.order = _plan["orders"].pop()

    def _send(self, method: str, url: str, body: Any) -> tuple[int, dict[str, Any]]:
        name = _name(method, url)
        headers = {"Authorization": f"Bearer {_plan['token']}"}
        with self.client.request(
            method, url or "", name=name, json=body, headers=headers, catch_response=True
        ) as response:
            status, reply = response.status_code, _json(response)
            if wrong := _wrong(name, status, reply):
                response.failure(wrong)
        return status, reply


class Working(Seated):
    """Looks up a customer, changes an order's tags, reads the timeline, and starts again."""

    @task
    def work(self) -> None:
        """One round."""
        self.agent.profile()
        self.agent.submit("edit-order-tags", self.agent.form("edit-order-tags", self.order))
        self.agent.timeline()


class Looking(Seated):
    """Looks up customers."""

    @task
    def look(self) -> None:
        """One lookup."""
        self.agent.profile()


class Pressing(Seated):
    """Submits a form that is already open, and after a pause the next one."""

    fixed_count = _plan["pressing"]
    wait_time = constant_pacing(_plan["pause"])

    @task
    def press(self) -> None:
        """One submit, while there are forms."""
        if not _plan["forms"]:
            raise StopUser
        self.agent.submit("edit-order-tags", _plan["forms"].pop())


def _name(method: str, url: str) -> str:
    if url.startswith("/actions/"):
        return "form" if method == "GET" else "submit"
    return "timeline" if url.startswith("/timeline") else "lookup"


def _json(response: Any) -> dict[str, Any]:
    try:
        return dict(response.json())
    except (ValueError, TypeError):
        return {}


def _wrong(name: str, status: int, reply: dict[str, Any]) -> str:
    """What is wrong with a reply: an error, or a lookup that found no customer in time; empty if it is correct."""
    if status != 200:
        codes = [str(error.get("code")) for error in reply.get("errors") or []]
        return f"{status} {', '.join(codes)}".strip()
    return "nobody found" if name == "lookup" and not reply.get("results") else ""


@events.request.add_listener
def _keep(name: str, response_time: float, exception: Any, **_: Any) -> None:
    _replies.append((name, time.time(), response_time, str(exception or "")))


@events.spawning_complete.add_listener
def _all_are_there(**_: Any) -> None:
    Path(_plan["ready"]).touch()


@events.quitting.add_listener
def _write(**_: Any) -> None:
    Path(_plan["replies"]).write_text(json.dumps(_replies), "utf-8")
