"""Texts, docstrings, comments and documents are in plain English: none of them has a phrase that readers must learn
first."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.documents import ROOT

_CONDITION = "“where” is a place; a condition is “if” or “when”"
_MUST = "say “must”, or the plain verb"
_BE = "things don't stand; they are there"

#: A phrase to avoid (a regular expression, in any case of letters), and why.
AVOIDED = {
    r"(nothing|none|true|false|empty|error) where": _CONDITION,
    r"where (it|there|they|this|that|no|none|nothing|nobody|either|both|shopify|ssm|dynamodb) "
    r"(is|are|was|were|has|have|does|do|did|can|can't|cannot|may|says?|gives?|comes?)": _CONDITION,
    r"nothing if .+?[;,:] (else|otherwise)": "begin with what happens: “Raise X if …”",
    r"as it stands|as they stand": "say what is the case: “unchanged”, “exactly”",
    r"anew": "again",
    r"by way of": "by, or through",
    r"somebody": "someone, or better who it is: the agent, a caller, a person",
    r"beside": "next to, in addition to, or together with",
    r"whoever": "say who: the caller, an agent, a person",
    r"(is|are|was|were) to be": _MUST,
    r"(has|have) to be": _MUST,
    r"each its own": "its own … for each",
    r"at the most": "at most",
    r"ever more (rarely|often)": "less and less often, more and more often",
    r"all the same": "anyway, or still",
    r"in place of": "instead of",
    r"for good": "permanently, or forever",
    r"stands? (at|on|over|above|below|behind|there|between)|stands? in (the|a|an|its)": _BE,
    r"(that|which|what|it|they) (is|are) none": "say what it is not: “not a number”",
    r"(turn|turns|turned|turning) (\w+ ){0,3}away": "refuse",
    r"(take|takes|took|taken|taking) (\w+ ){0,3}on\b(?! (the|a|an|its|one|each)\b)": "accept",
    r"gets? in|let(s|ting)? in": "has access, or may call",
    r"bears?|knocks?": "has; calls",
    r"mends?|mended": "fix",
    r"dear(er|est)?": "expensive",
    r"commas? between|comma list": "comma-separated",
    r"no blanks|without blanks": "without spaces",
    r"e-mail": "email",
    r"settles?|settled|settling|settler(?!-stopped)": "a settlement is a payout: reconcile",
    r"came of it|come of it": "say what the result is",
    r"not at hand": "not available",
    r"hears? of": "is told, or is notified",
    r"there is not\b(?! (a|an|any|enough|one|the))": "“unknown”, or “does not exist”",
}

_PATTERNS = {re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE): why for phrase, why in AVOIDED.items()}

#: Files that must quote such a phrase: what earlier versions wrote.
QUOTES = ("tests/functions/test_late_outcomes.py",)

#: What others wrote, or what is written by a program.
_NOT_OURS = ("local/desk/page/vendor/", "docs/openapi.json", "tests/sandbox/record", "local/sandbox/admin-")


class Text(NamedTuple):
    """A text that a person reads: the line that it begins in, and its words on one line."""

    line: int
    words: str


def texts(path: Path) -> Iterator[Text]:
    """The texts of a file: in Python docstrings, comments and strings; in any other file all of it, by paragraph."""
    source = path.read_text("utf-8")
    if path.suffix != ".py":
        line = 1
        for paragraph in re.split(r"(\n\s*\n)", source):
            yield Text(line, _one_line(paragraph))
            line += paragraph.count("\n")
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield Text(node.lineno, _one_line(node.value))
    yield from _comments(source)


def _comments(source: str) -> Iterator[Text]:
    """Each block of comments as one text."""
    block: list[str] = []
    first = last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if block and token.start[0] != last + 1:
            yield Text(first, _one_line(" ".join(block)))
            block = []
        first = first if block else token.start[0]
        last = token.start[0]
        block.append(token.string.lstrip("#: "))
    if block:
        yield Text(first, _one_line(" ".join(block)))


def _one_line(text: str) -> str:
    """A text on one line, without the marks that begin the lines of a comment."""
    return re.sub(r"\s*\n\s*(?:#|//|\*(?=\s))?\s*", " ", text)


def found(text: str) -> list[str]:
    """The phrases to avoid in a text, each with the reason."""
    return [f"“{match[0].strip()}”: {why}" for pattern, why in _PATTERNS.items() if (match := pattern.search(text))]


def files() -> list[Path]:
    """Every file of the project that people read."""
    kinds = {".py", ".md", ".yaml", ".yml", ".toml", ".js", ".css", ".html", ".graphql", ".json"}
    skipped = {".git", ".aws-sam", "node_modules", "__pycache__"}
    every = (path for path in ROOT.rglob("*") if path.suffix in kinds or path.name == "Makefile")
    return sorted(
        path
        for path in every
        if not skipped & set(path.parts)
        and not any(part.startswith(".venv") for part in path.parts)
        and not str(path.relative_to(ROOT)).startswith(_NOT_OURS)
        and path != Path(__file__)
    )


#: How the name of a test does not begin: it says subject, condition and result, so the subject comes first.
_ARTICLES = re.compile(r"test_(a|an|the|it|its|what|whatever|who|whoever|where|nobody|somebody|there)_")


def name(path: Path) -> str:
    """The path as people write it."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("folder", sorted({path.relative_to(ROOT).parts[0] for path in files()}))
def test_texts_contain_no_phrase_to_avoid(folder):
    complaints = [
        f"{name(path)}:{text.line}: {complaint}"
        for path in files()
        if path.relative_to(ROOT).parts[0] == folder and not name(path).startswith(QUOTES)
        for text in texts(path)
        for complaint in found(text.words)
    ]
    assert not complaints, "Say it in plain English:\n" + "\n".join(complaints)


def test_names_of_tests_begin_with_their_subject():
    names = [
        f"{name(path)}: {node.name}"
        for path in files()
        if path.name.startswith("test_") and path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and _ARTICLES.match(node.name)
    ]
    assert not names, "Say subject, condition and result, without an article before the subject:\n" + "\n".join(names)


@pytest.mark.parametrize("exception", QUOTES)
def test_exception_is_still_needed(exception):
    matching = [path for path in files() if name(path).startswith(exception)]
    needed = [path for path in matching for text in texts(path) if found(text.words)]
    assert needed, f"{exception} is clean: take it out of QUOTES"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("True where the switch is on.", "“True where”"),
        ("Raises NotFound if there is no customer.", ""),
        ("Nothing if the action is on; else an error.", "“Nothing if the action is on; else”"),
        ("It is written\n    # anew.", "“anew”"),
        ("besides", ""),
        ("The form is to\n   be dismissed.", "“is to be”"),
        ("It takes place on the day.", ""),
    ],
)
def test_phrase_to_avoid_is_found(text, complaint):
    said = found(_one_line(text))
    assert [one.partition(": ")[0] for one in said] == ([complaint] if complaint else [])


def test_texts_of_python_are_its_docstrings_comments_and_strings(tmp_path):
    path = tmp_path / "module.py"
    path.write_text('"""A docstring."""\n\nname = "some text"\n# A comment\n# of two lines\nother = 1  # at the end\n')
    assert [text.words for text in texts(path)] == [
        "A docstring.", "some text", "A comment of two lines at the end",
    ]  # fmt: skip
