"""The networks and optimizers, built from hyper-parameters, and layers laid out for a processor.

Training, inspection and sections import it. Of the data it knows `facts` alone, of the store the
registry alone; it must not know runs or searches.
"""
