"""The networks and optimizers, built from hyper-parameters, and layers laid out for a processor.

Training, inspection and sections import it. It must not know data sets, runs or searches; of the store it
knows the registry alone.
"""
