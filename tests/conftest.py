"""What all tests share: threads and caches set before TensorFlow, and toy builds made once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

# matplotlib lists the fonts at its first import on a machine: before a test makes files unreadable.
import matplotlib.font_manager  # noqa: F401
import pytest
from filelock import FileLock
from hypothesis import settings

PROJECT = Path(__file__).resolve().parents[1]
for folder in (PROJECT, PROJECT / "tests"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from experiments.lab.training import devices  # noqa: E402

devices.prepare_process()

settings.register_profile("tests", deadline=None)  # a machine with other work is no fault
settings.load_profile("tests")

from browser_fixture import browser, visit  # noqa: E402, F401
from toy import command, data  # noqa: E402

from experiments.lab.store import sourcefiles  # noqa: E402
from rendering.figures.drawing import Drawing  # noqa: E402

# Long files first, in this order: none is left for the end, where one process would work alone.
LONGEST = (
    "tests/building/test_commands.py",
    "tests/lab/training/test_trainer.py",
    "tests/readback/test_readback.py",
    "tests/sections/test_reach.py",
    "tests/lab/search/test_worker.py",
    "tests/test_command_line.py",
    "tests/building/test_builder.py",
    "tests/lab/inspection/test_deconvnet.py",
    "tests/test_own_classes.py",
    "tests/test_changes.py",
    "tests/deconvnet/",
    "tests/sections/",
    "tests/lab/",
)


def pytest_collection_modifyitems(items):
    """Put the longest files first; pytest-xdist gives them out in this order."""

    def place(item):
        name = item.nodeid
        return next((at for at, one in enumerate(LONGEST) if name.startswith(one)), len(LONGEST))

    items.sort(key=place)


@pytest.fixture(scope="session")
def source_files_read():
    """What was read from the project's source files, by content."""
    return {}


@pytest.fixture(scope="module")
def one_memory(source_files_read, tmp_path_factory):
    """Read a source file once, not for each closure; to the tests of other modules it is unknown."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSIGNMENT2_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(sourcefiles, "_recalled", lambda: source_files_read)
        yield


@pytest.fixture
def blank_pictures(monkeypatch):
    """Save a blank image for every figure: matplotlib takes a second for each, words do not need it.

    The figures themselves are still drawn, with their captions, texts and tables.
    """
    from made import BLANK

    monkeypatch.setattr(Drawing, "image", lambda _: BLANK)


@pytest.fixture
def printed(request, measured, tmp_path, blank_pictures):
    """Return a function that gives a section's words for what its module's `measured` is given."""
    from made import make_record, render, words

    section = request.module.section

    def printed(*outcomes, **options):
        findings, results = measured(*outcomes, **options)
        record = make_record(
            section.SECTION,
            findings,
            results=results if isinstance(results, list) else [results],
            kind=options.get("kind", "official"),
            folder=tmp_path / "records",
        )
        return words(render(section, record, tmp_path / "report"))

    return printed


@pytest.fixture(scope="session")
def common(tmp_path_factory):
    """A folder that the test processes of a session share, where tests run in several."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def toy_data(common):
    """The folder with the two small data sets."""
    with FileLock(common / "data.lock"):
        if not (common / "data").exists():
            data.write(common / "data")
    return common / "data"


@pytest.fixture(scope="session")
def toy_environment(tmp_path_factory):
    """The environment of a build in a process of its own, apart from the user's cache."""
    kept = {name: it for name, it in os.environ.items() if not name.startswith("KERASTUNER")}
    kept.pop("ASSIGNMENT2_DATA", None)
    kept["PYTHONPATH"] = os.pathsep.join([str(PROJECT), str(PROJECT / "tests")])
    kept["ASSIGNMENT2_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    return kept


@pytest.fixture(scope="session")
def toy(toy_data, toy_environment):
    """Run the command with the small sections in a process of its own: `toy(output, *arguments)`."""

    def arguments(output, *given):
        line = [*given, "--output", str(output), "--data-dir", str(toy_data), *command.ARGUMENTS]
        return [sys.executable, "-m", "toy.command", *line]

    def run(output, *given, **environment):
        return subprocess.run(
            arguments(output, *given),
            env={**toy_environment, **environment},
            capture_output=True,
            text=True,
            errors="replace",  # some tests ask for another encoding than this one's
            timeout=300,
        )

    def start(output, *given, **environment):
        return subprocess.Popen(
            arguments(output, *given),
            env={**toy_environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return SimpleNamespace(run=run, start=start, arguments=arguments, environment=toy_environment)


@pytest.fixture(scope="session")
def built(toy, common):
    """An undisturbed build with one worker: its folder, and what its process said. Not to change."""
    output, said = common / "built" / "report", common / "built" / "said.json"
    with FileLock(common / "built.lock"):
        if not said.exists():
            process = toy.run(output, "--jobs", "1")
            held = {name: getattr(process, name) for name in ("returncode", "stdout", "stderr")}
            said.parent.mkdir(exist_ok=True)
            said.write_text(json.dumps(held))
    return SimpleNamespace(output=output, process=SimpleNamespace(**json.loads(said.read_text())))


@pytest.fixture(autouse=True)
def own_parts_back():
    """Fail the test that leaves the small sections in the place of the report's own."""
    before = command.held()
    yield
    assert command.held() == before


@pytest.fixture
def here(toy_data, toy_environment, monkeypatch):
    """Run the command with the small sections in this process: `here(output, *arguments)`."""
    command.replace(monkeypatch.setattr, monkeypatch.setitem)
    for name in [name for name in os.environ if name.startswith("KERASTUNER")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ASSIGNMENT2_CACHE", toy_environment["ASSIGNMENT2_CACHE"])
    monkeypatch.delenv("ASSIGNMENT2_DATA", raising=False)

    import build_report

    def run(output, *given):
        line = [*given, "--output", str(output), "--data-dir", str(toy_data), *command.ARGUMENTS]
        return build_report.main(line)

    return run
