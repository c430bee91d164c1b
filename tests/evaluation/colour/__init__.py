"""A system of one part, for tests: the mean colour of a crop."""
