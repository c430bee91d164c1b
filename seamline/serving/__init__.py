"""What the Python steps of the ensembles do: plain classes on arrays, one file per step under the step's own name."""
