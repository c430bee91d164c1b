"""How good the served networks are: detection, landmarks, retrieval and evidence, with their baselines in one run."""
