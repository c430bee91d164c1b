"""The networks on a GPU: how long, how many a second, and which share of what the card could do."""
