"""Every failure says what may be done about it: its *fate* is its type.

::

    SharedStoryError
    |-- Retryable      the same call may go through later (time-out, 503, lock)
    |   `-- NotNow     the server named a time to come back
    |-- Quarantined    this input can never work as it is; set aside, reported, others go on
    |   |-- NotAFeed
    |   |-- NotAStory
    |   `-- Gone       404 or 410: the address holds nothing (any more)
    |-- Refused        we will not do it (private address, bad scheme, robots, too large)
    |   `-- Blocked    the server turns feed readers away (401, 403, 451); not worked around
    `-- UserError      the person at the keyboard can mend it; says how
        |-- UnknownRegion
        |-- BadInput
        |-- NotReady   set-up or an earlier stage is missing
        `-- StoreError the database cannot be read or written

Schedulers read the type: only `Retryable` is tried again. The command line prints `UserError`
without a traceback and exits with its `exit_code`.
"""

from __future__ import annotations


class SharedStoryError(Exception):
    """Root of all failures this project raises on purpose.

    Args:
        message: What happened, in plain English, one sentence.
        what_next: What the reader can do about it; empty where nothing can be done.
    """

    exit_code = 1

    def __init__(self, message: str, *, what_next: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.what_next = what_next

    def __str__(self) -> str:
        return f"{self.message} {self.what_next}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.what_next), self.__dict__)


def _rebuild(kind: type[SharedStoryError], message: str, what_next: str) -> SharedStoryError:
    """Rebuild an error that crossed a process border (keyword-only arguments do not survive by default)."""
    return kind(message, what_next=what_next)


class Retryable(SharedStoryError):
    """The same call may go through later."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h


class NotNow(Retryable):
    """The server asked us to come back later (429, or 503 with Retry-After)."""

    seconds: float = 0.0
    """How long it asked us to wait, bounded; 0 where it could not be read."""


class Quarantined(SharedStoryError):
    """This input can never work as it is; it is set aside and reported."""

    exit_code = 65  # EX_DATAERR


class NotAFeed(Quarantined):
    """The body is not a feed: a web page, an error page, JSON, or nothing at all."""


class NotAStory(Quarantined):
    """The page holds no article text (consent wall, challenge, gallery)."""


class Gone(Quarantined):
    """The server says there is nothing at this address (404, 410)."""

    for_good: bool = False
    """True for 410: nothing will be there again."""


class Refused(SharedStoryError):
    """We will not do this, however often we are asked."""

    exit_code = 77  # EX_NOPERM


class Blocked(Refused):
    """The server turns readers like us away; a state to report, not something to work around."""


class UserError(SharedStoryError):
    """Something the person at the keyboard can mend."""

    exit_code = 2


class UnknownRegion(UserError):
    """No region of that name or code."""

    exit_code = 10


class BadInput(UserError):
    """A file the user named cannot be used."""

    exit_code = 11


class NotReady(UserError):
    """Set-up, or the stage before this one, has not been run."""

    exit_code = 12


class StoreError(UserError):
    """The database cannot be opened, read or written."""

    exit_code = 13
