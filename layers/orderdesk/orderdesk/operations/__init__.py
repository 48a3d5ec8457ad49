"""The life of a submit: every submit is an operation, an item of its own, so that it is carried out at most once.

`model` has the states and what is stored, `create` opens one with its form, `claim` gives it to one process, `lock`
keeps others off the order, `operation` has the steps from there to its end, `outcome` what Shopify's record says,
`card` what is shown of it meanwhile, `run` the way of a submit, `shards` where an open one is found, `reconcile` what
the reconciler reads. `approval` has what waits for a second person, `decide` what they decide.
"""

from .create import create
from .decide import Decision, decline, waiting
from .model import (
    CREATED,
    FAILED,
    PENDING,
    REFUSED,
    SENT,
    SUCCEEDED,
    UNKNOWN,
    WAITING,
    Agent,
    Reply,
    Subject,
)
from .operation import Operation, restored
from .outcome import RUNNING, UNDER_WAY, Outcome
from .reconcile import Due, Shard, due, shards_with_due
from .run import run, run_approved

__all__ = [
    "CREATED", "FAILED", "PENDING", "REFUSED", "RUNNING", "SENT", "SUCCEEDED", "UNDER_WAY", "UNKNOWN",
    "WAITING", "Agent", "Decision", "Due", "Operation", "Outcome", "Reply", "Shard", "Subject",
    "create", "decline", "due", "restored", "run", "run_approved", "shards_with_due", "waiting",
]  # fmt: skip
