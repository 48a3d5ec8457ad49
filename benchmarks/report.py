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
    """A goal: what was measured, and the largest allowed value."""

    what: str
    found: float
    most: float
    unit: str = ""

    def row(self) -> Sequence[object]:
        """Its row in the table of goals."""
        reached = "yes" if self.found <= self.most else "**no**"
        return (self.what, f"{self.found:g}{self.unit}", f"{self.most:g}{self.unit}", reached)


def document(machine: str, sections: Iterable[tuple[str, list[Table]]], goals: list[Goal]) -> str:
    """The text of `docs/benchmarks.md`."""
    summary = Table("Goals", ("", "found", "at most", "reached"), [goal.row() for goal in goals])
    parts = [
        "# Benchmarks",
        "Written by `make bench`; each part runs by itself too (`python -m benchmarks start`). Figures are medians of "
        "one run on one machine and are only meaningful in comparison with each other.",
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
