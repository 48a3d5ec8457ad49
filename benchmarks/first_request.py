"""The child process of `benchmarks.start`: one first request in a process that has imported nothing else.

`first_request.py FUNCTION` reads the event from standard input; `first_request.py '' CODE` runs code. Prints JSON.
"""

import time

began, cpu = time.perf_counter(), time.process_time()

import importlib  # noqa: E402 - what comes before is not to be counted
import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402


class Context:
    """What Lambda passes with an event."""

    function_name, memory_limit_in_mb, aws_request_id = "bench", 512, "bench"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"

    def get_remaining_time_in_millis(self) -> int:
        """Half a minute, as in the template."""
        return 30_000


def main() -> None:
    """Import, make the request, and print how long each took (ms), the peak memory (MB) and the number of modules."""
    function, *code = sys.argv[1:]
    event = json.load(sys.stdin) if function else None
    started = time.perf_counter()
    if function:
        handler = importlib.import_module(f"{function}.app").lambda_handler
        imported = time.perf_counter()
        answer = handler(event, Context())
        assert answer.get("statusCode", 200) == 200, answer
    else:
        exec(code[0], {})
        imported = time.perf_counter()
    ended, modules = time.perf_counter(), len(sys.modules)
    took = {
        "import": imported - started,
        "request": ended - imported,
        "whole": ended - began,
        "cpu": time.process_time() - cpu,
    }
    # getrusage would include the parent's memory from before this program was loaded.
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    memory = int(peak.split()[1]) / 1024
    print(json.dumps({name: seconds * 1000 for name, seconds in took.items()} | {"memory": memory, "modules": modules}))


if __name__ == "__main__":
    main()
