"""Time zones are found by name, whether or not the machine has its own list."""

import zoneinfo
from datetime import UTC, datetime

import pytest

from orderdesk.zones import zone

SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["the machine's list", "no list of the machine's"])
def _lists(request, monkeypatch):
    """A machine with time zones, and one without: neither files nor the package `tzdata`."""
    if request.param != "the machine's list":
        monkeypatch.setattr(zoneinfo, "ZoneInfo", _nothing_known)


def _nothing_known(name):
    raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {name}")


@pytest.mark.usefixtures("_lists")
@pytest.mark.parametrize(
    ("name", "hour"), [("America/New_York", 8), ("Europe/Berlin", 14), ("Asia/Kolkata", 17), ("Etc/UTC", 12)]
)
def test_zone_is_found_by_name(name, hour):
    assert SUMMER.astimezone(zone(name)).hour == hour


@pytest.mark.usefixtures("_lists")
@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "x\0y"])
def test_unknown_zone_is_none(name):
    assert zone(name) is None
