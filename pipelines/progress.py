"""Progress lines for people, on standard error, with the time since the start."""

import sys
import time

_started = time.monotonic()


def say(line: str) -> None:
    """Print one line of progress."""
    elapsed = time.monotonic() - _started
    sys.stderr.write(f"[{elapsed:6.1f} s] {line}\n")
    sys.stderr.flush()
