"""What the helpdesk's own timeline has of a customer: the demo's stand-in for Gladly, over HTTP.

The desk plays the helpdesk, so a conversation's id is the customer's id there.
"""

import html
import re
from typing import Any

from requests.auth import HTTPBasicAuth

from orderdesk import sessions

from .stack import Stack

_TAGS = re.compile(r"<[^>]*>")


class Activities:
    """The stand-in of a demo."""

    def __init__(self, stack: Stack) -> None:
        self._url = f"{stack.gladly}/_gladly/customers"
        self.http = sessions.plain()
        self.http.auth = HTTPBasicAuth(stack.gladly_user, stack.gladly_token)
        self._known: set[str] = set()

    def know(self, customer: str) -> None:
        """Add the customer, as a helpdesk has each whose conversation is open."""
        if customer and customer not in self._known:
            self.http.put(self._url, json={"id": customer}, timeout=5).raise_for_status()
            self._known.add(customer)

    def of(self, customer: str) -> list[dict[str, Any]]:
        """What was written into the customer's timeline, oldest first: `id`, `at`, `source`, `title`, `text`, `link`,
        `kind` (`activity` or `task`) and, for a task, `due`."""
        answer = self.http.get(self._url, params={"id": customer}, timeout=5)
        answer.raise_for_status()
        return [_shown(item) for item in answer.json()["items"]]


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    content = item["content"]
    is_task = content["type"] == "TASK"
    return {
        "id": item["id"],
        "at": content.get("occurredAt") or item["timestamp"],
        "written": item["timestamp"],
        "kind": "task" if is_task else "activity",
        "source": content.get("sourceName") or "",
        "title": "" if is_task else content.get("title") or "",
        # The helpdesk parses it as rich content.
        "text": html.unescape(_TAGS.sub("", content.get("body") or "")),
        "link": content.get("link") or None,
        "due": content.get("dueAt") or "",
    }
