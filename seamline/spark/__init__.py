"""Batch embedding on a cluster: a Spark job from a Parquet manifest to Parquet that a collection imports.

    from seamline.spark.job import Job, embed_manifest
    from seamline.spark.service import Service
    from seamline.spark.session import spark_context

    with spark_context("local[2]") as context:
        summary = embed_manifest(context, Job(Path("items.parquet"), "out", Service("127.0.0.1:8001")))

The output folder is the journal: a partition is done when its file is in place, and its file says what was done.
"""
