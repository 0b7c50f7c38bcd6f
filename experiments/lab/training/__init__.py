"""Training one network: the loop, its course from the first step to the last, and the devices.

The room `search` imports it, and what needs a device. It must not know searches, trials or sections.
"""
