"""The layer: what its makefile asks pip for, and that a build for any platform but Lambda's fails."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.template import template

ROOT = Path(__file__).parents[2]
LAYER = ROOT / "layers/orderdesk"
ARCHITECTURES = template()["Parameters"]["Architecture"]["AllowedValues"]
NAMES = {"x86_64": "x86_64", "arm64": "aarch64"}
MACHINES = {"x86_64": 62, "arm64": 183, "i386": 3}


def elf(machine, *, bits=2, order=1):
    """The header of an ELF file."""
    return b"\x7fELF" + bytes([bits, order, 1]) + bytes(9) + (3).to_bytes(2, "little") + machine.to_bytes(2, "little")


def built(folder, files):
    """A layer with a compiled module for x86_64, and these files."""
    whole = {"pydantic_core/_pydantic_core.cpython-313-x86_64-linux-gnu.so": elf(62)} | files
    for name, content in whole.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def check(folder, architecture):
    command = [sys.executable, str(LAYER / "runs_there.py"), str(folder), architecture]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("make"), reason="make is not here")
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_pip_is_called_for_lambdas_platform(architecture):
    context = template()["Resources"]["OrderdeskLayer"]["Metadata"]["ContextPath"]["Sub"]
    makefile = ROOT / context.replace("${Architecture}", architecture) / "Makefile"
    # As the SAM CLI does: with this makefile, in a copy of the layer's folder.
    command = ["make", "--dry-run", "--makefile", str(makefile), "build-OrderdeskLayer", "ARTIFACTS_DIR=/out"]
    said = subprocess.run(command, cwd=LAYER, capture_output=True, text=True, check=True).stdout
    words = said.split()
    platforms = [words[i + 1] for i, word in enumerate(words) if word == "--platform"]
    assert platforms and all(p.startswith("manylinux") and p.endswith(NAMES[architecture]) for p in platforms)
    assert f"manylinux2014_{NAMES[architecture]}" in platforms
    assert "--python-version 3.13" in said and "--implementation cp" in said and "--only-binary :all:" in said
    assert f'runs_there.py "/out/python" "{architecture}"' in said


def test_each_architecture_has_its_own_cache():
    assert template()["Resources"]["OrderdeskLayer"]["Metadata"]["BuildArchitecture"] == {"Ref": "Architecture"}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"charset_normalizer/md.cpython-313-x86_64-linux-gnu.so": elf(62)},
        {"a/stable.abi3.so": elf(62), "a.libs/libz-1.so.1": elf(62), "a/no.txt": b"text", "b/own.so": elf(62)},
    ],
)
def test_layer_for_lambda_passes(tmp_path, files):
    done = check(built(tmp_path, files), "x86_64")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a/x.cpython-313-darwin.so": b"\xcf\xfa\xed\xfe" + bytes(30)}, "a/x.cpython-313-darwin.so is not for Linux"),
        ({"a/x.dylib": b"\xcf\xfa\xed\xfe" + bytes(30)}, "a/x.dylib is not for Linux"),
        ({"a/x.cp313-win_amd64.pyd": b"MZ" + bytes(30)}, "is not for Linux"),
        ({"a/x.cpython-313-aarch64-linux-gnu.so": elf(183)}, "is not for x86_64"),
        ({"a.libs/libz.so.1.2": elf(183)}, "is not for x86_64"),
        ({"a/x.so": elf(62, bits=1)}, "is not for x86_64"),
        ({"a/x.so": elf(62, order=2)}, "is not for x86_64"),
        ({"a/x.so": b"\x7fELF"}, "is not for x86_64"),
        ({"a/x.so": b""}, "is not for Linux"),
        ({"a/x.cpython-312-x86_64-linux-gnu.so": elf(62)}, "is not for CPython 3.13"),
        ({"a/x.cpython-313-x86_64-linux-musl.so": elf(62)}, "is not for CPython 3.13"),
    ],
)
def test_layer_for_another_platform_fails(tmp_path, files, says):
    done = check(built(tmp_path, files), "x86_64")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "does not run on Lambda (x86_64, Python 3.13)" in line and says in line


def test_layer_for_the_other_architecture_fails(tmp_path):
    assert "is not for arm64" in check(built(tmp_path, {}), "arm64").stderr


def test_layer_without_compiled_modules_fails(tmp_path):
    assert "pydantic_core has no compiled module" in check(tmp_path, "x86_64").stderr
