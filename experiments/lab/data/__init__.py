"""The images: where they come from, how they are checked, divided and shown to a network.

Every other room of the lab may import it; it imports nothing of the lab but `store.files`,
`store.cache` and `store.registry`. It must not know networks, runs or searches.
"""
