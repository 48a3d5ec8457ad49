"""Time zones by their IANA names, also where the machine has no list of them, as Lambda's images have not always had.

Imports what it needs when it is asked, since most calls ask for no zone.
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
    """A zone of the list that comes with dateutil, which the layer brings."""
    from dateutil.zoneinfo import get_zonefile_instance

    found: tzinfo | None = get_zonefile_instance().get(name)
    return found
