"""`sam build` of the layer, for each architecture that the template offers, from this machine."""

import pytest

from local.demo.deployment import Deployment
from tests.test_layer import ARCHITECTURES, check

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_it_is_built_for_the_chosen_architecture(tmp_path, architecture):
    deployment = Deployment()
    built = tmp_path / "built"
    try:
        deployment.sam(
            "build", "OrderdeskLayer", "--build-dir", str(built), "--cache-dir", str(tmp_path / "cache"),
            "--parameter-overrides", f"Architecture={architecture}",
        )  # fmt: skip
    finally:
        deployment.stop()
    layer = built / "OrderdeskLayer/python"
    assert (layer / "orderdesk/__pycache__/api.cpython-313.pyc").exists()
    done = check(layer, architecture)
    assert (done.returncode, done.stderr) == (0, "")
