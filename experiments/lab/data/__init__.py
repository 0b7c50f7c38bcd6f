"""The images: where they come from, how they are checked, divided and shown to a network.

Every other room of the lab may import it; of the lab it imports the room `store` alone, for files, the
cache, registries and keys of its stand-ins. It must not know networks, runs or searches.
"""
