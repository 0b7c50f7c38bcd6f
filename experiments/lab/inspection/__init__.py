"""Looking into trained networks: deconvnet, receptive fields, activations, shapes of filters.

Sections import it. It knows networks and must not know searches or the report.
"""
