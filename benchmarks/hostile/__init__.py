"""Attacks on a local server of its own, from everywhere that one can come from, and what became of it."""
