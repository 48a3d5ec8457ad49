"""Every minute: find out what became of operations that were sent and have no end. Only reads Shopify."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from orderdesk.logs import logger

from .action import settle_all


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """`{settled, waiting}`: how many were brought to an end, and how many have to wait for another look."""
    return settle_all(seconds=context.get_remaining_time_in_millis() / 1000 - 8)
