"""The report: page, tables, formulas, PDF, from records and drawings.

Only `building` imports it. It must not know how anything was measured, nor import sections or
TensorFlow.
"""
