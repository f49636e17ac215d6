"""A `docker`, `podman` or `buildah` for tests: it records its arguments, and pushes an image of
one made-up layer for real.

Machines that run tests have no container engine.
"""

import json
import os
import sys
from pathlib import Path

HOME = Path(os.environ["FAKE_DOCKER"])
ATTESTATIONS = "BUILDX_NO_DEFAULT_ATTESTATIONS"


def main(arguments: list[str]) -> int:
    stdin = "" if arguments[0] != "login" else sys.stdin.read()
    attests = ATTESTATIONS not in os.environ
    with (HOME / "calls").open("a") as calls:
        calls.write(json.dumps({"told": arguments, "stdin": stdin, "attests": attests}) + "\n")
    if arguments[0] in os.environ.get("FAKE_DOCKER_FAILS", "").split():
        return 17
    built = HOME / "built.json"
    labels = json.loads(built.read_text()) if built.exists() else {}
    match arguments:
        case ["build", *options]:
            label = options[options.index("--label") + 1].partition("=")[2]
            labels[options[options.index("--tag") + 1]] = label
            built.write_text(json.dumps(labels))
        case ["image", "inspect", "--format", _, image]:
            if image not in labels:
                return 1
            sys.stdout.write(labels[image] + "\n")
        case ["inspect", "--type", "image", "--format", template, image] if ".OCIv1." in template:
            if image not in labels:
                return 1
            sys.stdout.write(labels[image] + "\n")
        case ["push", image]:
            _push(image)
    return 0


def _push(image: str) -> None:
    from tests.ops.kinds.images.stored_images import push  # noqa: PLC0415  # boto3 takes half a second

    name, _, tag = image.partition("/")[2].rpartition(":")
    push(tag, repository=name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
