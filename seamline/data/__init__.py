"""Where training data and sample photos come from."""
