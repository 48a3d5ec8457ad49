"""The types of Shopify's nodes: they match the documents, are used wherever a document is read, and reveal misspelt
fields."""

import ast
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
def test_types_match_the_documents(path, made):
    assert path.read_text("utf-8") == made.get(path), "run python -m local.nodes"


def test_every_folder_of_documents_has_its_types(made):
    assert made.keys() == set(files("nodes.pyi")), "run python -m local.nodes"


def read(tree):
    """Each document that a module reads: its name, and the annotation of the statement."""
    annotated = {
        call: ast.unparse(statement.annotation)
        for statement in ast.walk(tree)
        if isinstance(statement, ast.AnnAssign) and statement.value
        for call in ast.walk(statement.value)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "document":
            yield call.args[1].value, annotated.get(call, "")


READ = {
    module.with_name(f"{document}.graphql"): annotation
    for module in files("*.py")
    for document, annotation in read(ast.parse(module.read_text("utf-8")))
}


@pytest.mark.parametrize("path", READ, ids=name)
def test_document_is_read_into_its_own_class(path):
    operation = re.search(r"(?:query|mutation) (\w+)", path.read_text("utf-8"))[1]
    classes = re.findall(r"\w+", READ[path])
    assert any(one.startswith(operation) for one in classes), f"{name(path)} is read into {READ[path] or 'no type'}"


def test_document_without_a_type_is_found():
    module = 'a: nodes.A = read(document(__file__, "a"))\nb = read(document(__file__, "b"))\nc: Document[nodes.C] = d\n'
    assert list(read(ast.parse(module))) == [("a", "nodes.A"), ("b", "")]


def test_every_document_is_read():
    assert {path for path in files("*.graphql") if path.parent.name != "fragments"} == READ.keys()


def test_misspelt_field_is_a_type_error(tmp_path, made):
    """In `[…]`, and in `.get`, where mypy alone would accept a field of another class."""
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
