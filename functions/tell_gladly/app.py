"""Queue of late outcomes: write each into the customer's timeline in Gladly; what Gladly does not take comes again."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderdesk.logs import logger

from .action import tell_all

#: Seconds that are kept for the last calls: nothing new is begun when less is left.
_KEPT_BACK = 3


class RunBroken(Exception):
    """The batch did not come to its end; what was written stays, and all of its messages come again."""


# `log_event`: Powertools' environment variable for it must not put events into the log.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Lambda's partial batch response: `batchItemFailures` has the ids of the messages that stay in the queue.

    Raises RunBroken if the run breaks: Lambda writes the text of what a function raises into the log, and the text
    of any other exception may quote what a person wrote.
    """
    try:
        waiting = tell_all(event["Records"], seconds=context.get_remaining_time_in_millis() / 1000 - _KEPT_BACK)
        return {"batchItemFailures": [{"itemIdentifier": message} for message in waiting]}
    except Exception as error:
        logger.error("A batch of late outcomes broke", exc_info=error)
    raise RunBroken("see the line before this one")
