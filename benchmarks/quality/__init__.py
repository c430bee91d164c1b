"""How good the served networks are, with the baselines and variants in one run."""
