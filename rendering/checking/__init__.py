"""The built report held against its own results: what `build_report.py --check` says, a line a fault.

It knows nothing of how the report was made: it reads the files of an output folder, and changes none.
"""
