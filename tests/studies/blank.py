"""A blank picture for tests of words: matplotlib takes a second for each figure that is saved."""

BLANK = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="100pt" height="50pt" viewBox="0 0 100 50"/>'
)
