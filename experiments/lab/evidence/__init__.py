"""What numbers bear out: summaries of trials, comparisons, differences, and the claims made of them.

Sections import it. It knows results and must not know networks or how anything was trained.
"""
