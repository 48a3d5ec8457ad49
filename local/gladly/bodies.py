"""What Gladly takes as an item of a timeline and as a task: names, lengths and formats of its OpenAPI file."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

Error = dict[str, Any]

ACTIVITIES = ("EMAIL", "ISSUE", "SMS", "SURVEY")
#: "Must be URL safe and under 50 characters."
ID = re.compile(r"[A-Za-z0-9._~-]{1,49}\Z")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_TITLE, _BODY, _SOURCE, _LINK, _TASK = 100, 25_000, 50, 50, 10_000
_A_YEAR = timedelta(days=365)


def wrong_item(given: Mapping[str, Any], now: datetime) -> list[Error]:
    """What is wrong with an item: `attr`, `code`, `detail`; empty if nothing is."""
    content = given.get("content")
    if not isinstance(content, dict):
        return [_error("content", "blank", "content cannot be blank")]
    found = [*_wrong_id(given)]
    if content.get("type") != "CUSTOMER_ACTIVITY":
        found.append(_error("content.type", "invalid", "type must be CUSTOMER_ACTIVITY"))
    if content.get("activityType") not in ACTIVITIES:
        found.append(_error("content.activityType", "invalid", f"activityType must be one of {', '.join(ACTIVITIES)}"))
    link = content.get("link", {})
    if not isinstance(link, dict):
        return [*found, _error("content.link", "invalid", "link must be an object")]
    texts = {"title": _TITLE, "body": _BODY, "sourceName": _SOURCE}
    found += [e for name, most in texts.items() for e in _wrong_text(f"content.{name}", content.get(name, ""), most)]
    found += _wrong_text("content.link.text", link.get("text", ""), _LINK)
    if link and not (isinstance(link.get("url"), str) and link["url"].startswith(("https://", "http://"))):
        found.append(_error("content.link.url", "invalid", "url must be a URL"))
    if "expandByDefault" in content and not isinstance(content["expandByDefault"], bool):
        found.append(_error("content.expandByDefault", "invalid", "expandByDefault must be true or false"))
    if "occurredAt" in content:
        at = _moment(content["occurredAt"])
        if not at or not now - _A_YEAR <= at:
            found.append(_error("content.occurredAt", "invalid", "occurredAt must be RFC 3339, not older than a year"))
    return found


def wrong_task(given: Mapping[str, Any], now: datetime, inboxes: frozenset[str]) -> list[Error]:
    """What is wrong with a task; empty if nothing is."""
    found = [*_wrong_id(given), *_wrong_text("body", given.get("body", ""), _TASK)]
    if not given.get("body"):
        found.append(_error("body", "blank", "body cannot be blank"))
    assignee = given.get("assignee")
    if not isinstance(assignee, dict) or assignee.get("inboxId") not in inboxes:
        found.append(_error("assignee.inboxId", "invalid", "there is no such inbox"))
    due = _moment(given.get("dueAt"))
    if not due or due <= now:
        found.append(_error("dueAt", "invalid", "dueAt must be RFC 3339, in the future"))
    return found


def _wrong_id(given: Mapping[str, Any]) -> Iterator[Error]:
    if "id" in given and not (isinstance(given["id"], str) and ID.match(given["id"])):
        yield _error("id", "invalid", "id must be URL safe and under 50 characters")


def _wrong_text(attr: str, value: Any, most: int) -> Iterator[Error]:
    if not isinstance(value, str):
        yield _error(attr, "invalid", f"{attr} must be a text")
    elif len(value) > most:
        yield _error(attr, "too_long", f"{attr} cannot be larger than {most} characters")


def _moment(value: Any) -> datetime | None:
    if not (isinstance(value, str) and _RFC3339.match(value)):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _error(attr: str, code: str, detail: str) -> Error:
    return {"attr": attr, "code": code, "detail": detail}
