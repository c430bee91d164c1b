"""Who uses the desk, what they may do, and how the desk knows."""
