"""`python runs_there.py FOLDER x86_64|arm64`: fails unless Lambda's Python 3.13 can load every compiled file in the
folder.

So a wheel for another system (macOS, Windows, another processor, another Python) is found when the layer is built, and
not by the first customer.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PYTHON = (3, 13)
#: `e_machine` of an ELF file, and the processor's name in the file name of an extension module.
_MACHINES = {"x86_64": (62, "x86_64"), "arm64": (183, "aarch64")}
_MODULE = re.compile(r"\.(?:cpython-(?P<python>\d+)-(?P<rest>[\w-]+)|(?P<stable>abi3))\.so\Z")


def complaints(folder: Path, architecture: str) -> Iterator[str]:
    """What in the folder cannot be loaded there, one line each."""
    compiled = [p for p in sorted(folder.rglob("*")) if re.search(r"\.(so(\.\d+)*|dylib|pyd|dll)\Z", p.name)]
    if not any(p.match("pydantic_core/*.so") for p in compiled):
        yield "pydantic_core has no compiled module"
    for path in compiled:
        if why := _wrong(path, architecture):
            yield f"{path.relative_to(folder)} {why}"


def _wrong(path: Path, architecture: str) -> str:
    machine, name = _MACHINES[architecture]
    with path.open("rb") as file:
        head = file.read(20)
    if head[:4] != b"\x7fELF":
        return "is not for Linux"
    # 64 bits, little-endian: so are both processors.
    if head[4:6] != b"\x02\x01" or int.from_bytes(head[18:20], "little") != machine:
        return f"is not for {architecture}"
    module = _MODULE.search(path.name)
    if module and module["python"] and (module["python"], module["rest"]) != ("313", f"{name}-linux-gnu"):
        return "is not for CPython 3.13 on glibc"
    return ""


def main() -> int:
    """Returns 0 if everything can be loaded."""
    folder, architecture = Path(sys.argv[1]), sys.argv[2]
    found = list(complaints(folder, architecture))
    if sys.version_info[:2] != PYTHON:
        found.append(f"the bytecode would be for Python {sys.version_info[0]}.{sys.version_info[1]}, set PYTHON=…")
    for complaint in found:
        print(f"This layer does not run on Lambda ({architecture}, Python 3.13): {complaint}.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
