"""Seamline finds garments that copy another garment's design, region by region."""

__version__ = "0.1.0"
