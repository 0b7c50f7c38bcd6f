"""What happens inside a network while it descends, and how ways to descend compare (Task 1b)."""
