"""`embed` and `search` under load, beside the same work in one process and in a plain HTTP service."""
