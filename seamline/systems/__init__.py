"""Networks, losses and tasks that are a system's own: a folder each."""
