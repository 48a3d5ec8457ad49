"""Queue of webhooks: send each event, signed, to its store's receiver; what is not accepted comes again, for a day."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderdesk.logs import logger

from .action import deliver_all


# `log_event`: Powertools' environment variable for it must not put events into the log.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Lambda's partial batch response: `batchItemFailures` has the ids of the messages that stay in the queue."""
    waiting = deliver_all(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": message} for message in waiting]}
