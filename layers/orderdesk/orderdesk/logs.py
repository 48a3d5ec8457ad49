"""The log: one JSON object per line, with what happened and the ids involved, but never with a person's texts.

The text of an exception may quote a request, a reply from Shopify or a parameter, so only its type and stack are
logged. Libraries log warnings and errors only, whatever the environment says: at DEBUG, botocore logs each request and
answer, including every secret that it reads from SSM.
"""

import logging
import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

_LEVELS = {"WARNING": logging.WARNING, "ERROR": logging.ERROR}


class _WithoutTexts(LambdaPowertoolsFormatter):
    """Powertools' formatter, with stack traces but without the texts of exceptions."""

    def serialize(self, log: Any) -> str:
        for text in ("exception", "exception_notes"):
            log.pop(text, None)
        if trace := log.get("stack_trace"):
            frames = [(f["file"].rpartition("/")[2], f["line"], f["function"]) for f in trace["frames"]]
            log["stack_trace"] = [f"{file}:{line} {function}" for file, line, function in frames]
        return super().serialize(log)


# AWS's runtime client sets the root logger to the function's ApplicationLogLevel (AWS_LAMBDA_LOG_LEVEL) before it
# imports the function.
logging.getLogger().setLevel(logging.WARNING)

#: The function's own logger. Loggers of other modules are its children.
logger = Logger(service="orderdesk", logger_formatter=_WithoutTexts())

# Powertools prefers the ApplicationLogLevel to the template's LogLevel, for this logger and its children. All of them
# write through this handler.
logger.registered_handler.setLevel(_LEVELS.get(os.environ.get("POWERTOOLS_LOG_LEVEL", "").upper(), logging.INFO))
