"""What happens inside a network while it descends: why some rates learn and others do not (Task 1b)."""
