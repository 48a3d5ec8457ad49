"""The session that this process's AWS clients are made in.

The layer's build writes `aws_models` next to this module: botocore's own descriptions (Apache License 2.0) of the calls
that Orderdesk makes. botocore looks there first, and uses its own for whatever is missing, also for all of it.
"""

from functools import cache
from pathlib import Path

import boto3
from botocore.session import get_session

#: What AWS's own records (CloudTrail) say who called. botocore would put its own together at each call.
USER_AGENT = "Orderdesk"

MODELS = Path(__file__).with_name("aws_models")


@cache
def session() -> boto3.Session:
    """The one session of this process; credentials and region come from its environment."""
    botocore = get_session()
    botocore.set_config_variable("data_path", str(MODELS))
    return boto3.Session(botocore_session=botocore)
