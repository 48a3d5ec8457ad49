"""The fixtures of a deployment whose events are published."""

from collections.abc import Iterator

import pytest

from deliver_webhooks import action as delivering
from deliver_webhooks import resting
from publish_events import action as publishing
from tests.events.sources import Bus, Queue, Stream


@pytest.fixture
def stream(desk) -> Iterator[Stream]:
    """The stream of the desk's operations, with new clients of the functions that it calls."""
    for kept in (publishing.events, publishing.sqs, delivering.sqs):
        kept.cache_clear()
    resting.forget()
    yield Stream()
    resting.forget()
    for kept in (publishing.events, publishing.sqs, delivering.sqs):
        kept.cache_clear()


@pytest.fixture
def bus(stream) -> Bus:
    """What arrives on the bus."""
    return Bus(stream)


@pytest.fixture
def queue(stream) -> Queue:
    """The queue of webhooks."""
    return Queue()
