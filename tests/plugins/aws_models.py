"""The tests' AWS clients only know the calls that the layer's build keeps.

A call that is not in `layers/orderdesk/cut_aws_models.py` fails here, and not only in Lambda.
"""

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType

import botocore
import pytest

from orderdesk import aws

DATA = Path(botocore.__file__).with_name("data")


def _builds_own() -> ModuleType:
    """The program of the layer's build, which is not in a package."""
    spec = spec_from_file_location("cut_aws_models", Path(__file__).parents[2] / "layers/orderdesk/cut_aws_models.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cut = _builds_own()


def pytest_configure() -> None:
    """Create the descriptions as the build does."""
    aws.MODELS = Path(mkdtemp(prefix="orderdesk-aws-models-"))
    cut.write(DATA, aws.MODELS)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove them."""
    shutil.rmtree(aws.MODELS, ignore_errors=True)
