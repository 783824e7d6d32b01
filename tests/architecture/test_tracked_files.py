"""What lies in the repository is ours, is portable, and holds no secret."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tools.places import ROOT

# What .gitignore names, and what is no text of ours.
_NOT_OURS = {
    ".git",
    ".venv",
    ".cache",
    "node_modules",
    "__pycache__",
    "htmlcov",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
    "build",
    "dist",
    "var",
    "vendor",
}
_BINARY = {".png", ".jpg", ".ico", ".woff2", ".gif", ".webp", ".pyc", ".sqlite3"}
_MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:root|home/\w+|Users/\w+|work|mnt)/\w")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# The drill makes a Debian of its own with this user in it.
_OWN_MACHINE = {"tools/drills/bare_root.py"}


def _texts() -> Iterator[tuple[str, str]]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not _is_left_out(name)]
        for name in names:
            path = Path(folder) / name
            if path.suffix not in _BINARY and not name.startswith(".coverage"):
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def _is_left_out(folder: str) -> bool:
    return folder in _NOT_OURS or folder.endswith(".egg-info")


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        f"{name}: {match[0]}"
        for name, text in _texts()
        if name not in _OWN_MACHINE
        for match in _MACHINE_PATH.finditer(text)
    ]
    assert not found, "\n".join(found)


def test_no_file_holds_a_private_key() -> None:
    found = [name for name, text in _texts() if _PRIVATE_KEY.search(text)]
    assert not found, found


def test_the_locks_name_no_download_address() -> None:
    for name in ("requirements/run.txt", "requirements/test.txt", "package-lock.json"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--index-url" not in text
        assert '"resolved"' not in text
