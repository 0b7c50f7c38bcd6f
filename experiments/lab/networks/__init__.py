"""The networks and optimizers, built from hyper-parameters, and layers laid out for a processor.

Training, inspection and sections import it. Of the data it knows `facts`
alone, and it must not know the store or searches.
"""
