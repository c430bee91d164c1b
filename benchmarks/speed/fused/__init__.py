"""Instead of a Python step between encoder and region head: boxes, RoiAlign and head in the encoder's graph."""
