"""What verdicts say of the probabilities that the server states, and the verdicts themselves as labelled pairs.

`standing` finds what holds of each pair, `figures` and `proposal` reckon with it, `labelled` gives it out as CSV.
"""
