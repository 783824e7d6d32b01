"""The house and its floors: who may import whom, and how large its rooms may be."""

import ast
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

from tools.places import ROOT, VENV_BIN

PRODUCT = ("idp", "portals")
_VAGUE_NAMES = {
    "manager",
    "handler",
    "handlers",
    "helper",
    "helpers",
    "util",
    "utils",
    "common",
} | {
    "data",
    "info",
    "misc",
}
_LONGEST_FILE = 400


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PRODUCT, cache_dir=None)


def files() -> list[Path]:
    return [path for package in PRODUCT for path in sorted((ROOT / package).rglob("*.py"))]


def test_import_contracts_of_setup_cfg_are_kept() -> None:
    answer = subprocess.run(
        [VENV_BIN / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr


def test_only_the_owning_folder_imports_a_model() -> None:
    strangers = [
        f"{importer} imports {module}"
        for module in graph().modules
        if module.endswith(".model")
        for importer in graph().find_modules_that_directly_import(module)
        if not importer.startswith(module.removesuffix(".model") + ".")
    ]
    assert not strangers, "\n".join(strangers)


def test_flows_and_the_protocol_do_not_know_one_another() -> None:
    crossings = [
        f"{importer} imports {imported}"
        for importer in graph().modules
        if importer.startswith("idp.oidc.")
        for imported in graph().find_modules_directly_imported_by(importer)
        if imported.startswith("idp.flows.")
    ]
    assert not crossings, "\n".join(crossings)


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [
        str(path.relative_to(ROOT))
        for path in files()
        if {path.stem, path.parent.name} & _VAGUE_NAMES
    ]
    assert not vague, vague


def test_files_stay_readable() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in files()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > _LONGEST_FILE
    ]
    assert not long, "\n".join(long)


def test_functions_are_short_half_within_ten_lines_and_nine_of_ten_within_thirty() -> None:
    sizes = sorted(size for path in files() for size in _function_sizes(path))
    if not sizes:
        pytest.fail("no function found: this test looks in the wrong place")
    assert statistics.median(sizes) <= 10
    assert sizes[int(len(sizes) * 0.9)] <= 30


def _function_sizes(path: Path) -> Iterator[int]:
    """Yield the lines of each function, its docstring not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            has_docstring = ast.get_docstring(node) is not None
            docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
            yield (node.end_lineno or 0) - node.lineno + 1 - docstring
