"""The studies of Zeiler & Fergus's paper on our own network, one module each.

Every study has the face of a section, made narrower:

    def searches(study) -> list[Search]             what has to be trained for it; may be empty
    def measure(study, subject) -> Findings         what it finds on the network (subject.py)
    def draw(record) -> list[Drawing]               its figures, from its own part of the record

A study names its scores, facts, claims, arrays and figures as if it were alone. The section keeps
them apart by the study's name, and `part` gives a study its own back:

    facts    record.facts[NAME]; in the partial templates/studies/NAME.html `facts` is this one
    scores   scores["NAME_SCORE"]
    claims   claims["NAME-CLAIM"]
    arrays   record.arrays["NAME/ARRAY"]
    figures  figure("NAME-FIGURE"), see("NAME-FIGURE")

The partial begins with its own <h3>. Besides the section's own names it is given `network`, what
`experiments.deconvnet.about` says of the network.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from types import ModuleType

from experiments.lab.store.records import Findings, Record
from rendering.figures.vocabulary import Drawing

# In the report's order.
STUDIES = (
    "ideas",
    "visualization",
    "evolution",
    "invariance",
    "occlusion",
    "correspondence",
    "architecture",
    "depth",
    "control",
)


def modules() -> dict[str, ModuleType]:
    """Return every study's module by its name, in the report's order."""
    # Named one by one: what a record depends on is found by following the imports (lab/keys.py).
    from experiments.deconvnet import (
        architecture,
        control,
        correspondence,
        depth,
        evolution,
        ideas,
        invariance,
        occlusion,
        visualization,
    )

    found = (
        ideas,
        visualization,
        evolution,
        invariance,
        occlusion,
        correspondence,
        architecture,
        depth,
        control,
    )
    return dict(zip(STUDIES, found, strict=True))


def merged(parts: Mapping[str, Findings]) -> Findings:
    """Return the findings of several studies, by name, as those of one section."""
    whole = Findings()
    for name, findings in parts.items():
        whole.facts[name] = findings.facts
        whole.scores |= {f"{name}_{score}": value for score, value in findings.scores.items()}
        whole.arrays |= {f"{name}/{array}": value for array, value in findings.arrays.items()}
        whole.claims += [
            dataclasses.replace(claim, name=f"{name}-{claim.name}") for claim in findings.claims
        ]
    return whole


def part(record: Record, name: str) -> Record:
    """Return `record` with the findings of the study `name` alone, under the study's own names."""
    return dataclasses.replace(
        record,
        facts=record.facts[name],
        scores=_own(record.scores, f"{name}_"),
        arrays=_own(record.arrays, f"{name}/"),
        claims=[
            {**claim, "name": claim["name"].removeprefix(f"{name}-")}
            for claim in record.claims
            if claim["name"].startswith(f"{name}-")
        ],
    )


def renamed(drawings: Iterable[Drawing], name: str) -> list[Drawing]:
    """Return the drawings of the study `name` under the names that the section gives them."""
    return [dataclasses.replace(drawing, name=f"{name}-{drawing.name}") for drawing in drawings]


def _own(values: Mapping, prefix: str) -> dict:
    return {
        name.removeprefix(prefix): value
        for name, value in values.items()
        if name.startswith(prefix)
    }
