"""Vector search from ten thousand to a million garments: what a search costs and what it finds."""
