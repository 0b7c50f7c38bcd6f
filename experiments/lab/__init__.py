"""What every experiment stands on: data, networks, searches, runs, records and statistics."""
