"""The log: one JSON object a line, with what happened and by which ids, never with what somebody wrote.

The text of an exception may quote a request, a reply of Shopify's or a parameter, so only its type and the places it
went through are kept. What libraries log below a warning is dropped, whatever the environment says: at DEBUG botocore
writes each request and each answer, with every secret that it reads from SSM.
"""

import logging
import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

_LEVELS = {"WARNING": logging.WARNING, "ERROR": logging.ERROR}


class _WithoutTexts(LambdaPowertoolsFormatter):
    """Powertools' lines, their stack traces without the exceptions' texts."""

    def serialize(self, log: Any) -> str:
        for text in ("exception", "exception_notes"):
            log.pop(text, None)
        if trace := log.get("stack_trace"):
            frames = [(f["file"].rpartition("/")[2], f["line"], f["function"]) for f in trace["frames"]]
            log["stack_trace"] = [f"{file}:{line} {function}" for file, line, function in frames]
        return super().serialize(log)


# AWS's runtime client gives the root logger the function's ApplicationLogLevel (AWS_LAMBDA_LOG_LEVEL), before it
# imports the function.
logging.getLogger().setLevel(logging.WARNING)

#: The function's own logger; other modules have children of it.
logger = Logger(service="orderdesk", logger_formatter=_WithoutTexts())

# Powertools takes the ApplicationLogLevel before the template's LogLevel, for this logger and for each child of it.
# All of them write through this handler.
logger.registered_handler.setLevel(_LEVELS.get(os.environ.get("POWERTOOLS_LOG_LEVEL", "").upper(), logging.INFO))
