"""Cases: pairs of garments that are handed on, what people say of them, and a log of all that was done.

`access` finds and locks a case, `log` appends to its chain; `opening`, `adding` and `editing` change it, each change
with its entry in one transaction. `contents` is what is handed on of it, `exporting` hands it on, `notice` drafts the
text that goes with it, `listing` and `timeline` show it.
"""
