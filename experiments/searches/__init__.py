"""Searches that several sections share, and how their trials are read."""
