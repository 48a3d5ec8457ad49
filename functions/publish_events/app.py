"""DynamoDB stream of the operations' table: publish what became of each operation, and what a person waits for."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderdesk.logs import logger

from .action import publish_all

#: Seconds that are kept for the last calls: nothing new is begun when less is left.
_KEPT_BACK = 8


# `log_event`: Powertools' environment variable for it must not put events into the log.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Lambda's partial batch response: `batchItemFailures` has the sequence number of the first record that was not
    published, from which on Lambda gives all of them again. It is empty if all were."""
    seconds = context.get_remaining_time_in_millis() / 1000 - _KEPT_BACK
    failed = publish_all(event["Records"], seconds)
    return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}
