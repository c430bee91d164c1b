"""The tiny system of docs/adding-a-system.md: one part, one small network, triplets."""
