"""What a build will need of this machine, looked for before anything is trained.

A check says what it found, and what is missing with the command that mends it on this system. What
only slows or enlarges the report is a note.
"""

import ctypes
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rendering.columns import aligned

OK, NOTE, MISSING = "ok", "note", "missing"
GIGABYTE = 10**9
DISK = GIGABYTE // 2  # many times what a standard report with its runs takes
MEMORY = 1 * GIGABYTE  # more than the 0.7 that a process that trains was seen to take
PANGO, SUBSET = "Pango", "HarfBuzz-Subset"

# The names under which WeasyPrint 70 looks for what it cannot do without, and for what it can.
LIBRARIES = {
    PANGO: ("gobject-2.0", "pango-1.0", "pangoft2-1.0", "harfbuzz", "fontconfig"),
    SUBSET: ("harfbuzz-subset",),
}
INSTALLED_BY = {
    "debian": "sudo apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    "fedora": "sudo dnf install pango harfbuzz",
    "arch": "sudo pacman -S pango",
    "macos": "brew install pango",
    "conda": "conda install -c conda-forge pango",
}
ALIKE = {"ubuntu": "debian", "rhel": "fedora", "centos": "fedora", "manjaro": "arch"}
WITHOUT_PDF = "the HTML is built, the PDF is not, and the exit status will be 1"


@dataclass(frozen=True)
class Check:
    """What was looked for, how it stands (OK, NOTE or MISSING), what was found, and what mends it."""

    about: str
    state: str
    found: str
    remedy: str = ""

    @property
    def line(self) -> str:
        """Return all of it in one line."""
        return f"{self.state}: {self.about}: {self.found}" + f"; {self.remedy}" * bool(self.remedy)


def system(release: Path = Path("/etc/os-release"), environment: Mapping = os.environ) -> str:
    """Return which of INSTALLED_BY's systems this is; empty if none of them."""
    if environment.get("CONDA_PREFIX"):
        return "conda"
    if sys.platform == "darwin":
        return "macos"
    try:
        lines = [line.partition("=") for line in release.read_text().splitlines()]
    except (OSError, UnicodeError):
        return ""
    held = {name: value.strip("\"'") for name, _, value in lines}
    for name in [held.get("ID", ""), *held.get("ID_LIKE", "").split()]:
        if (known := ALIKE.get(name, name)) in INSTALLED_BY:
            return known
    return ""


def loads(name: str) -> bool:
    """Return whether the dynamic linker finds a library of that name."""
    number = 1 if name == "fontconfig" else 0
    tried = (f"lib{name}.so.{number}", f"lib{name}.dylib", f"lib{name}.{number}.dylib")
    tried += (f"lib{name}-{number}.dll",)
    for file in tried:
        try:
            ctypes.CDLL(file)
        except OSError:
            continue
        return True
    return False


def remedy(on: str | None = None) -> str:
    """Return the command that installs the PDF's libraries on a system, this one if it is None."""
    known = INSTALLED_BY.get(system() if on is None else on)
    return known or "install Pango and HarfBuzz with this system's packages"


def libraries(found: Callable[[str], bool] = loads, on: str | None = None) -> list[Check]:
    """Return whether the PDF's libraries are here; `on` is the system, this one if it is None."""
    mends = remedy(on)
    lacking = {about: [it for it in names if not found(it)] for about, names in LIBRARIES.items()}
    checks = []
    for about, names in lacking.items():
        if not names:
            checks.append(Check(about, OK, "found"))
        elif about == PANGO:
            checks.append(Check(about, MISSING, f"no {', '.join(names)}: {WITHOUT_PDF}", mends))
        else:
            checks.append(
                Check(about, NOTE, "not found: the fonts of the PDF are cut by slower means", mends)
            )
    return checks


def disk(output: Path) -> Check:
    """Return whether there is room where the report goes, or will go."""
    place = next(it for it in (output, *output.absolute().parents) if it.is_dir())
    free = shutil.disk_usage(place).free
    found = f"{free / GIGABYTE:.1f} GB free in {place}"
    if free >= DISK:
        return Check("disk", OK, found)
    return Check("disk", NOTE, f"{found} may be too little", "free some, or name another --output")


def writing(output: Path) -> Check:
    """Return whether the output folder can be written, or made."""
    place = next(it for it in (output, *output.absolute().parents) if it.is_dir())
    if os.access(place, os.W_OK | os.X_OK):
        return Check("output", OK, f"{output} can be written")
    remedy = f"chmod u+rwx {place}, or name another folder with --output"
    return Check("output", MISSING, f"{place} cannot be written", remedy)


def available_memory(file: Path = Path("/proc/meminfo")) -> int | None:
    """Return how many bytes of memory programs may still take; None where that is not told."""
    try:
        lines = [line.split() for line in file.read_text().splitlines()]
        return next(int(it[1]) * 1024 for it in lines if it[:1] == ["MemAvailable:"])
    except (OSError, StopIteration, ValueError, IndexError):
        return None


def memory(jobs: int, free: int | None) -> Check:
    """Return whether the trainings at once, and the build itself, have memory."""
    if free is None:
        return Check("memory", OK, "not known on this system")
    found = f"{free / GIGABYTE:.1f} GB free for {jobs} at once"
    fitting = max(1, int(free / MEMORY) - 1)
    if fitting >= jobs:
        return Check("memory", OK, found)
    return Check("memory", NOTE, f"{found} may be too little", f"--jobs {fitting} takes less")


def needed(output: Path, jobs: int) -> list[Check]:
    """Return all checks of what a build needs."""
    return [*libraries(), writing(output), disk(output), memory(jobs, available_memory())]


def described(jobs: int, data: list[Check]) -> Iterator[Check]:
    """Yield what this machine has: Python, libraries, GPUs, cores, and the data as they were found."""
    from experiments.lab.store.keys import library_version
    from experiments.lab.training.devices import gpu_count

    yield Check("Python", OK, f"{platform.python_version()}, {sys.executable}")
    for name in ("tensorflow", "keras", "keras-tuner", "numpy", "matplotlib", "weasyprint"):
        yield Check(name, OK, library_version(name))
    yield Check(
        "fonts", OK, "those of the packages fontpkg-source-…; none of the system's is needed"
    )
    yield Check("GPUs", OK, f"{gpu_count()} seen by TensorFlow")
    yield Check("trainings", OK, f"{jobs} at once")
    yield from data


def table(checks: list[Check]) -> str:
    """Return the checks as a table."""
    rows = [(it.about, it.state, it.found, it.remedy) for it in checks]
    return aligned(("what", "state", "found", "what mends it"), rows)
