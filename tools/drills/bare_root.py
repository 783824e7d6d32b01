"""The drill that proves dev.py on a machine that has Python and nothing else.

A minimal Debian in a folder of its own (debootstrap, so root is needed to make it), an ordinary
user in it, a fresh clone, then `run` twice and `test`. How this machine reaches its package
registries is taken over at run time: variables and configuration files of pip and npm, and the
certificates they name.
"""

import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.drills import record
from tools.places import LOGS, ROOT
from tools.processes import Crew, answers
from tools.programs import Failed, call, log_path

_RELEASE = "bookworm"
_PACKAGES = "python3,python3-venv,ca-certificates"
_UID = 1000
_HOME = Path("/home/tester")
_PROJECT = _HOME / "project"
_PORT_BASE = 18050
_SECONDS_FOR_RUN = 600
_TAKEN_OVER = ("PIP_", "NPM_CONFIG_", "npm_config_")
_CERTIFICATE_VARIABLES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
    "NODE_EXTRA_CA_CERTS",
)
_PROXY_VARIABLES = (
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
_CONFIGURATION = {
    Path("/etc/pip.conf"): Path("/etc/pip.conf"),
    Path("/etc/npmrc"): Path("/etc/npmrc"),
    Path("~/.config/pip/pip.conf"): _HOME / ".config/pip/pip.conf",
    Path("~/.pip/pip.conf"): _HOME / ".pip/pip.conf",
    Path("~/.npmrc"): _HOME / ".npmrc",
    Path("/etc/resolv.conf"): Path("/etc/resolv.conf"),
}


@dataclass
class BareRoot:
    """A minimal Debian in a folder, and how to start dev.py in it as an ordinary user."""

    folder: Path
    mounted: list[Path] = field(default_factory=list)

    def command(self, *words: str) -> list[str | Path]:
        """Return the command that starts dev.py inside with a clean environment."""
        variables = [f"{name}={value}" for name, value in _environment().items()]
        enter = ["chroot", f"--userspec={_UID}:{_UID}", str(self.folder), "/usr/bin/env", "-i"]
        return [*enter, f"--chdir={_PROJECT}", *variables, "python3", "dev.py", *words]

    def processes(self) -> list[int]:
        """Return the ids of processes that live inside."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and (entry / "root").readlink() == self.folder:
                    found.append(int(entry.name))
            except OSError:  # it ended while we looked
                continue
        return found


def carry_out() -> int:
    """Serve and test from a fresh clone in a minimal Debian as an ordinary user (needs root)."""
    _check_tools()
    with tempfile.TemporaryDirectory(prefix="bare-root-") as parent:
        bare = BareRoot(Path(parent).resolve() / "debian")
        _make(bare.folder)
        with _mounted(bare):
            first = _seconds_to_sign_in_page(bare)
            second = _seconds_to_sign_in_page(bare)
            started = time.monotonic()
            code = call(bare.command("test"))
            tested = time.monotonic() - started
    result = "passed" if code == 0 else f"FAILED (exit code {code})"
    record.write(
        "bare-root",
        f"Minimal Debian {_RELEASE}, ordinary user, fresh clone, no node, make or git",
        {
            "commit": record.commit(),
            "first `dev.py run` to the sign-in page": f"{first:.1f} s",
            "second `dev.py run` to the sign-in page": f"{second:.1f} s",
            "`dev.py test`": f"{result} in {tested / 60:.1f} min",
            "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        },
    )
    return code


def _check_tools() -> None:
    if os.geteuid() != 0:
        raise Failed("This drill makes a Debian root and enters it: start it as root.")
    missing = [name for name in ("debootstrap", "chroot", "mount", "git") if not shutil.which(name)]
    if missing:
        raise Failed(f"Missing: {', '.join(missing)}. On Debian: apt-get install debootstrap git")


def _make(folder: Path) -> None:
    print(f"Making a minimal Debian {_RELEASE} …", flush=True)
    _run("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _RELEASE, folder, _mirror())
    _run("chroot", folder, "useradd", "--create-home", "--uid", str(_UID), _HOME.name)
    _run("git", "clone", "--quiet", "--no-hardlinks", ROOT, folder / _PROJECT.relative_to("/"))
    _take_over_configuration(folder)
    _run("chroot", folder, "chown", "--recursive", f"{_UID}:{_UID}", _HOME)


def _run(*command: str | Path) -> None:
    with log_path("drill-bare-root").open("a") as log:
        code = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT)
    if code:
        raise Failed(f"{command[0]} failed (exit code {code}); see var/log/drill-bare-root.log")


def _mirror() -> str:
    """Return the Debian mirror this machine uses, so that the drill reaches what it reaches."""
    answer = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in answer.stdout.split() if line.rstrip("/").endswith("/debian")]
    return found[0] if found else "http://deb.debian.org/debian"


def _take_over_configuration(folder: Path) -> None:
    # Every machine knows its own name for itself; debootstrap alone leaves that to an installer.
    (folder / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    certificates = {Path(os.environ[name]) for name in _CERTIFICATE_VARIABLES if name in os.environ}
    copies = _CONFIGURATION | {path: path for path in certificates}
    for source, target in copies.items():
        if source.expanduser().is_file():
            inside = folder / target.relative_to("/")
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.unlink(missing_ok=True)
            shutil.copyfile(source.expanduser(), inside)


def _environment() -> dict[str, str]:
    wanted = (*_CERTIFICATE_VARIABLES, *_PROXY_VARIABLES)
    taken = {
        name: value
        for name, value in os.environ.items()
        if name in wanted or name.startswith(_TAKEN_OVER)
    }
    own = {"HOME": str(_HOME), "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    return own | taken


@contextmanager
def _mounted(bare: BareRoot) -> Iterator[None]:
    """Give the folder /proc and shared memory; end what still runs in it, then take them away.

    The host's /dev is not bound in: removing the folder must never reach it.
    """
    mounts = {"proc": ["-t", "proc", "proc"], "dev/shm": ["-t", "tmpfs", "tmpfs"]}
    try:
        (bare.folder / "dev" / "shm").mkdir(exist_ok=True)
        for name, words in mounts.items():
            _run("mount", *words, bare.folder / name)
            bare.mounted.append(bare.folder / name)
        yield
    finally:
        for pid in bare.processes():
            os.kill(pid, 9)
        for path in reversed(bare.mounted):
            _run("umount", "--lazy", path)


def _seconds_to_sign_in_page(bare: BareRoot) -> float:
    """Start `dev.py run`, wait for the sign-in page, stop it; nothing of it may stay."""
    page = f"http://localhost:{_PORT_BASE}/sign-in"
    started = time.monotonic()
    with Crew(LOGS) as crew:
        words = bare.command("run", "--port-base", str(_PORT_BASE))
        crew.start("drill-bare-root-run", words, os.environ)
        crew.wait_for(page, seconds=_SECONDS_FOR_RUN)
        seconds = time.monotonic() - started
        crew.wait_for(f"http://localhost:{_PORT_BASE + 3}/health")
    left = bare.processes()
    if left or answers(page):
        raise Failed(f"dev.py run left processes behind: {left or 'something answers still'}")
    print(f"Sign-in page after {seconds:.1f} s; stopped without a trace.", flush=True)
    return seconds
