"""Readers of published datasets in the formats in which they are published.

    python -m seamline.data.readers {deepfashion-inshop,...} FOLDER --out labels.jsonl --split train

Each reader yields frozen records and turns them into lines of a label file. Bad data is refused with file and line:
`BadDataset`. `docs/datasets.md` says where files belong and what is mapped to what.
"""
