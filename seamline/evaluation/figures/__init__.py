"""What is measured of detections, embeddings and rankings: cases of figures, as pure functions of arrays."""
