"""What an agent changed in an order's tags: in a box that shows them separated by commas, or by choosing a category.

Only that is changed. A tag that the form showed and that comes back as it was keeps its capitals, its blanks and its
length; a tag that others set meanwhile stays. Shopify keeps no two tags that differ in capitals alone, and removes a
tag only in the very capitals that it has.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orderdesk import forms, letters
from orderdesk.actions import TAG_CHARACTERS
from orderdesk.errors import BadInput

#: How many characters of tags the box shows: as many as 250 tags of 40 with their commas.
_BOX_CHARACTERS = 10_500


class Change(NamedTuple):
    """Tags to add as typed, and tags to remove as they are written now."""

    add: list[str]
    remove: list[str]


def in_the_box(tags: Iterable[str]) -> list[str]:
    """Those of an order's tags that a box can show and give back: not empty, without a comma, and not too many."""
    shown: list[str] = []
    room = _BOX_CHARACTERS
    for tag in tags:
        text = forms.one_line(tag)
        if "," not in tag and _bare(text) and len(text) + 2 <= room:
            shown.append(tag)
            room -= len(text) + 2
    return shown


def box(shown: Iterable[str]) -> str:
    """The text of the box."""
    return ", ".join(forms.one_line(tag) for tag in shown)


def of_the_box(shown: Sequence[str], text: str, current: Sequence[str]) -> Change:
    """What to change where `shown` were in the box and `text` came back; `current` are the tags as they are now.

    Raises BadInput for a new tag that is too long.
    """
    gone, typed = _read(shown, text)
    kept = [tag for tag in shown if tag not in gone]
    new = {fold(tag): tag for tag in reversed(typed) if fold(tag) not in map(fold, kept)}
    add = [tag for folded, tag in reversed(new.items()) if _is_wanted(folded, current, gone)]
    for tag in add:
        # One that is longer and there already was set in another way, and stays.
        if len(tag) > TAG_CHARACTERS:
            raise BadInput(
                f"A tag can have up to {TAG_CHARACTERS} characters. “{tag[:60]}” is longer.",
                attr="tags",
                code="too_long",
            )
    stay = {*map(fold, kept), *new}
    gone_in_any_capitals = set(map(fold, gone)) - stay
    others = [tag for tag in current if tag not in shown and fold(tag) in gone_in_any_capitals]
    return Change(add, [tag for tag in current if tag in gone or tag in others])


def _is_wanted(folded: str, current: Sequence[str], gone: Sequence[str]) -> bool:
    """Whether a typed tag must be added: it is not there, or only as the agent has just written it again."""
    return all(tag in gone for tag in current if fold(tag) == folded)


def _read(shown: Sequence[str], text: str) -> tuple[list[str], list[str]]:
    """Of the tags shown, those that did not come back; and what came that was not shown."""
    left, typed, unlike = list(shown), [], []
    for part in text.split(","):
        if (same := next((tag for tag in left if forms.one_line(tag).strip() == part.strip()), None)) is not None:
            left.remove(same)
        elif _bare(part):
            unlike.append(_bare(part))
    were = {_bare(forms.one_line(tag)) for tag in shown}
    # A helpdesk may bring back several blanks as one, and no control characters.
    for part in unlike:
        if (same := next((tag for tag in left if _bare(forms.one_line(tag)) == part), None)) is not None:
            left.remove(same)
        elif part not in were:
            typed.append(" ".join(forms.many_lines(part).split()))
    return left, [tag for tag in typed if tag]


def shown_category(categories: Iterable[str], tags: Iterable[str]) -> str | None:
    """The category that an order's tags name: the first, if there are several."""
    known = {fold(category): category for category in categories}
    return next((known[fold(tag)] for tag in tags if fold(tag) in known), None)


def of_the_category(
    categories: Sequence[str], shown: Sequence[str], chosen: str | None, current: Sequence[str]
) -> Change:
    """What to change where `shown` were the order's tags and this category, or none, was chosen."""
    if chosen == shown_category(categories, shown):
        return Change([], [])
    wanted = {fold(chosen)} if chosen else set()
    before = {fold(tag) for tag in shown} & {fold(category) for category in categories}
    is_there = bool(wanted & {fold(tag) for tag in current})
    return Change([chosen] if chosen and not is_there else [], [t for t in current if fold(t) in before - wanted])


def category_of(categories: Iterable[str], text: str) -> str | None:
    """The category that was chosen, or the one that differs in capitals and blanks alone; None if there is none."""
    alike = [category for category in categories if fold(_bare(category)) == fold(_bare(text))]
    return text if text in alike else next(iter(alike), None)


def fold(tag: str) -> str:
    """What two tags have in common that differ in capitals alone. Not more than that: `Maße` is not `Masse`."""
    return letters.small(tag)


def _bare(text: str) -> str:
    """A text without what may be lost on its way through a box: control characters, and how many blanks there are."""
    return " ".join(forms.as_sent_back(unicodedata.normalize("NFC", text)).split())
