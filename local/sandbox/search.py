"""Shopify's search syntax: terms, fields, comparators, quotes, AND, OR, NOT, brackets.

    found = Search('tag:VIP created_at:>=2026-10-01 -status:cancelled', FIELDS, now)
    [o for o in orders if found.matches(o)]
    found.warnings      # unknown fields: ignored in the query, as Shopify does

Words without a field match any text of the document. A value without quotes ends at a space, so `phone:+45 4545 4545`
means a phone that starts with +45, and 4545 anywhere, which may be a stranger's. A value in quotes is a phrase and must
match completely. https://shopify.dev/docs/api/usage/search-syntax
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\)) |
        (?P<minus>-(?=\S))?
        (?:(?P<field>[A-Za-z0-9_.]+):\s*(?=\S))?
        (?P<compare>>=|<=|>|<)?\s*
        (?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)' | (?P<bare>(?:\\.|[^\s()"'\\])+) )
    )""",
    re.VERBOSE,
)

T = TypeVar("T")
Value = str | int | Decimal | datetime | None


@dataclass(frozen=True)
class Field(Generic[T]):
    """A search field: how a value is compared, and which value an object has."""

    kind: str
    of: Callable[[T], Iterable[Value]]


@dataclass(frozen=True)
class Term:
    """One search term."""

    field: str | None
    value: str
    compare: str = ""
    quoted: bool = False


@dataclass
class Search(Generic[T]):
    """A query for documents of one type; `fields` has the name of each field, "" for words without a field."""

    text: str | None
    fields: Mapping[str, Field[T]]
    now: datetime
    warnings: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tokens = list(self._read())
        self._test = self._any()

    def matches(self, one: T) -> bool:
        """True if an object is among the results."""
        return self._test(one)

    def _read(self) -> Iterable[Any]:
        text, place = self.text or "", 0
        while found := _TOKEN.match(text, place):
            place = found.end()
            yield from _tokens(found)

    def _any(self) -> Callable[[T], bool]:
        tests = [self._all()]
        while self._tokens and self._tokens[0] == "OR":
            self._tokens.pop(0)
            tests.append(self._all())
        return lambda one: any(test(one) for test in tests)

    def _all(self) -> Callable[[T], bool]:
        tests: list[Callable[[T], bool]] = []
        while self._tokens and self._tokens[0] not in ("OR", ")"):
            if self._tokens[0] == "AND":
                self._tokens.pop(0)
                continue
            if test := self._one():
                tests.append(test)
        return lambda one: all(test(one) for test in tests)

    def _one(self) -> Callable[[T], bool] | None:
        token = self._tokens.pop(0)
        if token == "NOT":
            inner = self._one() if self._tokens else None
            return (lambda one: not inner(one)) if inner else None
        if token == "(":
            group = self._any()
            if self._tokens:
                self._tokens.pop(0)
            return group
        return self._term(token)

    def _term(self, term: Term) -> Callable[[T], bool] | None:
        known = self.fields.get(term.field or "")
        if known is None:
            message = "Invalid search field for this query."
            self.warnings.append({"field": str(term.field), "message": message, "code": "invalid_field"})
            return None
        compared = COMPARED[known.kind]
        return lambda one: compared([v for v in known.of(one) if v is not None], term, self.now)


def _tokens(found: re.Match[str]) -> Iterable[Any]:
    if found["open"] or found["close"]:
        yield "(" if found["open"] else ")"
        return
    quoted = found["double"] if found["double"] is not None else found["single"]
    if quoted is None and not found["field"] and found["bare"] in ("AND", "OR", "NOT"):
        yield found["bare"]
        return
    if found["minus"]:
        yield "NOT"
    value = re.sub(r"\\(.)", r"\1", quoted if quoted is not None else found["bare"])
    yield Term(found["field"], value, found["compare"] or "", quoted is not None)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _text(values: list[Any], term: Term, _now: datetime) -> bool:
    """Words: each must occur, complete unless it ends with `*`. A phrase must be the complete value."""
    if term.value == "*" and not term.quoted:
        return bool(values)
    if term.quoted:
        return any(str(v).casefold() == term.value.casefold() for v in values)
    have = [word for v in values for word in _words(str(v))]
    if term.value.endswith("*"):
        *whole, start = _words(term.value) or [""]
        return all(w in have for w in whole) and any(h.startswith(start) for h in have)
    wanted = _words(term.value)
    return bool(wanted) and all(w in have for w in wanted)


def _anywhere(values: list[Any], term: Term, _now: datetime) -> bool:
    """Words without a field: the start of a word anywhere, or a part of a number such as a phone."""
    have = [word for v in values for word in _words(str(v))]
    return all(any(h.startswith(w) or (w.isdigit() and w in h) for h in have) for w in _words(term.value))


def _keyword(values: list[Any], term: Term, _now: datetime) -> bool:
    """The same value, case-insensitive; one of several separated by commas."""
    if term.value == "*" and not term.quoted:
        return bool(values)
    wanted = {part.strip().casefold() for part in term.value.split(",")}
    return any(str(v).casefold() in wanted for v in values)


def _not_keyword(values: list[Any], term: Term, now: datetime) -> bool:
    return not _keyword(values, term, now)


def _phone(values: list[Any], term: Term, _now: datetime) -> bool:
    """In quotes the same phone number, otherwise the start of one."""
    if term.value == "*" and not term.quoted:
        return bool(values)
    wanted = re.sub(r"\D", "", term.value)
    phones = [re.sub(r"\D", "", str(v)) for v in values]
    return any(p == wanted if term.quoted else bool(wanted) and p.startswith(wanted) for p in phones)


def _number(values: list[Any], term: Term, _now: datetime) -> bool:
    try:
        wanted = Decimal(term.value.rsplit("/", 1)[-1])
    except InvalidOperation:
        return False
    return any(_holds(Decimal(v), term.compare, wanted, wanted) for v in values)


def _time(values: list[Any], term: Term, now: datetime) -> bool:
    """A time, or a whole day, month or year; `a..b` includes both."""
    start, _, stop = term.value.partition("..")
    try:
        low, high = _span(start, now)
        if stop:
            return any(low <= v < _span(stop, now)[1] for v in values)
    except ValueError:
        return False
    return any(_holds(v, term.compare, low, high) for v in values)


def _span(text: str, now: datetime) -> tuple[datetime, datetime]:
    if text == "now":
        return now, now
    if re.fullmatch(r"\d{4}", text):
        return datetime(int(text), 1, 1, tzinfo=UTC), datetime(int(text) + 1, 1, 1, tzinfo=UTC)
    if re.fullmatch(r"\d{4}-\d\d", text):
        year, month = int(text[:4]), int(text[5:])
        return datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment + (timedelta(days=1) if len(text) == len("2026-10-01") else timedelta(seconds=1))


def _holds(value: Any, compare: str, low: Any, high: Any) -> bool:
    """A comparison with a period from `low` until `high`, or with a point in time if both are equal."""
    match compare:
        case ">":
            return bool(value > low if low == high else value >= high)
        case ">=":
            return bool(value >= low)
        case "<":
            return bool(value < low)
        case "<=":
            return bool(value <= high if low == high else value < high)
    return bool(value == low if low == high else low <= value < high)


COMPARED: dict[str, Callable[[list[Any], Term, datetime], bool]] = {
    "text": _text,
    "anywhere": _anywhere,
    "keyword": _keyword,
    "not": _not_keyword,
    "phone": _phone,
    "number": _number,
    "time": _time,
}
