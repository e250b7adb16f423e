"""Runs an untrusted notebook and brings back evidence, never a verdict."""
