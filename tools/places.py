"""Where set-up puts things. All of it is git-ignored and may be deleted at any time."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_BIN = VENV / "bin"
VENV_PYTHON = VENV_BIN / "python"
CACHE = ROOT / ".cache"
STAMPS = CACHE / "stamps"
NODE_TOOLS = CACHE / "tools"
CHROMIUM = CACHE / "chromium"
NODE_MODULES = ROOT / "node_modules"
REQUIREMENTS = ROOT / "requirements"
LOGS = ROOT / "var" / "log"
ASSETS = ROOT / "var" / "assets"
DEVELOPMENT = ROOT / "var" / "development"
PASSKEY_SCRIPT = ROOT / "idp" / "static" / "vendor" / "simplewebauthn" / "index.umd.min.js"
USWDS_COPIES = (
    ROOT / "idp" / "static" / "vendor" / "uswds",
    ROOT / "portals" / "shared" / "static" / "vendor" / "uswds",
)
