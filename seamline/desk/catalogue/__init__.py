"""The catalogue at the desk: collections and items to look at, photos to index, items to delete with a receipt."""
