"""Being interrupted while WeasyPrint lays out a page: its drawing of SVG swallows every exception."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
Handler = Callable[[int, FrameType | None], None]


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Raise at the end what a signal's handler has raised meanwhile, though it was swallowed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    raised: list[BaseException] = []
    before = {number: signal.getsignal(number) for number in STOPPING}
    ours = {number: handler for number, handler in before.items() if callable(handler)}
    for number, handler in ours.items():
        signal.signal(number, _noting(handler, raised))
    try:
        yield
    except Exception:
        if not raised:
            raise
    finally:
        for number in ours:
            # The handler may have changed it itself, so that a second signal is not heard.
            if getattr(signal.getsignal(number), "noting", False):
                signal.signal(number, before[number])
    if raised:
        raise raised[0]


def _noting(handler: Handler, raised: list[BaseException]) -> Handler:
    def noting(number: int, frame: FrameType | None) -> None:
        try:
            handler(number, frame)
        except BaseException as error:
            raised.append(error)
            raise

    noting.noting = True
    return noting
