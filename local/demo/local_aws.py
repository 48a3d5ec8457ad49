"""The local AWS, as a program of its own environment (`.venv-aws`), where this project's packages are not.

It enforces each function's role, as AWS does. For `ssm:GetParametersByPath` it takes any resource for `*`, which a
policy that names its parameters can never allow; AWS asks for the path, and so does this.
"""

import json
from typing import Any

from ministack.app import main
from ministack.core import iam_actions

_resource_arn = iam_actions.extract_resource_arn


def _with_path(
    service: str, method: str, path: str, headers: Any, body: Any, query: Any, region: str, account: str
) -> str:
    resource = _resource_arn(service, method, path, headers, body, query, region, account)
    if service == "ssm" and resource == "*":
        asked = json.loads(body or b"{}")
        if isinstance(asked, dict) and "Path" in asked:
            return f"arn:aws:ssm:{region}:{account}:parameter{asked['Path']}"
    return str(resource)


iam_actions.extract_resource_arn = _with_path

if __name__ == "__main__":
    main()
