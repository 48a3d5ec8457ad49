"""The lease of a shard: one process at a time works on it, since two would only look at the same operations twice.

It is an item of the operations' table, and ends by itself if its process dies. Nothing depends on it: should two work
on one shard after all, each operation is still ended once, by the conditions of its own writes. The item also remembers
which stores did not answer, so that the next run begins with the others.
"""

import json
import time
import uuid
from collections.abc import Mapping
from typing import NamedTuple

from boto3.dynamodb.conditions import Attr

from orderdesk.operations import Shard
from orderdesk.tables import update, write

#: How many stores that do not answer are remembered.
_STORES_AT_MOST = 300
#: A shard that there is no longer is forgotten after a week.
_FORGOTTEN_SECONDS = 7 * 86_400


class Lease(NamedTuple):
    """A shard that this process may work on. `silent`: when a store was asked last and did not answer, as seconds since
    1970, by its handle."""

    key: str
    run: str
    silent: Mapping[str, float]


def take(shard: Shard, seconds: float) -> Lease | None:
    """The shard's lease for about so long, or None if another process has it. Raises botocore's errors."""
    key, run, moment = f"shard/{shard.index}/{shard.name}", str(uuid.uuid4()), int(time.time())
    # `run`: it may have been taken by a first try whose answer was lost.
    free = Attr("operation").not_exists() | Attr("until").lte(moment)
    put = {"run": run, "until": moment + int(seconds) + 1, "expires_at": moment + _FORGOTTEN_SECONDS}
    taken, item = write(update(key, put=put, when=free))
    if not taken and item.get("run") != run:
        return None
    return Lease(key, run, _read(item.get("silent")))


def give_back(lease: Lease, silent: Mapping[str, float]) -> None:
    """End the lease, unless another process has it by now, and remember which stores are silent. Raises botocore's
    errors."""
    kept = dict(sorted(silent.items(), key=lambda one: one[1], reverse=True)[:_STORES_AT_MOST])
    ended = update(lease.key, put={"until": 0, "silent": json.dumps(kept)}, when=Attr("run").eq(lease.run))
    write(ended, read=False)


def _read(kept: object) -> dict[str, float]:
    return dict(json.loads(kept)) if isinstance(kept, str) else {}
