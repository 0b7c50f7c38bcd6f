"""Figures: the chart vocabulary that sections draw with, one style for all of them.

Sections and the other rooms of `rendering` may import it. It must not know the page, sections or
TensorFlow.
"""
