"""Training the garment detector: photos in an album, scenes made of them, the task, and figures of detection."""
