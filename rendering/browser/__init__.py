"""The trial browser: the searches' trials as a page, a table and a CSV file.

Only `building` imports it. It must not know sections or import TensorFlow.
"""
