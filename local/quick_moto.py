"""moto without the work that it does again at each call; what it answers is the same.

A third of the time of most tests went into two things: looking up each attribute of each item under the dozen names by
which moto may keep it, and reading the same expressions again. DynamoDB's part of moto keeps items in DynamoDB's words.
"""

from functools import cache
from typing import Any

from moto.core import responses, serialize
from moto.dynamodb.parsing.expressions import UpdateExpressionParser

#: What an attribute holds that is written to JSON as it is kept. Bytes are not, nor what may hold bytes.
_PLAIN = frozenset({"S", "N", "BOOL", "NULL", "SS", "NS"})


class DynamoDBSerializer(serialize.JSONSerializer):
    """Writes a plain attribute of an item as it is kept."""

    def _serialize_type_structure(self, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and isinstance(value, dict) and value.keys() <= _PLAIN:
            serialized[self.get_serialized_name(shape, key)] = value
        else:
            super()._serialize_type_structure(serialized, value, shape, key)


def quicken() -> None:
    """Let moto work so in this process."""
    serialize.SERVICE_SPECIFIC_SERIALIZERS["dynamodb"] = {"json": DynamoDBSerializer}
    # What these two make is read, or copied before it is changed.
    responses.method_names_from_class = cache(responses.method_names_from_class)
    UpdateExpressionParser.make = cache(UpdateExpressionParser.make)
