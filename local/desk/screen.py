"""Whether somebody sits before a screen."""

import os
import sys
import webbrowser


def show(url: str) -> None:
    """Open a page in the browser, where there is a terminal with a display beside it."""
    screen = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if screen and sys.stdout.isatty():
        webbrowser.open(url)
