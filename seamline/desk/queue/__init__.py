"""The queue: suspects as cards, claimed by one person at a time, judged in batches.

    cards = next_cards(store, "anna", CardRequest(watch="..."))
    judge(store, "anna", cards[0].id, Said("copy"))

Each change is one short transaction, and the same change sent twice counts once.
"""
