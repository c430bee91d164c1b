"""How good networks are: detection, landmarks, retrieval of copies, evidence. Needs the extras `local` and `draw`."""
