"""`sam build` of the layer on this machine, for each architecture of the template."""

import pytest

from local.demo.deployment import Deployment
from tests.layer.test_build import ARCHITECTURES, check
from tests.plugins.aws_models import DATA, cut

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]


def contents(folder):
    """Every file below a folder, by its path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def descriptions(folder):
    """The descriptions that the build must cut out of its botocore."""
    cut.write(DATA, folder)
    return contents(folder)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_layer_is_built_for_the_chosen_architecture(tmp_path, architecture):
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
    assert contents(layer / "orderdesk/aws_models") == descriptions(tmp_path / "descriptions")
    done = check(layer, architecture)
    assert (done.returncode, done.stderr) == (0, "")
