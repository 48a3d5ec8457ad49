"""Run by the SAM CLI's Python: print template.yaml as SAM's translator turns it into CloudFormation, as JSON.

`sam_transform.py TEMPLATE NAME=VALUE…`: the translator inserts these parameters into the template, as AWS does.
"""

import json
import re
import sys
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform


class NoPolicies:
    """The account's managed policies. The template does not refer to any by a short name."""

    def load(self) -> dict[str, str]:
        """No policies."""
        return {}


text = Path(sys.argv[1]).read_text("utf-8")
packaged = re.sub(r"(CodeUri|ContentUri): .*", r"\1: s3://bucket/key", text)
given = dict(argument.split("=", 1) for argument in sys.argv[2:])
print(json.dumps(transform(yaml_parse(packaged), given, NoPolicies())))
