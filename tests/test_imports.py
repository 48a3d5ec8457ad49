"""Imports have no circles, and code that is not a test does not import tests."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Each folder whose imports must be free of circles, with the folder where its module names begin.
TREES = {
    "layers/orderdesk/orderdesk": "layers/orderdesk",
    "functions": "functions",
    "admin": ".",
    "local": ".",
    "benchmarks": ".",
}


def modules(folder: str, root: str) -> dict[str, Path]:
    """The modules below a folder, by name. A package's name is that of its `__init__`."""
    return {
        ".".join(path.relative_to(ROOT / root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / folder).rglob("*.py")
    }


def imported(name: str, path: Path, *, types: bool = True) -> Iterator[str]:
    """Every name that a module imports, also inside functions.

    `types`: including those imported under TYPE_CHECKING only.
    """
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree if types else _AtRunTime().visit(tree)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*start, *([node.module] if node.module else [])])
            # `from package import module` and `from module import name` look the same.
            yield from (f"{origin}.{alias.name}" for alias in node.names)


class _AtRunTime(ast.NodeTransformer):
    """Leaves out the code below `if TYPE_CHECKING:`, but not its `else`."""

    def visit_If(self, node: ast.If) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            node.body = [ast.Pass()]
        return node


def graph(known: dict[str, Path]) -> dict[str, set[str]]:
    """By module, the modules of `known` that it imports. A package that imports its own modules is not a circle."""
    return {name: _found(name, path, known) for name, path in known.items()}


def _found(name: str, path: Path, known: dict[str, Path], *, types: bool = True) -> set[str]:
    every = {_module(one, known) for one in imported(name, path, types=types)}
    return {one for one in every if one and one != name}


def _module(imported: str, known: dict[str, Path]) -> str | None:
    return next((name for name in (imported, imported.rpartition(".")[0]) if name in known), None)


@pytest.mark.parametrize("folder", TREES)
def test_imports_have_no_circles(folder):
    known = modules(folder, TREES[folder])
    assert known
    try:
        TopologicalSorter(graph(known)).prepare()
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))


@pytest.mark.parametrize("folder", TREES)
def test_product_code_imports_no_tests(folder):
    found = {
        name: [one for one in imported(name, path) if one.partition(".")[0] == "tests"]
        for name, path in modules(folder, TREES[folder]).items()
    }
    assert {name: those for name, those in found.items() if those} == {}


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"a": "import b", "b": "from a import x"}, True),
        ({"a": "def f():\n    from b import x", "b": "import a"}, True),
        ({"p/__init__": "from .a import x", "p/a": "from .b import y", "p/b": "from . import a"}, True),
        ({"p/__init__": "from .a import x", "p/a": "from .b import y", "p/b": "import os"}, False),
        ({"a": "import b", "b": "import c", "c": "import os"}, False),
    ],
)
def test_circle_is_found(tmp_path, files, circle):
    known = {}
    for name, text in files.items():
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        known[name.replace("/", ".").removesuffix(".__init__")] = path
    try:
        TopologicalSorter(graph(known)).prepare()
        seen = False
    except CycleError:
        seen = True
    assert seen == circle
