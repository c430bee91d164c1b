"""Losses of several systems, in PyTorch."""
