"""Training: from a folder of photos and their labels to checkpoints and the numbers of `spec.json`."""
