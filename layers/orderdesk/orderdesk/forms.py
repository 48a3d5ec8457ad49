"""Forms as the helpdesk draws them: sections of type `input` with `select`, `checkbox` or `text`.

Other kinds of section are not known to be drawn, so amounts and other news are in the title or in a `hint`.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, NamedTuple


class Option(NamedTuple):
    """One choice of a select: what the agent reads, and what comes back."""

    text: str
    value: str


def _section(attr: str, label: str, shown: dict[str, Any], default: str | bool | None, hint: str) -> dict[str, Any]:
    section: dict[str, Any] = {"type": "input", "attr": attr, "label": label, "input": shown}
    if default is not None:
        section["defaultValue"] = default
    if hint:
        section["hint"] = hint
    return section


def select(
    attr: str,
    label: str,
    options: Iterable[Option],
    *,
    default: str | None = None,
    hint: str = "",
    placeholder: str = "",
) -> dict[str, Any]:
    """A list to choose from; without `default` the agent has to choose."""
    shown: dict[str, Any] = {
        "type": "select",
        "optional": False,
        "options": [{"text": o.text, "value": o.value} for o in options],
    }
    if placeholder:
        shown["placeholder"] = placeholder
    return _section(attr, label, shown, default, hint)


def checkbox(attr: str, label: str, text: str, *, default: bool, hint: str = "") -> dict[str, Any]:
    """A box with `text` next to it."""
    return _section(attr, label, {"type": "checkbox", "text": text, "optional": True}, default, hint)


def text(
    attr: str, label: str, *, default: str = "", hint: str = "", placeholder: str = "", optional: bool = False
) -> dict[str, Any]:
    """A box of one line."""
    shown = {"type": "text", "placeholder": placeholder, "optional": optional}
    return _section(attr, label, shown, default, hint)


def form(title: str, submit: str, action_url: str, *sections: dict[str, Any]) -> dict[str, Any]:
    """A whole form; `action_url` carries the operation that its submit will be."""
    return {
        "title": title,
        "submitButton": submit,
        "closeButton": "Close",
        "actionUrl": action_url,
        "sections": list(sections),
    }


def also(form: dict[str, Any], sentence: str) -> dict[str, Any]:
    """The form with a sentence more in the hint of its first field; unchanged if the sentence is empty."""
    if not sentence:
        return form
    first, *others = form["sections"]
    hint = f"{first['hint'].rstrip('.')}. {sentence}" if first.get("hint") else sentence
    return form | {"sections": [first | {"hint": hint}, *others]}


def as_sent_back(text: str) -> str:
    """A text as it is after it was in a box: of control characters only line breaks and tabs are text."""
    return "".join(c for c in text if c in "\n\r\t" or unicodedata.category(c) != "Cc")


# A text box has one line. Line breaks are shown as this sign, and the sign itself is told apart by backslashes
# before it, counted as a command line counts them before a quote: only those are ever touched.
LINE_BREAK = "⏎"
_BREAKS_AND_SIGNS = re.compile(rf"(\\*)(\r\n|\n|\r|{LINE_BREAK})")
_SIGNS = re.compile(rf"(\\*){LINE_BREAK}")


def one_line(text: str) -> str:
    """Text of many lines for a box of one; `many_lines` gives it back, `\\r\\n` as `\\n`."""

    def shown(match: re.Match[str]) -> str:
        slashes, sign = match.groups()
        return slashes * 2 + ("\\" if sign == LINE_BREAK else "") + LINE_BREAK

    return _BREAKS_AND_SIGNS.sub(shown, text)


def many_lines(text: str) -> str:
    """What `one_line` made, or what an agent made of it, as text with line breaks."""

    def meant(match: re.Match[str]) -> str:
        slashes = len(match.group(1))
        return "\\" * (slashes // 2) + (LINE_BREAK if slashes % 2 else "\n")

    return _SIGNS.sub(meant, text)
