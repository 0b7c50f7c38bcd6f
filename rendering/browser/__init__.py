"""The trial browser: the searches' trials as a page, a table and a CSV file.

What it shows is its own `model`; a reader fills that (`from_runs` from the run store), and pages, tables
and files are made from it alone. Only `building` imports it. It must not know sections or import
TensorFlow.
"""
