"""Case files: what a desk hands on of a case, a ZIP that anybody can check years later, without the desk.

Import from the modules: `model` and `chain` say what a case holds, `archive` writes it, `verify` checks it, `evidence`
and `pdf` make its page, `timestamps` asks an authority to witness it.
"""
