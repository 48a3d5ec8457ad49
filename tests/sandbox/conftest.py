"""A sandbox with a stopped clock, and short ways to ask it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.sandbox import Sandbox

NOON = datetime(2026, 10, 15, 12, tzinfo=UTC)


class Shop:
    """A seeded sandbox; `later` lets time pass, `data` asks and expects no error, `refused` returns the userErrors."""

    def __init__(self, **options: Any) -> None:
        self.now = NOON
        self.sandbox = Sandbox(now=lambda: self.now, **{"job_seconds": 0} | options)
        self.store = self.sandbox.store

    def later(self, **time: float) -> None:
        """Let time pass (`seconds=2`)."""
        self.now += timedelta(**time)

    def ask(self, query: str, version: str = "2026-10", **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        return self.sandbox.execute({"query": query, "variables": variables}, version=version)

    def data(self, query: str, version: str = "2026-10", **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.ask(query, version, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def done(self, mutation: str, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation with one field."""
        (payload,) = self.data(mutation, **variables).values()
        return payload

    def error(self, query: str, version: str = "2026-10", **variables: Any) -> dict[str, Any]:
        """The only top-level error of an answer."""
        (error,) = self.ask(query, version, **variables)["errors"]
        return error

    def id(self, order: str) -> str:
        """The gid of an order by its name."""
        return self.store.order(order).id


@pytest.fixture
def shop() -> Shop:
    """A seeded shop at noon."""
    return Shop()
