"""What Gladly is sent for a timeline entry: an item of the customer's timeline, and a task if a person has to look.

The lengths are those of Gladly's published OpenAPI file, which does not say what a character is, so bytes are counted.
A body may be rich content, so what could be markup in it is escaped: it quotes Shopify, customers and agents.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from orderdesk.config import Settings
from orderdesk.errors import Misconfigured
from orderdesk.ids import CustomerId
from orderdesk.operations.model import iso

SOURCE = "Orderdesk"
_TITLE, _BODY, _TASK, _LINK = 100, 25_000, 10_000, 50
_CUT = "…"
#: "Under 50 characters."
_ID = 49
#: A task must be due in the future. An order that may be locked should not wait for the next day.
_DUE_IN = timedelta(hours=4)


def item(entry: Mapping[str, Any], admin_url: str) -> dict[str, Any]:
    """The item for an entry. `admin_url`: of the store's Shopify admin; "" if it is not known."""
    message, detail = str(entry.get("message") or ""), str(entry.get("detail") or "")
    title = _cut(message, _TITLE)
    # The same sentence is not said twice, and what the title has no room for is said.
    body = [message] if title != message else []
    body += [detail] if detail != message else []
    content = {
        "type": "CUSTOMER_ACTIVITY",
        "activityType": "ISSUE",
        "title": title,
        "body": _cut(" ".join(filter(None, body)) or message, _BODY, _escaped),
        "sourceName": SOURCE,
        "expandByDefault": True,
        "occurredAt": entry["at"],
    }
    link = _link(entry, admin_url)
    return {"id": _id("orderdesk", entry), "content": content | ({"link": link} if link else {})}


def task(entry: Mapping[str, Any], inbox: str) -> dict[str, Any]:
    """The task for an entry that needs a person, in the inbox with this id."""
    said = dict.fromkeys(str(entry.get(name) or "") for name in ("message", "detail"))
    return {
        "id": _id("orderdesk-task", entry),
        "assignee": {"inboxId": inbox},
        "body": _cut(" ".join(filter(None, said)), _TASK, _escaped),
        "dueAt": iso(datetime.now(UTC) + _DUE_IN),
    }


def _id(kind: str, entry: Mapping[str, Any]) -> str:
    """The id by which Gladly knows it again: one for each attempt, and another one for the task, since both are items
    to Gladly."""
    attempt = int(entry.get("attempt", 1))
    whole = f"{kind}-{entry['operation']}" + (f"-{attempt}" if attempt > 1 else "")
    if len(whole) <= _ID:
        return whole
    return f"{kind}-{hashlib.sha256(whole.encode()).hexdigest()}"[:_ID]


def _link(entry: Mapping[str, Any], admin_url: str) -> dict[str, str]:
    """To the order in Shopify's admin, or to the customer if it is about no order."""
    order, name, customer = (str(entry.get(key) or "") for key in ("order", "order_name", "customer"))
    whose = CustomerId(customer)
    if not order and whose.is_guest:
        order = whose.number
    if not (admin_url and (order or customer)):
        return {}
    if order:
        return {"url": f"{admin_url}/orders/{order}", "text": _cut(f"Open order {name}".strip(), _LINK)}
    return {"url": f"{admin_url}/customers/{customer}", "text": "Open customer"}


def _cut(text: str, room: int, written: Callable[[str], str] = str) -> str:
    """The text, each character as it is `written`, in so many bytes at most."""
    if _size(written(text)) <= room:
        return written(text)
    kept, room = [], room - _size(_CUT)
    for character in map(written, text):
        room -= _size(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + _CUT


def _size(text: str) -> int:
    return len(text.encode(errors="replace"))


def _escaped(text: str) -> str:
    """Text as rich content. Quotes stay as they are: they are markup only in a tag."""
    return escape(text, quote=False)


def admin_url(known: Settings) -> str:
    """The address of the store's Shopify admin; "" if the store is connected to no shop."""
    try:
        return known.admin_url
    except Misconfigured:
        return ""
