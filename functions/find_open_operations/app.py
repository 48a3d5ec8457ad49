"""Every minute: find the shards with open operations that are due, and queue each for `reconcile_operations`."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderdesk import metrics, operations, reconcile_queue
from orderdesk.logs import logger


class RunBroken(Exception):
    """The run did not come to its end; the next one finds the same shards."""


# `log_event`: Powertools' environment variable for it must not put events into the log.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """`{shards, due}`: how many shards were queued, and how many operations are due in them.

    Raises RunBroken if the run breaks: Lambda writes the text of what a function raises into the log, and the text of
    any other exception may have more in it than a log should.
    """
    try:
        found = operations.shards_with_due()
        # The fullest first: it takes longest.
        fullest = sorted(found, key=lambda shard: found[shard], reverse=True)
        reconcile_queue.send(reconcile_queue.Message(shard) for shard in fullest)
    except Exception as error:
        logger.error("A run to find open operations broke", exc_info=error)
        raise RunBroken("see the line before this one") from None
    metrics.record("ReconcilerRan")
    metrics.record("OpenDue", sum(found.values()))
    return {"shards": len(found), "due": sum(found.values())}
