"""What every system shares: photos, parts, the numbers of a set of weights, figures, errors. No torch."""
