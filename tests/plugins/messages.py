"""Compares what agents were told in this run with `docs/messages.md`, the page on which a support lead reviews it.

Every reply of a function and every timeline entry is noted, sentence by sentence. A sentence that is not on the page
fails the run. After a run of all tests, so does a sentence of the page that no test was told.
`--write-messages` writes the page, if the tests pass: from all tests, or it adds what some tests were told.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.handlers import BUILTIN_HANDLERS

from local.in_process import Desk
from tests.plugins.permissions import calling_function
from tests.plugins.selection import all_tests
from tests.sentences import page
from tests.sentences.said import Known, Said, of_entry, of_reply

PAGE = Path(__file__).parents[2] / "docs/messages.md"

#: These tests are told what earlier versions wrote.
_EARLIER_VERSIONS = "test_earlier_records.py"

#: What was said, with the first test that was told it: in tests that are the same in each run, and in tests whose
#: examples Hypothesis chooses. What only the latter were told must be on the page, but the page is not written from it.
noted: dict[Said, str] = {}
by_chance: dict[Said, str] = {}
_complaints: list[str] = []

_plain = TypeDeserializer().deserialize
_test: pytest.Item | None = None
_desk: Desk | None = None


def complaints(seen: dict[Said, str], chosen: dict[Said, str], text: str, *, whole: bool) -> list[str]:
    """What is wrong with the page's `text`, a line each. `whole`: all tests have run."""
    there = page.read(text)
    told = {line: test for said, test in seen.items() for line in page.lines_of(said)}
    lacking = {line: test for line, test in told.items() if not page.is_there(line, there)}
    # Chosen examples may bring sentences together that no other test does.
    anywhere = {text for line in there for text in (line.head, line.sentence)}
    by_example = {line: test for said, test in chosen.items() for line in page.lines_of(said)}
    lacking |= {line: test for line, test in by_example.items() if not {line.head, line.sentence} <= anywhere}
    found = [f"it lacks {_shown(line)}, which {test} was told" for line, test in sorted(lacking.items())]
    if whole:
        outdated = there - page.read(page.written(seen))
        found += [f"no test was told {_shown(line)}" for line in sorted(outdated)]
    return found


def _added(text: str) -> set[Said]:
    """What the page says, and what it lacks of what these tests were told."""
    there = page.read(text)
    new = {said for said in noted if not all(page.is_there(line, there) for line in page.lines_of(said))}
    return page.said_on(text) | new


def _shown(line: page.Line) -> str:
    return f"“{line.situation}: {' '.join(filter(None, (line.head, line.sentence)))}”"


def _note(found: Iterable[Said]) -> None:
    if _test is None or _test.path.name == _EARLIER_VERSIONS:
        return
    random = getattr(getattr(_test, "obj", None), "is_hypothesis_test", False)
    where = by_chance if random else noted
    for said in found:
        where.setdefault(said, _test.nodeid)


def _listening(send: Callable[..., Any]) -> Callable[..., Any]:
    def sent(desk: Desk, method: str, url: str, body: Any = None, **more: Any) -> Any:
        global _desk
        _desk = desk
        answer = send(desk, method, url, body, **more)
        _note(of_reply(method, urlsplit(url).path, answer.status, answer.body, Known(desk)))
        return answer

    return sent


Desk.send = _listening(Desk.send)  # type: ignore[method-assign]


def _note_entry(params: dict[str, Any], model: Any, **_: Any) -> None:
    puts = [write["Put"] for write in params.get("TransactItems", []) if "Put" in write]
    for put in puts:
        if put["TableName"] == "Timeline" and _desk:
            entry = {name: _plain(value) for name, value in put["Item"].items()}
            _note([of_entry(calling_function(), entry, Known(_desk))])


BUILTIN_HANDLERS.append(("before-parameter-build.dynamodb.TransactWriteItems", _note_entry))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--write-messages`."""
    parser.addoption(
        "--write-messages", action="store_true", help="write docs/messages.md from what the tests are told"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    """Remember which test is running."""
    global _test, _desk
    _test, _desk = item, None
    try:
        return (yield)
    finally:
        _test = None


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what another process of this run was told."""
    for mine, theirs in zip((noted, by_chance), getattr(node, "workeroutput", {}).get("messages", ()), strict=False):
        for *said, detail, test in theirs:
            mine.setdefault(Said(*said, tuple(detail)), test)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Compare with the page, or write it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["messages"] = [
            [[*said[:-1], list(said.detail), test] for said, test in each.items()] for each in (noted, by_chance)
        ]
        return
    passed = session.exitstatus == pytest.ExitCode.OK
    whole = all_tests(session.config) and passed
    if session.config.option.write_messages and passed:
        PAGE.write_text(page.written(noted if whole else _added(PAGE.read_text("utf-8"))), "utf-8")
    _complaints.extend(complaints(noted, by_chance, PAGE.read_text("utf-8"), whole=whole))
    if _complaints:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what is wrong, and what to do."""
    for complaint in _complaints:
        terminalreporter.write_line(f"docs/messages.md: {complaint}", red=True)
    if _complaints:
        terminalreporter.write_line(
            "Run `make messages`, or these tests with --write-messages, and read what changes on the page.", red=True
        )
