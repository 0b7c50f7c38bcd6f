"""A small report that is sound; tests break one thing each."""

CLAIM = {
    "name": "same", "measure": "test_accuracy", "verdict": "better", "estimate": 0.012,
    "scope": "networks", "p_value": 0.0004,
}  # fmt: skip
FIGURE = {
    "name": "curves", "caption": "Curves.", "alt": "It rises.", "file": "figures/rnn-curves.svg",
    "table": "figures/rnn-curves.csv",
}  # fmt: skip
SECTION = {
    "scores": {"accuracy": 0.6234, "rate": 2.5e-5},
    "facts": {"rows": [1, 2], "cell": "GRU 64", "0.1": 5},
    "claims": [CLAIM],
    "figures": [FIGURE],
    "trials": [{"search": "recurrent", "trial_id": "0"}],
    "data": {"mnist": {"kind": "official"}},
    "built_at": "2024-02-03T14:05:00+00:00",
    "seconds": 492.3,
    "parts": {},
}
VALUE = '<data value="0.6234" data-path="rnn/scores/accuracy">62.3\u202f%</data>'
SENTENCE = f"It reads {VALUE} of the images in this run."
CLAIMED = "<!--claim rnn/claims/same better-->It is better.<!--/claim-->"
PAGE = """<!DOCTYPE html><html lang="en"><head><title>t</title></head><body>
<section id="answers"><p><a href="#section-rnn">Section 3a</a></p></section>
<section id="section-rnn"><h2>3a Recurrent</h2>
<p>{sentence} {claimed}</p>
<figure id="figure-rnn-curves"><img src="data:," alt="It rises.">
<figcaption>Figure 1 Curves.</figcaption></figure>
</section><section id="references"><ol><li id="reference-zeiler-2013">A work.</li></ol></section>
<div id="appendix"><p>More.</p></div></body></html>
"""
PDF = b"%PDF-1.7 /StructTreeRoot /MarkInfo /Lang /Outlines /Title\n%%EOF\n"
