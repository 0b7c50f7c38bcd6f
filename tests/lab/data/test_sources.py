"""Where data come from: a folder, Keras's cache, a download, the stand-ins."""

import contextlib
import http.server
import io
import os
import pickle
import re
import socket
import sys
import tarfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from experiments.lab.data import keras_cache, sources, watched_loader
from experiments.lab.data.files import REMEDY, Arrays, fingerprint, read
from experiments.lab.data.keras_cache import ARCHIVES, Archive, sha256
from experiments.lab.data.splits import DataError, Source
from experiments.lab.data.standins import drawn_scenes, enlarged_digits
from experiments.lab.data.watched_loader import NotAvailableError

REAL_DATA = os.environ.get("ASSIGNMENT2_DATA", "")


@pytest.fixture(autouse=True)
def bare_machine(tmp_path, monkeypatch):
    """No data anywhere, a server that refuses, and stand-ins that are drawn in no time."""
    monkeypatch.setenv("ASSIGNMENT2_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("ASSIGNMENT2_DATA", raising=False)
    for proxy in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setattr(drawn_scenes, "TRAINING_PER_CLASS", 20)
    monkeypatch.setattr(drawn_scenes, "TEST_PER_CLASS", 5)
    few = Arrays(**toy("mnist", numpy=False), group_train=np.arange(300))
    monkeypatch.setattr(enlarged_digits, "build", lambda: few)
    for name in ("mnist", "cifar10"):
        point(monkeypatch, name, url=f"http://127.0.0.1:{free_port()}/{name}")


def toy(name, numpy=True, seed=0):
    rng = np.random.default_rng(seed)
    shape = {"mnist": (28, 28) if numpy else (28, 28, 1), "cifar10": (32, 32, 3)}[name]
    return {
        "x_train": rng.integers(0, 256, (300, *shape), dtype=np.uint8),
        "y_train": np.arange(300) % 10,
        "x_test": rng.integers(0, 256, (100, *shape), dtype=np.uint8),
        "y_test": np.arange(100) % 10,
    }


def point(monkeypatch, name, url=None, checksum=None):
    """Let an archive be another file or another address for the length of a test."""
    old = ARCHIVES[name]
    new = Archive(old.names, checksum or old.sha256, url or old.url)
    monkeypatch.setitem(ARCHIVES, name, new)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def silent(_line):
    """Take a line for the user and drop it."""


def folder_with(tmp_path, *names, **arrays):
    folder = tmp_path / "own data"
    folder.mkdir(exist_ok=True)
    for name in names:
        np.savez(folder / f"{name}.npz", **(arrays or toy(name)))
    return folder


def fault_of(*arguments, **options):
    with pytest.raises(DataError) as caught:
        sources.find(*arguments, say=silent, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# A folder that was named


def test_folder_is_taken_first_and_its_data_are_not_called_mnist(tmp_path):
    folder = folder_with(tmp_path, "mnist")

    source = sources.find("mnist", data_dir=str(folder), say=silent)

    assert source.identity.kind == "unverified"
    assert source.identity.label == f"MNIST from {folder}, not verified"
    assert source.identity.classes == tuple("0123456789")
    assert source.identity.fingerprint == fingerprint(read(folder / "mnist.npz", "mnist"))
    assert len(source.load().validation.labels) == 30


def test_unusual_forms_and_names_are_taken_and_said_every_time(tmp_path):
    whole = toy("mnist")
    whole["y_train"] = np.eye(10)[whole["y_train"]]
    names = np.array(list("abcdefghij"))
    folder = folder_with(tmp_path, "mnist", **whole, classes=names)
    for _ in range(2):
        said = []
        source = sources.find("mnist", data_dir=str(folder), say=said.append)
        assert said == [f"{folder / 'mnist.npz'}: y_train is one-hot"]
        assert source.identity.classes == tuple(names)
        assert len(source.load().validation.labels) == 30


def test_folder_of_the_environment_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSIGNMENT2_DATA", str(folder_with(tmp_path, "cifar10")))

    identity = sources.find("cifar10", say=silent).identity

    assert identity.kind == "unverified"
    assert identity.classes == tuple("0123456789")  # whatever these images are, no airplanes


def test_classes_have_the_published_names_where_all_are_as_many_as_published():
    counts = [[5000] * 10, [1000] * 10]
    assert sources.names_of("cifar10", counts)[0] == "airplane"
    assert sources.names_of("cifar10", [[5000] * 10, [100] * 10])[0] == "0"
    assert sources.names_of("cifar10", [[5000] * 3, [1000] * 3]) == ("0", "1", "2")
    assert sources.names_of("mnist", [[9] * 12, [9] * 12])[-1] == "11"


def test_folder_of_the_command_line_goes_before_that_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSIGNMENT2_DATA", str(tmp_path / "nowhere"))

    source = sources.find("mnist", data_dir=str(folder_with(tmp_path, "mnist")), say=silent)

    assert source.identity.kind == "unverified"


@pytest.mark.parametrize("data", ["auto", "real"])
def test_folder_that_does_not_exist_is_an_error(tmp_path, data):
    assert "no such folder" in fault_of("mnist", data, str(tmp_path / "nowhere"))


@pytest.mark.parametrize("data", ["auto", "real"])
def test_folder_with_neither_file_is_an_error(tmp_path, data):
    message = fault_of("cifar10", data, str(folder_with(tmp_path)))

    assert "--data-dir" in message
    assert "neither cifar10.npz nor mnist.npz in it" in message


def test_data_set_that_a_folder_lacks_comes_from_where_it_otherwise_would(tmp_path):
    folder, lines = str(folder_with(tmp_path, "mnist")), []

    found = sources.find_all(["cifar10", "mnist"], data_dir=folder, say=lines.append)

    assert {name: it.identity.kind for name, it in found.items()} == {
        "cifar10": "stand-in",
        "mnist": "unverified",
    }
    assert lines[0] == f"{folder} has no cifar10.npz: CIFAR-10 is looked for elsewhere"
    assert lines[1].startswith("WARNING: NOT CIFAR-10 but stand-ins (")
    assert "not in Keras's cache" in fault_of("cifar10", "real", folder)


def test_fault_names_the_variable_that_named_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSIGNMENT2_DATA", str(tmp_path / "nowhere"))

    assert fault_of("mnist").startswith("ASSIGNMENT2_DATA ")


def test_faulty_file_in_a_folder_is_an_error(tmp_path):
    arrays = toy("mnist") | {"y_test": np.full(100, 11)}

    message = fault_of("mnist", data_dir=str(folder_with(tmp_path, "mnist", **arrays)))

    assert "y_test: label 11" in message


def test_line_of_numpy_that_mends_a_file_is_the_one_remedy(tmp_path):
    flat = toy("mnist")["x_train"].reshape(300, -1)
    message = fault_of(
        "mnist", data_dir=str(folder_with(tmp_path, "mnist", **toy("mnist") | {"x_train": flat}))
    )
    assert message.endswith("; mend it with x_train.reshape(-1, 28, 28, 1)")
    none = {"y_test": np.zeros(100, int)}
    message = fault_of("mnist", data_dir=str(folder_with(tmp_path, "mnist", **toy("mnist") | none)))
    assert message.endswith(f"; {REMEDY}")


def test_arrays_of_the_official_fingerprint_are_mnist(tmp_path, monkeypatch):
    folder = folder_with(tmp_path, "mnist")
    mark = fingerprint(read(folder / "mnist.npz", "mnist"))
    monkeypatch.setattr(sources, "MNIST_FINGERPRINT", mark)

    identity = sources.find("mnist", data_dir=str(folder), say=silent).identity

    assert (identity.kind, identity.label) == ("official", "MNIST")


@pytest.mark.real_data
def test_official_mnist_has_the_fingerprint_written_here():
    assert fingerprint(read(Path(REAL_DATA) / "mnist.npz", "mnist")) == sources.MNIST_FINGERPRINT


def test_file_is_read_once_and_remembered_until_it_changes(tmp_path, monkeypatch):
    folder = folder_with(tmp_path, "mnist")
    first = sources.find("mnist", data_dir=str(folder), say=silent)
    with monkeypatch.context() as patch:
        patch.setattr(sources, "read", lambda *_: pytest.fail("read again"))
        assert sources.find("mnist", data_dir=str(folder), say=silent) == first
    np.savez(folder / "mnist.npz", **toy("mnist", seed=1))

    again = sources.find("mnist", data_dir=str(folder), say=silent)

    assert again.identity.fingerprint != first.identity.fingerprint


# Stand-ins


def test_stand_in_is_taken_straight_away_when_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(keras_cache, "at_hand", lambda *_: pytest.fail("looked elsewhere"))

    source = sources.find("mnist", "stand-in", str(folder_with(tmp_path, "mnist")), silent)

    assert source.identity.kind == "stand-in"


def test_stand_in_instead_of_real_data_is_said_loudly_in_one_line():
    lines = []

    source = sources.find("cifar10", say=lines.append)

    assert source.identity.kind == "stand-in"
    assert lines[0].startswith("WARNING: NOT CIFAR-10 but stand-ins (127.0.0.1:")
    assert lines[0].endswith(": Connection refused); see --data-dir")


def test_both_stand_ins_are_one_short_line_whatever_the_reason(monkeypatch):
    reasons = iter(["www.cs.toronto.edu: " + "a long story " * 20, "nothing"])

    def refused(*_, **__):
        raise NotAvailableError(next(reasons))

    monkeypatch.setattr(keras_cache, "download", refused)
    lines = []

    sources.find_all(["cifar10", "mnist"], say=lines.append)

    assert [line for line in lines if "WARNING" in line] == lines[:1]
    assert lines[0].startswith("WARNING: NOT CIFAR-10 and MNIST but stand-ins (www.cs.toronto.edu")
    assert len(lines[0]) < 130


def test_unknown_name_is_told_in_the_same_words_on_every_system(monkeypatch):
    def unknown(*_, **__):
        raise urllib.error.URLError(socket.gaierror(-2, "what this system says"))

    monkeypatch.setattr(urllib.request, "urlopen", unknown)

    assert re.search(r"no download \(127.0.0.1:\d+: name not found\)", fault_of("mnist", "real"))


def test_real_data_that_are_nowhere_are_an_error():
    message = fault_of("cifar10", "real")

    assert "not in Keras's cache" in message
    assert "no download (127.0.0.1" in message
    assert "--data-dir" in message


def test_network_is_not_asked_when_that_is_not_wanted(monkeypatch):
    monkeypatch.setattr(keras_cache, "_ask", lambda *_: pytest.fail("asked"))
    lines = []

    source = sources.find("mnist", say=lines.append, download=False)

    assert source.identity.kind == "stand-in"
    assert "WARNING" in lines[0]


# Keras's cache


def keras_file(tmp_path, monkeypatch, name):
    """A toy archive in Keras's cache, with its own SHA-256 as the one that is checked."""
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    file = folder / ARCHIVES[name].names[0]
    file.write_bytes(archive_of(name))
    point(monkeypatch, name, checksum=sha256(file))
    return file


def archive_of(name):
    """What Keras would download, in its own format: full size for CIFAR-10, one image for all."""
    content = io.BytesIO()
    if name == "mnist":
        np.savez(content, **toy("mnist"))
        return content.getvalue()
    pixels = np.zeros((1, 3072), np.uint8)  # the loader spreads one image over a whole batch
    pixels[:, :1024] = 200  # the red plane comes first
    batch = {b"data": pixels, b"labels": [number % 10 for number in range(10_000)]}
    test = batch | {b"data": np.repeat(pixels, 10_000, axis=0)}
    with tarfile.open(fileobj=content, mode="w:gz", compresslevel=1) as archive:
        for member in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
            packed = pickle.dumps(test if member == "test_batch" else batch, protocol=4)
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{member}")
            entry.size = len(packed)
            archive.addfile(entry, io.BytesIO(packed))
    return content.getvalue()


@pytest.fixture
def keras_trusts_toys(monkeypatch):
    """The real loader in its real process, but its own check of the SHA-256 passes toys."""
    trusting = (
        "import keras.src.utils.file_utils as files, sys;"
        "files.validate_file = lambda *_, **__: True;"
        "from experiments.lab.data.keras_loader import main; main(*sys.argv[1:])"
    )
    monkeypatch.setattr(
        watched_loader,
        "loader_command",
        lambda name, out: [sys.executable, "-c", trusting, name, str(out)],
    )


def snapshot(folder):
    return {
        str(path.relative_to(folder)): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.usefixtures("keras_trusts_toys")
def test_mnist_in_kerass_cache_is_mnist(tmp_path, monkeypatch):
    keras_file(tmp_path, monkeypatch, "mnist")
    before = snapshot(tmp_path / "keras")

    source = sources.find("mnist", say=silent)

    assert (source.identity.kind, source.identity.label) == ("official", "MNIST")
    np.testing.assert_array_equal(source.load().test.images[..., 0], toy("mnist")["x_test"])
    assert snapshot(tmp_path / "keras") == before


@pytest.mark.slow
@pytest.mark.usefixtures("keras_trusts_toys")
def test_cifar_archive_in_kerass_cache_is_cifar_and_unpacked_once(tmp_path, monkeypatch):
    archive = keras_file(tmp_path, monkeypatch, "cifar10")

    source = sources.find("cifar10", say=silent)

    assert (source.identity.kind, source.identity.label) == ("official", "CIFAR-10")
    splits = source.load()
    sizes = [len(part.labels) for part in (splits.train, splits.validation, splits.test)]
    assert sizes == [45_000, 5_000, 10_000]
    assert splits.train.images[0, 0, 0].tolist() == [200, 0, 0]
    monkeypatch.setattr(keras_cache, "run_loader", lambda *_: pytest.fail("unpacked again"))
    archive.unlink()
    assert sources.find("cifar10", say=silent) == source
    assert not list((tmp_path / "cache").glob("loading-*"))


def replaced_loader(monkeypatch, script):
    """Run a Python script with OUT in place of Keras's loader."""
    monkeypatch.setattr(
        watched_loader, "loader_command", lambda name, out: [sys.executable, "-c", script, str(out)]
    )


SAVES_TOYS = """
import os, sys, numpy
n = numpy.arange
numpy.savez(sys.argv[1], x_train=numpy.zeros((300, 28, 28), 'uint8'), y_train=n(300) % 10,
            x_test=numpy.zeros((100, 28, 28), 'uint8'), y_test=n(100) % 10)
"""

DOWNLOADS_TOYS = (
    """
import os
folder = os.path.join(os.environ['KERAS_HOME'], 'datasets')
os.makedirs(folder)
open(os.path.join(folder, 'mnist.npz'), 'wb').write(b'downloaded')
"""
    + SAVES_TOYS
)

HANGS = """
import os, time
folder = os.path.join(os.environ['KERAS_HOME'], 'datasets')
os.makedirs(folder)
open(os.path.join(folder, 'mnist.npz'), 'wb').write(b'half')
time.sleep(600)
"""

TRICKLES = """
import os, time
while True:
    open(os.path.join(os.environ['KERAS_HOME'], 'more'), 'ab').write(b'x')
    time.sleep(0.05)
"""


def test_file_of_another_sha256_in_kerass_cache_is_passed_over_and_never_read(
    tmp_path, monkeypatch
):
    file = keras_file(tmp_path, monkeypatch, "mnist")
    file.write_bytes(file.read_bytes() + b"more")
    monkeypatch.setattr(keras_cache, "run_loader", lambda *_: pytest.fail("read"))
    lines = []

    source = sources.find("mnist", say=lines.append)

    assert source.identity.kind == "stand-in"
    assert "is passed over" in lines[0]


def test_loader_that_fails_on_a_checked_file_is_an_error(tmp_path, monkeypatch):
    keras_file(tmp_path, monkeypatch, "mnist")
    replaced_loader(monkeypatch, "raise ImportError('no such module')")

    message = fault_of("mnist")

    assert "Keras's loader failed (ImportError: no such module)" in message


def test_damaged_decoded_arrays_are_decoded_again(tmp_path, monkeypatch):
    keras_file(tmp_path, monkeypatch, "mnist")
    replaced_loader(monkeypatch, SAVES_TOYS)
    first = sources.find("mnist", say=silent)
    Path(first.file).write_bytes(b"damaged")

    again = sources.find("mnist", say=silent)

    assert again == first
    assert len(again.load().train.labels) == 270


def test_archive_of_an_older_keras_is_taken_too(tmp_path, monkeypatch):
    file = keras_file(tmp_path, monkeypatch, "cifar10")
    file.rename(file.with_name("cifar-10-batches-py.tar.gz"))
    replaced_loader(monkeypatch, SAVES_TOYS.replace("28, 28)", "32, 32, 3)"))

    assert sources.find("cifar10", say=silent).identity.kind == "official"


# Download


@contextlib.contextmanager
def deaf_server():
    """A port that takes connections and never answers, as a network that swallows packets."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/file"


@contextlib.contextmanager
def server():
    """A server that answers every question for a file with its size."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()

        def log_message(self, *_):
            """Keep the test's output clean."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}/file"
        served.shutdown()


def test_network_that_swallows_packets_is_given_up_within_ten_seconds_for_both(monkeypatch):
    assert 2 * keras_cache.ANSWER_SECONDS < 10
    monkeypatch.setattr(keras_cache, "ANSWER_SECONDS", 0.3)
    lines = []
    with deaf_server() as url:
        point(monkeypatch, "mnist", url=url)
        source = sources.find("mnist", say=lines.append)

    assert source.identity.kind == "stand-in"
    assert "WARNING" in lines[0]
    assert "127.0.0.1" in lines[0]


def test_name_look_up_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(keras_cache, "ANSWER_SECONDS", 0.3)
    given_up = threading.Event()
    monkeypatch.setattr(keras_cache, "_ask", lambda *_: given_up.wait(60))

    assert "no answer within 0.3 seconds" in fault_of("mnist", "real")
    given_up.set()


def test_server_that_let_a_build_wait_is_asked_again_after_an_hour_or_for_real_data(monkeypatch):
    asked = []

    def slow(_url, _seconds):
        asked.append(1)
        return "no answer"

    monkeypatch.setattr(keras_cache, "_ask", slow)
    monkeypatch.setattr(keras_cache, "QUICK_REFUSAL_SECONDS", 0.0)  # no refusal is quick
    for _ in range(2):
        sources.find("mnist", say=silent)
    assert len(asked) == 1
    fault_of("mnist", "real")
    assert len(asked) == 2
    monkeypatch.setattr(keras_cache, "ASK_AGAIN_SECONDS", 0.0)
    sources.find("mnist", say=silent)
    assert len(asked) == 3


def test_server_that_refuses_at_once_is_asked_every_time(monkeypatch):
    asked = []
    monkeypatch.setattr(keras_cache, "_ask", lambda *_: asked.append(1) or "refused")
    monkeypatch.setattr(keras_cache, "QUICK_REFUSAL_SECONDS", 60.0)  # on a slow machine too

    for _ in range(2):
        sources.find("mnist", say=silent)

    assert len(asked) == 2


def test_download_is_official_and_added_to_kerass_cache(tmp_path, monkeypatch):
    replaced_loader(monkeypatch, DOWNLOADS_TOYS)
    (tmp_path / "content").write_bytes(b"downloaded")
    with server() as url:
        point(monkeypatch, "mnist", url, sha256(tmp_path / "content"))
        source = sources.find("mnist", "real", say=silent)

    assert (source.identity.kind, source.identity.label) == ("official", "MNIST")
    assert (tmp_path / "keras/datasets/mnist.npz").read_bytes() == b"downloaded"
    assert sources.find("mnist", say=silent) == source


def test_download_of_another_file_is_refused(tmp_path, monkeypatch):
    replaced_loader(monkeypatch, DOWNLOADS_TOYS)
    with server() as url:
        point(monkeypatch, "mnist", url)
        message = fault_of("mnist", "real")

    assert "127.0.0.1:" in message
    assert "has another file than Keras expects" in message
    assert not snapshot(tmp_path / "keras")


@pytest.mark.parametrize(
    ("script", "limit", "reason"),
    [
        (HANGS, "STALL_SECONDS", "no progress for 1 seconds"),
        (TRICKLES, "LONGEST_SECONDS", "not done within 1 seconds"),
    ],
)
def test_download_that_hangs_is_ended_and_leaves_nothing(
    tmp_path, monkeypatch, script, limit, reason
):
    replaced_loader(monkeypatch, script)
    monkeypatch.setattr(watched_loader, limit, 1.0)
    lines = []
    with server() as url:
        point(monkeypatch, "mnist", url)
        source = sources.find("mnist", say=lines.append)

    assert source.identity.kind == "stand-in"
    assert reason in lines[1]
    assert not snapshot(tmp_path / "keras")
    assert not list((tmp_path / "cache").glob("loading-*"))


def test_interrupted_download_ends_the_loader_and_leaves_nothing(tmp_path, monkeypatch):
    replaced_loader(monkeypatch, HANGS)
    started = []
    real = watched_loader.subprocess.Popen

    def noted(*arguments, **options):
        started.append(real(*arguments, **options))
        return started[0]

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(watched_loader.subprocess, "Popen", noted)
    monkeypatch.setattr(watched_loader, "_watch", interrupt)
    with server() as url:
        point(monkeypatch, "mnist", url)
        with pytest.raises(KeyboardInterrupt):
            sources.find("mnist", say=silent)

    assert started[0].poll() is not None
    assert not list((tmp_path / "cache").glob("loading-*"))


def test_loader_ends_when_its_parent_is_gone():
    command = "import threading, time; from experiments.lab.data import keras_loader as k;"
    command += "threading.Thread(target=k._end_with_parent, daemon=True).start(); time.sleep(600)"
    loader = watched_loader.subprocess.Popen(
        [sys.executable, "-c", command], stdin=-1, cwd=watched_loader.PROJECT
    )

    loader.stdin.close()

    assert loader.wait(timeout=120) == 1


def test_working_folder_of_a_killed_build_is_cleared_after_a_day(tmp_path):
    old, new = tmp_path / "cache/loading-old", tmp_path / "cache/loading-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))

    with keras_cache._working_folder():
        pass

    assert not old.exists()
    assert new.exists()


def test_progress_bar_is_shown_on_a_terminal_alone(tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    shown = []
    for screen in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setenv("TERM", "xterm")
        with watched_loader._bar(watched_loader.Watch(tmp_path / "file", 2_000_000)) as show:
            show(1_000_000)
        shown.append(screen.getvalue())

    assert "1.0/2.0 MB" in shown[0]
    assert shown[1] == ""


# Another machine


def test_source_of_another_machine_is_found_here(tmp_path, monkeypatch):
    source = sources.find("mnist", data_dir=str(folder_with(tmp_path, "mnist")), say=silent)
    elsewhere = Source(source.identity, "/elsewhere/mnist.npz")
    monkeypatch.setenv("ASSIGNMENT2_DATA", str(tmp_path / "own data"))

    assert sources.here(elsewhere, say=silent) == source
    assert sources.here(source, say=silent) == source


def test_stand_in_of_another_machine_is_made_here():
    source = sources.find("cifar10", "stand-in", say=silent)
    elsewhere = Source(source.identity, "/elsewhere/stand-in.npz")

    assert sources.here(elsewhere, say=silent) == source


def test_other_data_on_this_machine_are_refused(tmp_path):
    folder = folder_with(tmp_path, "mnist")
    source = sources.find("mnist", data_dir=str(folder), say=silent)
    elsewhere = Source(source.identity, "/elsewhere/mnist.npz")
    np.savez(folder / "mnist.npz", **toy("mnist", seed=1))

    with pytest.raises(DataError, match="use the same data"):
        sources.here(elsewhere, str(folder), silent)


def test_finding_a_stand_in_again_imports_nothing_heavy():
    sources.find("cifar10", "stand-in", say=silent)
    code = (
        "import sys; from experiments.lab.data import sources; sources.find('cifar10', 'stand-in');"
        "print(sorted({'tensorflow', 'keras', 'sklearn', 'scipy', 'rich'} & set(sys.modules)))"
    )
    ran = watched_loader.subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=watched_loader.PROJECT
    )

    assert ran.stdout.strip() == "[]", ran.stderr
