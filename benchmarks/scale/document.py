"""The generated parts of docs/scale.md: `python -m benchmarks.scale.document` writes them, and a test compares them."""

from local.documents import ROOT, Part

from ..report import Table
from . import cost, limits, results
from .designs import after


def _rows(table: Table) -> str:
    """A table without its title and introduction."""
    return Table("", table.head, table.rows).markdown().partition("\n\n")[2]


def every_limit() -> str:
    """The table of limits."""
    return _rows(Table("", limits.HEAD, list(limits.rows(after()))))


def bill() -> str:
    """The table of cost."""
    return _rows(Table("", cost.head(), list(cost.rows(after()))))


def figures() -> str:
    """Before and after."""
    return _rows(results.table(results.kept()))


PARTS = (
    Part("docs/scale.md", "every limit", every_limit),
    Part("docs/scale.md", "cost", bill),
    Part("docs/scale.md", "before and after", figures),
)


def main() -> None:
    """Write every part into its page."""
    for part in PARTS:
        page = ROOT / part.page
        page.write_text(part.into(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
