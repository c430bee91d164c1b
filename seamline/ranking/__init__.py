"""How similarities of parts become one score, and which candidates can still matter."""
