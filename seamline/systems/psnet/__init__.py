"""PS-Net (Plagiarized-Search-Net; Lang et al., CVPR 2020), faithful by its default options.

The paper leaves the number and width of many layers open; config.py says which of them are choices of this
implementation, and which options deviate from the paper.
"""
