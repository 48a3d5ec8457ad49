"""The session that this process's AWS clients are made in.

`aws_models` holds botocore's own descriptions (Apache License 2.0) of the few calls that Orderdesk makes, cut out by
`python -m local.aws_models`. botocore looks there first; whatever it does not find there, it has itself.
"""

from functools import cache
from pathlib import Path

import boto3
from botocore.session import get_session

MODELS = Path(__file__).with_name("aws_models")


@cache
def session() -> boto3.Session:
    """The one session of this process; credentials and region come from its environment."""
    botocore = get_session()
    botocore.set_config_variable("data_path", str(MODELS))
    return boto3.Session(botocore_session=botocore)
