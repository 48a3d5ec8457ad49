"""What a part of the benchmark measured, and how it is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).parents[1] / "docs/benchmarks.md"


@dataclass
class Table:
    """A table of `docs/benchmarks.md`: the text above it, its rows, and the notes below."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[object]] = field(default_factory=list)
    intro: str = ""
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """The table as Markdown. Numbers are right-aligned."""
        numeric = [all(_is_number(row[column]) for row in self.rows) for column in range(len(self.head))]
        lines = [f"### {self.title}", "", *([self.intro, ""] if self.intro else [])]
        lines += [_row(self.head), _row("---:" if right else "---" for right in numeric)]
        lines += [_row(row) for row in self.rows]
        if self.notes:
            lines += ["", *(f"- {note}" for note in self.notes)]
        return "\n".join(lines)


@dataclass
class Goal:
    """A goal: what was measured, and the largest allowed value. `spread`: of a median, the quartiles, and between which
    values it surely is. `is_clear`: another run would find the same."""

    what: str
    found: float
    most: float
    unit: str = ""
    spread: str = ""
    is_clear: bool = True

    @property
    def reached(self) -> bool:
        """True if it was reached."""
        return self.found <= self.most

    def row(self) -> Sequence[object]:
        """Its row in the table of goals."""
        reached = ("yes" if self.reached else "**no**") + ("" if self.is_clear else ", narrowly")
        return (self.what, f"{self.found:g}{self.unit}", self.spread or "–", f"{self.most:g}{self.unit}", reached)


def document(machine: str, sections: Iterable[tuple[str, list[Table]]], goals: list[Goal]) -> str:
    """The text of `docs/benchmarks.md`."""
    summary = Table("Goals", ("", "found", "quartiles", "at most", "reached"), [goal.row() for goal in goals])
    parts = [
        "# Benchmarks",
        "Written by `make bench`; each part runs by itself too (`python -m benchmarks start`). Times are those of one "
        "run on one machine. Ratios are taken from runs in turns (ours, theirs, ours, theirs, …) within each turn, and "
        "their median counts, so they are about the same on any machine. Turns are added until the median is surely on "
        "one side of its goal; if that can't be said after all of them, “narrowly” says so.",
        f"The machine: {machine}",
        summary.markdown(),
    ]
    for name, tables in sections:
        parts += [f"## {name}", *(table.markdown() for table in tables)]
    return "\n\n".join(parts) + "\n"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value[:1].isdigit())


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"
