"""A small workspace whose git tags are good and bad releases, for rehearsing `ops release`."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "copilot/.workspace": "application: shop\n",
    "copilot/environments/test/manifest.yml": "name: test\ntype: Environment\n",
    "copilot/ops.yml": """\
images:
  shop: {keep: 10}
release:
  registry_variable: REGISTRY
  order: [web, worker]
  migrations: src/shop/migrations
  verify: [python, src/shop/smoke.py]
  deadline: 3m
local:
  region: eu-central-1
  placeholders:
    REGISTRY: 123456789012.dkr.ecr.eu-central-1.amazonaws.com
    IMAGE_TAG: v1
    SHOP_URL: http://127.0.0.1:PORT
""",
    "copilot/web/manifest.yml": """\
name: web
type: Load Balanced Web Service
image:
  location: ${REGISTRY}/shop:${IMAGE_TAG}
  port: 8000
  depends_on: {migrate: success}
  healthcheck: {command: [CMD, python, -m, shop.health], interval: 5s, retries: 1, start_period: 0s}
command: [python, -m, shop.web, 0.0.0.0, "8000"]
sidecars:
  migrate:
    image: ${REGISTRY}/shop:${IMAGE_TAG}
    command: [python, -m, shop.migrate]
    essential: false
http:
  path: /
  deregistration_delay: 1s
  healthcheck: {path: /, interval: 5s, healthy_threshold: 2, grace_period: 5s}
cpu: 256
memory: 512
count: 1
""",
    "copilot/worker/manifest.yml": """\
name: worker
type: Backend Service
image: {location: "${REGISTRY}/shop:${IMAGE_TAG}"}
command: [python, -m, shop.worker]
cpu: 256
memory: 512
count: 1
""",
    "src/shop/__init__.py": "",
    "src/shop/migrations/0001_first.py": "",
    "src/shop/web.py": """\
import signal, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from shop.version import VERSION

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = VERSION.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
""",
    "src/shop/worker.py": "import signal\nfrom shop.version import VERSION\nsignal.pause()\n",
    "src/shop/health.py": "",
    "src/shop/migrate.py": "",
    "src/shop/smoke.py": """\
import os, sys, urllib.request
with urllib.request.urlopen(os.environ["SHOP_URL"], timeout=10) as answer:
    version = answer.read().decode()
print("the shop answers", version)
sys.exit(version != os.environ["OPS_RELEASE_TAG"] or version in os.environ.get("BAD", "").split())
""",
}
_DIES = "raise SystemExit('no configuration')\n"
BAD = {
    "dies": {"src/shop/version.py": _DIES},
    "worker-dies": {"src/shop/worker.py": _DIES},
    "ill": {"src/shop/health.py": "raise SystemExit('the cache is empty')\n"},
    "unmigrated": {
        "src/shop/migrations/0002_second.py": "",
        "src/shop/migrate.py": "raise SystemExit('column exists already')\n",
    },
    "wrong": {},  # good by itself; the smoke command is told that it is bad
}
"""Tags of bad releases: what each changes in v1, besides the version that it answers."""

_SETTINGS = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def write_shop(root: Path, port: int) -> None:
    """Write the workspace into a git repository with the tags v1, v2, v3 and the bad ones."""
    git(root, "init", "-q", "-b", "main")
    (root / ".gitignore").write_text(".ops\n__pycache__\n")
    for tag in ("v1", "v2", "v3"):
        _commit(root, tag, FILES, port)
    for tag, files in BAD.items():
        git(root, "checkout", "-q", "v1")
        _commit(root, tag, {"src/shop/version.py": f"VERSION = {tag!r}\n", **files}, port)
    git(root, "checkout", "-q", "main")


def git(root: Path, *arguments: str) -> str:
    """Run git, without this machine's settings."""
    command = ["git", "-C", str(root), *_SETTINGS, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _commit(root: Path, tag: str, files: dict[str, str], port: int) -> None:
    for name, text in {"src/shop/version.py": f"VERSION = {tag!r}\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("PORT", str(port)))
    git(root, "add", "-A")
    git(root, "commit", "-qm", f"Release {tag}")
    git(root, "tag", tag)
