"""When a code ends: so many months from today, at the end of that day, by the clock of the shop."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta


class End(NamedTuple):
    """The last second of a day: as a moment (UTC), and in words for the agent."""

    moment: datetime
    words: str


def end_of(starts: datetime, months: int, zone_name: str | None) -> End:
    """The end of the day that is so many months after `starts` (aware), in a zone of the IANA's; UTC if there is none.

    One that has no such day (31 January and a month) is the last of its month.
    """
    zone, name = _zone(zone_name)
    day = starts.astimezone(zone).date() + relativedelta(months=months)
    # Not 23:59:59 of the day itself: where clocks go back at midnight, that comes twice.
    tomorrow = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    moment = tomorrow.astimezone(UTC) - timedelta(seconds=1)
    return End(moment, f"valid through the end of {day:%Y-%m-%d} ({name})")


def _zone(name: str | None) -> tuple[tzinfo, str]:
    try:
        return (ZoneInfo(name), name) if name else (UTC, "UTC")
    except (KeyError, ValueError, OSError):
        # Newer than the time zones that the layer brings.
        return UTC, "UTC"
