"""The types of Shopify's nodes: as the documents are, and a misspelt field is seen."""

import re
import subprocess
import sys

import pytest

from local.nodes import LAYER, ROOT, stubs

FOLDERS = ("functions", "layers/orderdesk/orderdesk")


def name(path):
    return str(path.relative_to(ROOT))


def files(pattern):
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob(pattern))


@pytest.fixture(scope="module")
def made():
    return stubs()


@pytest.mark.parametrize("path", files("nodes.pyi"), ids=name)
def test_the_types_are_as_the_documents_are(path, made):
    assert path.read_text("utf-8") == made.get(path), "run python -m local.nodes"


def test_every_folder_of_documents_has_its_types(made):
    assert made.keys() == set(files("nodes.pyi")), "run python -m local.nodes"


def test_mypy_sees_a_misspelt_field(tmp_path, made):
    """In `[…]`; and in `.get`, where mypy by itself takes it for a field of another class."""
    (tmp_path / "shop.pyi").write_text(made[LAYER / "shopify/nodes.pyi"])
    (tmp_path / "reads.py").write_text(
        "from shop import OrderCard\n\n"
        "def right(order: OrderCard) -> object:\n"
        "    return order['note'], order.get('note'), (order.get('billingAddress') or {}).get('zip')\n\n"
        "def wrong(order: OrderCard) -> object:\n"
        "    first = order['notes']\n"
        "    second = order.get('notes')\n"
        "    return first, second, (order.get('billingAddress') or {}).get('zap')\n"
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "reads.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    wrong = re.findall(r'^reads.py:(\d+): error: TypedDict "\w+" has no key "(\w+)"', said, re.MULTILINE)
    assert wrong == [("7", "notes"), ("8", "notes"), ("9", "zap")], said
    assert said.count(" error: ") == len(wrong), said
