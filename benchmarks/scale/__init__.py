"""Ten thousand agents on one deployment: a simulation that anyone can run in about a minute.

`python -m benchmarks scale` plays it. `measured` is what each job reads, writes and sends; `quotas` what AWS and
Shopify allow; `scenarios` what happens; `limits` and `cost` are computed from the same figures. `document` writes the
tables of docs/scale.md.
"""

from ..report import Goal, Table
from . import cost, limits, results
from .designs import after


def measure() -> tuple[list[Table], list[Goal]]:
    """Play the scenarios, keep the results, and give tables and goals."""
    found = results.write()
    design = after()
    tables = [
        results.table(found),
        Table("Every limit", limits.HEAD, list(limits.rows(design))),
        Table("Cost", cost.head(), list(cost.rows(design))),
    ]
    return tables, results.goals(found)
