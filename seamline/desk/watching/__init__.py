"""The watch: new garments of one collection are compared with those of another, and what looks like a copy is queued.

    watch = begin_watch(store, "listings", "originals", at_least=0.5)
    Watcher(store, watch, ModelServer(bulk=True), Index, Options()).look()

What was compared is noted garment by garment with what it led to, so a watch that is killed goes on where it was.
"""
