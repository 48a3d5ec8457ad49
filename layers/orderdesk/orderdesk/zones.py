"""Time zones by their IANA names, even if the machine has no list of them (Lambda's images did not always have one).

Imports on demand, since most calls need no time zone.
"""

from datetime import tzinfo


def zone(name: str | None) -> tzinfo | None:
    """The zone of this name (`America/New_York`), or None if there is none."""
    from zoneinfo import ZoneInfo

    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return _of_the_layer(name)


def _of_the_layer(name: str) -> tzinfo | None:
    """A zone from the list that comes with dateutil, which is in the layer."""
    from dateutil.zoneinfo import get_zonefile_instance

    found: tzinfo | None = get_zonefile_instance().get(name)
    return found
