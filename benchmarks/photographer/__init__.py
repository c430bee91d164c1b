"""How alike two photos of one garment are: real pairs, and photos beside what the photographer makes of them."""
