"""Whether a person sits at this screen."""

import os
import sys
import webbrowser


def show(url: str) -> None:
    """Open a page in the browser, if there is a terminal and a display."""
    screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if screen and sys.stdout.isatty():
        webbrowser.open(url)
