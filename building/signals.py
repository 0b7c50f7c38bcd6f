"""Being stopped from outside: a terminal that closes, a shutdown, a batch system's limit."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

# Ctrl-C needs nothing: Python raises KeyboardInterrupt for it by itself.
STOPPING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stopped(KeyboardInterrupt):
    """The process was asked to end; like Ctrl-C, and told apart by the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Raise Stopped where the process is when a signal asks it to end, so that it ends in order.

    A second one while it does so changes nothing. Only in a process's main thread, where signals arrive.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # One that is ignored stays so: nohup means it.
    before = {number: signal.getsignal(number) for number in STOPPING}
    ours = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in ours:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _stop(number: int, _frame: FrameType | None) -> None:
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)
