"""An SQS with calls in constant time, in its own process, until standard input ends."""

import json
import sys

from tests.amply.support.queue.sqs_stand_in import running_in_thread

if __name__ == "__main__":
    with running_in_thread() as queue:
        print(json.dumps(queue.environment), flush=True)  # noqa: T201
        sys.stdin.read()
