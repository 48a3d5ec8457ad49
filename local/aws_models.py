"""Cut botocore's descriptions of AWS down to the calls that Orderdesk makes: `python -m local.aws_models`.

botocore reads all 150 calls of SSM before it makes one of them, and the endpoints of every service; at a start that
takes longer than what the calls themselves take. Kept are the calls named here with every shape below them, the
endpoints of these services in every region, and no descriptions.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from orderdesk.aws import MODELS

#: By service, with the version of its API, the calls that Orderdesk makes.
CALLS = {
    ("ssm", "2014-11-06"): ["GetParameters"],
    ("dynamodb", "2012-08-10"): ["GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem"],
}


def files() -> Iterator[tuple[str, str]]:
    """Each file's path below MODELS and its text, made from the installed botocore."""
    full = Loader()
    for (service, version), calls in CALLS.items():
        name = f"{service}/{version}/service-2"
        yield f"{name}.json", _text(_service(full.load_data(name), calls))
    yield "endpoints.json", _text(_endpoints(full.load_data("endpoints")))


def _service(model: dict[str, Any], calls: list[str]) -> dict[str, Any]:
    operations = {call: model["operations"][call] for call in calls}
    shapes: dict[str, Any] = {}
    for operation in operations.values():
        for place in (operation["input"], operation["output"], *operation["errors"]):
            _keep(place["shape"], model["shapes"], shapes)
    return {"version": model["version"], "metadata": model["metadata"], "operations": operations, "shapes": shapes}


def _keep(name: str, every: dict[str, Any], kept: dict[str, Any]) -> None:
    """Keep a shape, and the shapes that it is made of."""
    if name in kept:
        return
    shape = kept[name] = every[name]
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


def _text(value: Any) -> str:
    return json.dumps(_undescribed(value), indent=1, sort_keys=True) + "\n"


def _undescribed(value: Any) -> Any:
    if isinstance(value, dict):
        described = {"documentation", "documentationUrl"}
        return {name: _undescribed(v) for name, v in value.items() if name not in described or isinstance(v, dict)}
    return [_undescribed(v) for v in value] if isinstance(value, list) else value


if __name__ == "__main__":
    shutil.rmtree(MODELS, ignore_errors=True)
    for path, text in files():
        file = Path(MODELS, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
