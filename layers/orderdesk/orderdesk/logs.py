"""The log: one JSON object a line, with what happened and by which ids, never with what somebody wrote.

The text of an exception may quote a request, a reply of Shopify's or a parameter, so only its type and the places it
went through are kept.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter


class _WithoutTexts(LambdaPowertoolsFormatter):
    """Powertools' lines, their stack traces without the exceptions' texts."""

    def serialize(self, log: Any) -> str:
        log.pop("exception", None)
        if trace := log.get("stack_trace"):
            frames = [(f["file"].rpartition("/")[2], f["line"], f["function"]) for f in trace["frames"]]
            log["stack_trace"] = [f"{file}:{line} {function}" for file, line, function in frames]
        return super().serialize(log)


#: The function's own logger; other modules have children of it.
logger = Logger(service="orderdesk", logger_formatter=_WithoutTexts())
