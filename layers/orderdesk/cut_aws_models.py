"""`python cut_aws_models.py BOTOCORE_DATA FOLDER`: reduce botocore's descriptions of AWS to Orderdesk's calls.

botocore reads all 150 calls of SSM before the first call, and the endpoints of every service, which takes longer at a
start than the calls themselves. Keeps the calls listed here with their shapes, and the endpoints of these services in
every region, without descriptions, and without what would only cost time in each call: see `_LEFT_OUT`, `_READ` and
`_AS_THEY_ARE`. The layer's build runs this with the standard library only.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The calls that Orderdesk makes, by service, with the version of the service's API.
CALLS = {
    ("ssm", "2014-11-06"): ["GetParameters"],
    ("dynamodb", "2012-08-10"): ["GetItem", "PutItem", "Query", "Scan", "TransactWriteItems", "UpdateItem"],
    ("sqs", "2012-11-05"): ["ChangeMessageVisibilityBatch", "SendMessage", "SendMessageBatch"],
}


#: What Orderdesk reads of an answer that has more, by shape. botocore would make dates of texts that nobody reads.
_READ = {"GetParametersResult": ["Parameters"], "Parameter": ["Name", "Value"]}

#: Shapes that botocore passes on as they are, in both directions, as it does with every shape that is a `document`. It
#: would take a value such as `{"S": "text"}` apart and put it together again, and change only binary values in it,
#: which Orderdesk does not store.
_AS_THEY_ARE = {"AttributeValue": {"type": "structure", "members": {}, "document": True}}

#: Descriptions for people, and what finds the ARN of a table in a call, by which AWS could choose the call's endpoint.
#: Orderdesk names its tables.
_LEFT_OUT = frozenset({"documentation", "documentationUrl", "contextParam", "operationContextParams"})
#: Of these, a member of a shape may have the name, and is a description itself.
_NAMES = frozenset({"documentation", "documentationUrl"})


def write(data: Path, folder: Path) -> None:
    """Write the reduced descriptions into a folder that botocore accepts as its `data_path`.

    `data`: the folder `data` of an installed botocore.
    """
    for path, value in _files(data):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(_undescribed(value), separators=(",", ":")), "utf-8")


def _files(data: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for (service, version), calls in CALLS.items():
        path = f"{service}/{version}/service-2.json"
        yield path, _service(_read(data / path), calls)
    yield "endpoints.json", _endpoints(_read(data / "endpoints.json"))


def _read(path: Path) -> dict[str, Any]:
    packed = path.with_name(f"{path.name}.gz")
    text = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    return dict(json.loads(text))


def _service(model: dict[str, Any], calls: list[str]) -> dict[str, Any]:
    operations = {call: model["operations"][call] for call in calls}
    shapes: dict[str, Any] = {}
    for operation in operations.values():
        for place in (operation["input"], operation["output"], *operation["errors"]):
            _keep(place["shape"], model["shapes"], shapes)
    return {"version": model["version"], "metadata": model["metadata"], "operations": operations, "shapes": shapes}


def _keep(name: str, every: dict[str, Any], kept: dict[str, Any]) -> None:
    """Keep a shape, and the shapes that it consists of."""
    if name in kept:
        return
    shape = every[name]
    if name in _READ:
        shape = shape | {"members": {member: shape["members"][member] for member in _READ[name]}}
    shape = kept[name] = _AS_THEY_ARE.get(name, shape)
    members = [shape.get("member"), shape.get("key"), shape.get("value"), *shape.get("members", {}).values()]
    for member in filter(None, members):
        _keep(member["shape"], every, kept)


def _endpoints(every: dict[str, Any]) -> dict[str, Any]:
    wanted = {service for service, _ in CALLS}
    partitions = [
        partition | {"services": {s: where for s, where in partition["services"].items() if s in wanted}}
        for partition in every["partitions"]
    ]
    return every | {"partitions": partitions}


def _undescribed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _undescribed(v)
            for name, v in value.items()
            if name not in _LEFT_OUT or (name in _NAMES and isinstance(v, dict))
        }
    return [_undescribed(v) for v in value] if isinstance(value, list) else value


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
