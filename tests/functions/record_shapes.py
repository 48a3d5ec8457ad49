"""Add the shape of today's records to `records/operations.json`: `python -m tests.functions.record_shapes`."""

import json
import os
import sys
from itertools import product

from local.examples import FUNCTIONS
from local.in_process import ENVIRONMENT, deployment
from tests.faults.acting import SUBMITS
from tests.functions import test_earlier_records as earlier


def main() -> None:
    """Make an operation of each action, and keep each that has a shape that is not kept yet."""
    os.environ.update(ENVIRONMENT)
    sys.path.insert(0, str(FUNCTIONS))
    kept = list(earlier.KEPT)
    for action, limited in product(SUBMITS, (False, True)):
        with deployment() as desk:
            desk.sandbox.mutations.job_seconds = 0
            item = desk.operation(earlier.lost(desk, action, limited=limited))
        if earlier.shape(item) not in map(earlier.shape, kept):
            kept.append(json.loads(json.dumps(item, sort_keys=True, default=int)))
    earlier.FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
