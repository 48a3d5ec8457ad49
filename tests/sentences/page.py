"""docs/messages.md: every sentence that an agent can read, written from what the tests were told, and read back."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from orderdesk.actions import ACTIONS

from .placeholders import sentences
from .said import CARD, CONNECTING, ENTRY, FORM, NOT_OPENED, SITUATIONS, Said

SHARED = "More than one action"

HEAD = """# What agents read

Every sentence that an agent can read, for the support lead who reviews the wording. [agents.md](agents.md) says what to
do in which situation. The tests write this page (`make messages`), and fail if a sentence is missing or out of date.

- A **bold** line is the message. The sentences after it are the detail; in a list, those that fit the order are shown.
- What differs is in brackets: `[amount]` stands for any amount. `“…”` is what Shopify said, or what a person typed.
- The code in parentheses is for programs and for your admin ([api.md](api.md)). *The form stays* is HTTP status 400 or
  404, *the form closes* and *we can't tell yet* are 406, *something went wrong* is 500.
"""

#: What is not repeated on the page if a reply to a submit says the same.
_REPEATED = (NOT_OPENED, ENTRY)
_ITEM = re.compile(
    r"- (?P<head>\*\*.+?\*\*|Field `\w+`|Title:|Buttons:)(?: (?!\(`\w+`\)$)(?P<rest>.+?))?(?: \(`(?P<code>\w+)`\))?"
)


class Line(NamedTuple):
    """A sentence of the page, whatever action it is about. `sentence` is empty for the head alone."""

    situation: str
    head: str
    code: str
    sentence: str


def lines_of(said: Said) -> set[Line]:
    """The sentences of what was said, as the page has them."""
    return {Line(said.situation, said.head, said.code, one) for one in said.detail or ("",)}


def is_there(line: Line, page: set[Line]) -> bool:
    """Whether the page has a sentence, in its situation. What may be a repetition may be in another one."""
    return line in page or (line.situation in _REPEATED and any(_bare(line) == _bare(one) for one in page))


def written(noted: Iterable[Said]) -> str:
    """The page."""
    kept = _without_repeats(set(noted))
    subjects: defaultdict[Line, set[str]] = defaultdict(set)
    for said in kept:
        subjects[_shared_by(said)].add(said.subject)
    found: defaultdict[tuple[str, str], dict[tuple[str, str], set[tuple[str, ...]]]] = defaultdict(dict)
    for said in kept:
        about = subjects[_shared_by(said)]
        subject = SHARED if len(about) > 1 or SHARED in about else said.subject
        found[subject, said.situation].setdefault((said.head, said.code), set()).add(said.detail)
    return HEAD + "".join(_sections(found))


def read(page: str) -> set[Line]:
    """The sentences of a page."""
    lines = {line for said in said_on(page) for line in lines_of(said)}
    return lines | {line._replace(sentence="") for line in lines if line.head}


def said_on(page: str) -> set[Said]:
    """What a page says, each list in its order. The subject of what several actions say is `SHARED`."""
    found: list[Said] = []
    # What a list begins with is a detail of its own: a list is there because details differ.
    first: list[Said] = []
    subject = situation = ""
    for text in page.removeprefix(HEAD).splitlines():
        if text.startswith("## "):
            subject = situation = text.removeprefix("## ")
        elif text.startswith("### "):
            situation = text.removeprefix("### ")
        elif situation == CARD and text:
            found.append(Said(subject, situation, "", "", (text.removeprefix("- "),)))
        elif text.startswith("  - "):
            first += [] if found[-1].detail else [found[-1]._replace(detail=(text.removeprefix("  - "),))]
            found[-1] = found[-1]._replace(detail=(*found[-1].detail, text.removeprefix("  - ")))
        elif item := _ITEM.fullmatch(text):
            rest = item["rest"] or ""
            # What a form shows is not cut into sentences.
            detail = (rest,) if situation == FORM and rest else tuple(sentences(rest))
            found.append(Said(subject, situation, item["head"], item["code"] or "", detail))
    return {*found, *first}


def _bare(line: Line) -> tuple[str, str]:
    return line.head, line.sentence


def _without_repeats(noted: set[Said]) -> set[Said]:
    """What is noted. What is said when a form is opened, or on the timeline, moves to the submits that say the same."""
    places: defaultdict[str, dict[tuple[str, str], set[str]]] = defaultdict(dict)
    for said in noted:
        if said.situation not in _REPEATED:
            places[said.head].setdefault((said.situation, said.code), set()).update(said.detail)
    kept = set()
    for said in noted:
        there = places[said.head] if said.situation in _REPEATED else {}
        same = [place for place, told in there.items() if told.issuperset(said.detail)]
        kept |= {said._replace(situation=situation, code=code) for situation, code in same} if same else {said}
    return kept


def _shared_by(said: Said) -> Line:
    """What several actions have in common if it is in one place: a sentence of a form, or else the bold line."""
    return Line(said.situation, said.head, said.code, said.detail[0] if said.situation == FORM else "")


def _sections(
    found: Mapping[tuple[str, str], Mapping[tuple[str, str], set[tuple[str, ...]]]],
) -> Iterator[str]:
    for subject in (SHARED, *(action.title for action in ACTIONS), CARD, CONNECTING):
        if any(about == subject for about, _ in found):
            yield f"\n## {subject}\n\n"
        below = False
        for situation in (*SITUATIONS, CARD):
            if heads := found.get((subject, situation)):
                if situation != subject:
                    yield ("\n" if below else "") + f"### {situation}\n\n"
                below = True
                for head, code in sorted(heads, key=_rank):
                    yield from _item(head, code, heads[head, code])


def _rank(item: tuple[str, str]) -> tuple[int, tuple[str, str]]:
    """A form is read from its title to its buttons."""
    return {"Title:": 0, "Buttons:": 2}.get(item[0], 1), item


def _item(head: str, code: str, details: set[tuple[str, ...]]) -> Iterator[str]:
    """One head: with its detail in one line if that is always the same, or else with a list of its sentences."""
    coded = f" (`{code}`)" if code else ""
    if not head:
        yield from sorted(f"- {one}\n" for detail in details for one in detail)
    elif len(details) == 1:
        yield f"- {' '.join((head, *next(iter(details))))}{coded}\n"
    else:
        yield f"- {head}{coded}\n"
        yield from (f"  - {one}\n" for one in _in_order(details))


def _in_order(details: set[tuple[str, ...]]) -> list[str]:
    """The sentences, those first that are said first."""
    place: dict[str, int] = {}
    for detail in details:
        for number, one in enumerate(detail):
            place[one] = min(number, place.get(one, number))
    return sorted(place, key=lambda one: (place[one], one))
