"""Data that this project makes itself, for machines without the real sets and without a network."""
