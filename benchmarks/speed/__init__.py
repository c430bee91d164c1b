"""How long an answer takes, measured side by side in one run."""
