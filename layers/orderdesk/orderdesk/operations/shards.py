"""In which shard of the index of open operations an operation is, so that no partition of the index takes all writes.

A partition of DynamoDB takes 1,000 writes a second. A submit writes the index twice: its claim adds the operation, its
end removes it. So a shard takes 500 submits a second, a store `SPREAD` times as many, and all stores together
`OPERATION_SHARDS` times as many.

A record keeps the shard that it was written with, and the reader asks the index which shards there are (`reconcile`).
So the number of shards may change at any time, up or down.
"""

import hashlib
import os

#: The sparse index, and the attribute that is its key. It contains keys and the store alone, so a change of anything
#: else of an operation does not write it.
INDEX, ATTRIBUTE = "open_by_shard", "shard"

#: In how many neighbouring shards a store's operations are. One store may be as large as all the others together.
SPREAD = 4


def shard_of(store: str, operation: str) -> str:
    """The shard of a store's operation (its id): a number as text. The same for the same number of shards."""
    number = int(os.environ["OPERATION_SHARDS"])
    # Of three shards, the fourth neighbour would be the first one again.
    return str((_hash(store) + _hash(operation) % min(SPREAD, number)) % number)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
