"""What is installed is what setup.cfg and package.json ask for, pinned by hash."""

import ast
import configparser
import json
import re
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.places import ROOT

_PIN = re.compile(r"(?m)^([A-Za-z0-9_.\-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def _lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def _pins(name: str) -> dict[str, str]:
    return {canonicalize_name(found[0]): found[1] for found in _PIN.findall(_lock(name))}


def _wanted(section: str, option: str) -> list[Requirement]:
    configuration = configparser.RawConfigParser()
    configuration.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = configuration.get(section, option).splitlines()
    return [Requirement(line) for line in lines if line.strip()]


@pytest.mark.parametrize(
    ("section", "option", "lock"),
    [
        ("options", "install_requires", "run"),
        ("options", "install_requires", "test"),
        ("options.extras_require", "scale", "test"),
        ("options.extras_require", "test", "test"),
    ],
)
def test_each_requirement_is_pinned_to_a_version_that_fits(
    section: str, option: str, lock: str
) -> None:
    pins = _pins(lock)
    unfit = [
        str(wanted)
        for wanted in _wanted(section, option)
        if not wanted.specifier.contains(pins.get(canonicalize_name(wanted.name), "0"))
    ]
    assert not unfit, f"requirements/{lock}.txt is older than setup.cfg: {unfit}"


def test_tests_run_on_the_versions_that_serve() -> None:
    run, test = _pins("run"), _pins("test")
    assert run, "no pin found"
    assert {name: test.get(name) for name in run} == run


@pytest.mark.parametrize("lock", ["run", "test", "tools"])
def test_each_pin_has_a_hash(lock: str) -> None:
    parts = re.split(r"(?m)^(?=[A-Za-z0-9])", _lock(lock))
    pinned = [part for part in parts if _PIN.match(part)]
    assert pinned
    assert all(_HASH.search(part) for part in pinned)


def test_the_npm_lock_belongs_to_package_json_and_has_a_hash_for_each_package() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = lock["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert packages[""][kind] == wanted[kind]
    assert all("integrity" in package for name, package in packages.items() if name)


# Used without an import: the server is a program, a database's address names its driver, and
# setuptools builds the product.
_USED_OTHERWISE = {"gunicorn", "psycopg", "setuptools"}


def test_each_requirement_of_the_product_is_imported() -> None:
    sources = [path for package in ("idp", "portals") for path in (ROOT / package).rglob("*.py")]
    imported = {name for path in sources for name in _imports(path.read_text(encoding="utf-8"))}
    names = {
        canonicalize_name(distribution)
        for module in imported
        for distribution in packages_distributions().get(module, ())
    }
    wanted = [
        *_wanted("options", "install_requires"), *_wanted("options.extras_require", "scale"),
    ]  # fmt: skip
    unused = {canonicalize_name(one.name) for one in wanted} - names
    assert unused == _USED_OTHERWISE


def _imports(source: str) -> set[str]:
    """Return the outermost packages that a source imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
