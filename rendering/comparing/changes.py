"""What differs between the results of two builds, section by section, and what may explain it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Results = Mapping[str, Any]
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
NUMBER, CLAIM, TRIAL, SETTING, DATA, VERSION = (
    "number", "claim", "trial", "setting", "data", "version",
)  # fmt: skip
EXPLAIN = (SETTING, DATA, VERSION)  # the kinds of changes that results may follow from
OF_DATA = ("kind", "fingerprint")  # what makes data others; where they lie does not


@dataclass(frozen=True)
class Change:
    """One thing that differs: its kind, its name, and the values before and after, None where absent."""

    kind: str
    name: str
    old: Any
    new: Any

    @property
    def how(self) -> str:
        """Whether it was added, removed or changed."""
        return ADDED if self.old is None else REMOVED if self.new is None else CHANGED

    @property
    def difference(self) -> float | None:
        """After less before, None where one of the two is no number."""
        both = (self.old, self.new)
        if any(isinstance(it, bool) or not isinstance(it, int | float) for it in both):
            return None
        return self.new - self.old


@dataclass(frozen=True)
class SectionChanges:
    """What differs in a section or part: results, and what may explain them.

    `status` and `built_at` are those before and after; `figures` names the figures of either build.
    """

    name: str
    status: tuple[str, str]
    results: Sequence[Change] = ()
    causes: Sequence[Change] = ()
    figures: Sequence[str] = ()

    @property
    def changed(self) -> bool:
        """Whether anything differs but the figures, which are compared by their files."""
        return bool(self.results or self.causes) or self.status[0] != self.status[1]

    @property
    def explained(self) -> list[str]:
        """What may explain the results, in words; empty where none changed, or nothing seen here does."""
        return [f"{it.kind} {it.name}" for it in self.causes] if self.results else []


@dataclass(frozen=True)
class Comparison:
    """What differs between two builds: for each section in order, and in what is common to all."""

    sections: Sequence[SectionChanges]
    common: Sequence[Change] = field(default=())

    @property
    def changed(self) -> bool:
        """Whether anything differs in the results, or in what they follow from."""
        return bool(self.common) or any(section.changed for section in self.sections)


def compare(old: Results, new: Results) -> Comparison:
    """Return what differs between the contents of two files `results.json`."""
    names = dict.fromkeys([*_names(new), *_names(old)])
    sections = [_section(name, _found(old, name), _found(new, name)) for name in names]
    common = [
        *_changes(VERSION, _versions(old), _versions(new)),
        *_changes(SETTING, {"profile": old.get("profile")}, {"profile": new.get("profile")}),
    ]
    return Comparison(sections, common)


def _names(results: Results) -> Iterator[str]:
    for name, section in results["sections"].items():
        yield name
        yield from (f"{name}.{part}" for part in section.get("parts", {}))


def _found(results: Results, name: str) -> Mapping[str, Any]:
    home, _, part = name.partition(".")
    section = results["sections"].get(home, {})
    return section.get("parts", {}).get(part, {}) if part else section


def _section(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> SectionChanges:
    parts = [f"{part}" for part in {**old.get("parts", {}), **new.get("parts", {})}]
    results = [
        *_changes(NUMBER, _scores(old, parts), _scores(new, parts)),
        *_changes(CLAIM, _claims(old, parts), _claims(new, parts)),
        *_changes(TRIAL, _trials(old), _trials(new)),
    ]
    causes = [
        *_changes(SETTING, old.get("settings", {}), new.get("settings", {})),
        *_changes(DATA, _data(old), _data(new)),
        *_changes(VERSION, old.get("environment", {}), new.get("environment", {})),
    ]
    status = (old.get("status", "absent"), new.get("status", "absent"))
    figures = dict.fromkeys(row["file"] for one in (new, old) for row in one.get("figures", ()))
    # A section's list repeats the figures of its parts, under names that begin with the part's.
    own = [it for it in figures if not any(f"-{part}-" in it for part in parts)]
    return SectionChanges(name, status, results, causes if old and new else (), own)


def _changes(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) != new.get(name):
            yield Change(kind, name, old.get(name), new.get(name))


def _scores(section: Mapping[str, Any], parts: Sequence[str]) -> dict[str, Any]:
    """Return the section's own numbers: those of its parts are told with the parts."""
    scores = section.get("scores", {})
    return {it: value for it, value in scores.items() if not _of_part(it, parts, "_")}


def _claims(section: Mapping[str, Any], parts: Sequence[str]) -> dict[str, str]:
    """Return the verdicts of the section's own claims, in words with their sides."""
    return {
        f"{row['name']} ({row['left']['label']} against {row['right']['label']})": row["verdict"]
        for row in section.get("claims", ())
        if not _of_part(row["name"], parts, "-")
    }


def _of_part(name: str, parts: Sequence[str], joint: str) -> bool:
    return any(name.startswith(f"{part}{joint}") for part in parts)


def _trials(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the test accuracy, or what became of it, of each run by its setting."""
    return {_setting(row): _outcome(row) for row in section.get("trials", ())}


def _setting(row: Mapping[str, Any]) -> str:
    values = ", ".join(f"{name}={value}" for name, value in row["hyperparameters"].items())
    return f"{row['search']} {values}, seed {row['seed']}"


def _outcome(row: Mapping[str, Any]) -> Any:  # noqa: ANN401
    accuracy = row.get("test_accuracy")
    return row["status"] if accuracy is None else accuracy


def _data(section: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{name} {what}": identity.get(what)
        for name, identity in section.get("data", {}).items()
        for what in OF_DATA
    }


def _versions(results: Results) -> Mapping[str, Any]:
    return results.get("environment", {}).get("versions", {})
