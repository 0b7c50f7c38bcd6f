"""Where the data come from: a folder's files, Keras's loaders, or stand-ins of our own."""
