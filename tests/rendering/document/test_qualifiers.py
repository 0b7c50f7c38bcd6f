"""A paragraph with a claim says by itself that it is of one run, or on stand-ins."""

import dataclasses

import pytest
import sample_report

from experiments.lab.evidence.claims import SETTING, as_plain
from rendering.document import known, qualifiers
from rendering.marks import bare, claim_begins, claim_ends
from rendering.traced import SIGN

PATH = "rnn/claims/rates"


@pytest.fixture
def said(tmp_path):
    """Return what becomes of a page: `said(page, scope=, kind=)`, for a claim of this scope and data."""

    def qualified(page, scope=sample_report.CLAIM.scope, kind="official"):
        report = sample_report.report(tmp_path)
        section, *others = report.sections
        claim = as_plain(dataclasses.replace(sample_report.CLAIM, scope=scope))
        data = {"mnist": {**sample_report.IDENTITIES["mnist"], "kind": kind}}
        record = dataclasses.replace(section.record, claims=[claim], data=data)
        sections = [dataclasses.replace(section, record=record), *others]
        report = known.with_paths(dataclasses.replace(report, sections=sections))
        return bare(qualifiers.added(page, report))

    return qualified


def claimed(words="It is better.", path=PATH):
    return claim_begins(path, "better") + words + claim_ends()


def limit(words):
    return f' <span class="limit">{words}.</span>'


@pytest.mark.parametrize("path", [PATH, SIGN + PATH])
@pytest.mark.parametrize("tag", ["p", "li"])
def test_paragraph_with_a_claim_of_one_run_says_so(said, tag, path):
    found = said(f"<{tag}>A. {claimed(path=path)}</{tag}>")
    assert found == f"<{tag}>A. It is better.{limit('One run')}</{tag}>"


def test_both_limits_stand_together(said):
    assert said(f"<p>{claimed()}</p>", kind="stand-in").endswith(
        f"{limit('One run; stand-in data')}</p>"
    )


def test_only_what_is_missing_is_added(said):
    page = f"<p>On the stand-in for MNIST {claimed()}</p>"
    assert said(page, kind="stand-in").endswith(f"better.{limit('One run')}</p>")
    page = f"<p>In this run {claimed()}</p>"
    assert said(page) == bare(page)


@pytest.mark.parametrize(
    "page",
    [
        "<p>No claim.</p>",
        f"<p>{claimed(' ')}</p>",
        f'<p class="note">{claimed()}</p>',
        f"<td>{claimed()}</td>",
        f"<p>{claimed(path='rnn/claims/other')}</p>",
    ],
)
def test_what_states_no_claim_in_running_text_stays(said, page):
    assert said(page) == bare(page)


def test_claim_about_settings_is_not_of_one_run(said):
    page = f"<p>{claimed()}</p>"
    assert said(page, scope=SETTING) == bare(page)
