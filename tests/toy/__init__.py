"""Builds at toy size: a few hundred images, small sections in the place of the report's own."""
