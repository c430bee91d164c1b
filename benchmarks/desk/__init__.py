"""How long people wait at the analyst's desk: for the next card of a full queue, for the first hits of a search."""
