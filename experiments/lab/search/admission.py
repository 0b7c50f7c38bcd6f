"""Who may speak with a chief: its own workers, who know its secret and read its folder.

For every build the chief makes a secret, unless ASSIGNMENT2_SECRET has one, and a token of its folder.
Both stand in `tuner/chief.json`, which only its own user can read while the secret is in it. A worker
sends them with every call, so that each call proves that it sees the folder; the secret is the variable's
where that is set. See https://grpc.io/docs/guides/status-codes/ for the answers.
"""

import contextlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import grpc

from experiments.lab.search.assignments import WorkError
from experiments.lab.store.files import Damaged, StorageError, read_whole, remove

SECRET = "ASSIGNMENT2_SECRET"  # noqa: S105  the variable's name
FILE = "chief.json"
NAMES = {"secret": "assignment-secret", "folder": "assignment-folder", "tuner": "assignment-tuner"}
HIGHEST_PORT = 65535
PRIVATE, OPEN = 0o600, 0o644  # without the secret, other users' workers may read it
UNSEEN = "it does not read the folder that this build writes to"
STRANGER = "this build does not know you"


@dataclass(frozen=True)
class Admission:
    """What a build lets its workers in by."""

    secret: str
    folder: str

    @classmethod
    def made_for(cls, tuner_folder: Path) -> "Admission":
        """Make a build's admission and leave it in its folder; StorageError if that fails."""
        made = cls(os.environ.get(SECRET) or secrets.token_hex(), secrets.token_hex())
        shared = {"folder": made.folder}
        if SECRET not in os.environ:
            shared["secret"] = made.secret
        _write(
            tuner_folder / FILE,
            json.dumps(shared).encode(),
            PRIVATE if "secret" in shared else OPEN,
        )
        return made

    def withdraw(self, tuner_folder: Path) -> None:
        """Remove what was left in the folder: the build has ended."""
        with contextlib.suppress(StorageError):  # a disk that is gone
            remove(tuner_folder / FILE)

    def judge(self, given: Mapping[str, Any]) -> tuple[grpc.StatusCode, str] | None:
        """Return why a caller with this metadata is turned away, None if it is not."""
        if not _same(given.get(NAMES["secret"]), self.secret):
            return grpc.StatusCode.UNAUTHENTICATED, STRANGER
        if not _same(given.get(NAMES["folder"]), self.folder):
            return grpc.StatusCode.FAILED_PRECONDITION, UNSEEN
        return None


class Door(grpc.ServerInterceptor):
    """Turns away every call that does not come from one of the build's own workers."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    def intercept_service(self, continuation: Callable, details: Any) -> Any:  # noqa: ANN401
        """Hand the call on, or answer it with why it is turned away."""
        refused = self._admission.judge(dict(details.invocation_metadata))
        if refused is None:
            return continuation(details)
        # A handler of streams does not wait for a message: a stranger that sends none costs no thread.
        return grpc.stream_stream_rpc_method_handler(lambda _, context: context.abort(*refused))


class _Call(NamedTuple):
    method: str
    timeout: float | None
    metadata: Any
    credentials: Any
    wait_for_ready: bool | None
    compression: Any


class _Caller(_Call, grpc.ClientCallDetails):
    """A call's details with other metadata."""


class Badge(grpc.UnaryUnaryClientInterceptor):
    """Sends with every call what the worker of the folder `tuner_folder` is let in by.

    It is read anew each time: a chief that was started again has another secret.
    """

    def __init__(self, tuner_folder: Path, tuner_id: str) -> None:
        self._folder, self._tuner_id = tuner_folder, tuner_id

    def intercept_unary_unary(self, continuation: Callable, details: Any, request: Any) -> Any:  # noqa: ANN401
        """Hand the call on with the metadata added."""
        more = [*(details.metadata or ()), *self.metadata().items()]
        kept = (details.timeout, more, details.credentials, details.wait_for_ready)
        return continuation(_Caller(details.method, *kept, details.compression), request)

    def metadata(self) -> dict[str, str]:
        """Return what is sent; without the file, or if it is damaged, what the variable has."""
        try:
            held = json.loads(read_whole(self._folder / FILE))
        except (OSError, Damaged, ValueError, RecursionError):
            held = {}
        held = held if isinstance(held, dict) else {}
        sent = {
            "secret": os.environ.get(SECRET) or str(held.get("secret", "")),
            "folder": str(held.get("folder", "")),
            "tuner": self._tuner_id,
        }
        return {NAMES[name]: value for name, value in sent.items()}


def name_of(text: str) -> str:
    """Return a worker's name; WorkError for one that cannot name its own files."""
    if not re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,80}", text):
        raise WorkError(
            f"KERASTUNER_TUNER_ID is {text[:40]!r}: use letters, digits, dots, dashes and underscores"
        )
    return text


def port_of(text: str) -> int:
    """Return a port from its text; WorkError for anything else than 0 to 65535."""
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= HIGHEST_PORT):
        raise WorkError(
            f"KERASTUNER_ORACLE_PORT is {text[:40]!r}: no port; name one from 1 to 65535"
        )
    return int(text)


def _same(given: Any, expected: str) -> bool:  # noqa: ANN401
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file that has its mode before there is anything in it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, mode), "wb") as file:
            file.write(content)
    except OSError as error:
        raise StorageError(error, path) from error
