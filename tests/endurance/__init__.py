"""What takes too long for every run of the tests: faults at every write of a build, and a soak."""
