"""A child that plays a district's first collection, the judging and the report, and dies where it is told to.

    python kill.py HOME PLACE N     PLACE: a method of the store, N: at which call of it (0: never)

The kill comes inside the transaction, just before it would be committed: the worst moment there is.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
import county

from corpora.errors import SharedStoryError
from corpora.store import Store
from flows import plain, stages


def die_in(place: str, nth: int) -> None:
    """Make the `nth` call of a method of the store the last thing this process does."""
    method, transaction = getattr(Store, place), Store.transaction
    doomed = threading.local()
    lock = threading.Lock()
    calls = 0

    def counted(self: Store, *arguments: Any, **options: Any) -> Any:
        nonlocal calls
        with lock:
            calls += 1
            doomed.now = calls == nth
        return method(self, *arguments, **options)

    @contextmanager
    def cut(self: Store) -> Iterator[Any]:
        with transaction(self) as connection:
            yield connection
            if getattr(doomed, "now", False):
                os.kill(os.getpid(), signal.SIGKILL)

    setattr(Store, place, counted)
    Store.transaction = cut  # type: ignore[method-assign]


def main() -> int:
    """Play; return an exit code."""
    home, place, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    stages.BATCH = 12
    if place == "file-size":
        # Nothing this process writes may grow beyond this: what a full disk looks like to SQLite and to files.
        resource.setrlimit(resource.RLIMIT_FSIZE, (number, resource.RLIM_INFINITY))
    elif number:
        die_in(place, number)
    try:
        with county.opened(home, region=county.DRAYHOLT, share=False):
            plain.collect(str(home))
            plain.judge(str(home))
            plain.weekly(str(home), county.EARLY_WEEK)
    except SharedStoryError as failure:
        sys.stderr.write(f"{failure}\n")
        return failure.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
