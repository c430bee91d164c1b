"""What the training loop costs besides the training itself."""
