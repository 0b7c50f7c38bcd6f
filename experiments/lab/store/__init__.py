"""What is kept: keys, runs, search results, section records, and writing files whole.

All rooms may import it, and so may `rendering`. It must not import TensorFlow, nor know how anything
that it keeps was made.
"""
