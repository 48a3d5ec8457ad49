"""A message of the queue: find out what became of a shard's operations that have no end. Only reads Shopify."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderdesk import reconcile_queue
from orderdesk.logs import logger

from .action import TO_END, reconcile


class RunBroken(Exception):
    """The run did not come to its end; what it has written stays, and its message comes again."""


# `log_event`: Powertools' environment variable for it must not put events into the log.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """`{ended, waiting}`: how many were brought to an end, and how many have to wait for another look.

    Raises RunBroken if the run breaks: Lambda writes the text of what a function raises into the log, and the text
    of any other exception may quote what a person wrote.
    """
    try:
        message = reconcile_queue.read(event)
        logger.append_keys(shard=f"{message.shard.index}/{message.shard.name}")
        return reconcile(message, seconds=context.get_remaining_time_in_millis() / 1000 - TO_END)
    except Exception as error:
        logger.error("A run of the reconciler broke", exc_info=error)
    raise RunBroken("see the line before this one")
