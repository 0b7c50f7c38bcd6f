"""What every experiment stands on: settings, profiles, what a section is; its rooms do the rest.

From the ground up: data and store; networks; training; search. Beside them evidence and inspection.
"""
