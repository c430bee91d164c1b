"""`python -m seamline.train.detector`: train the detector alone."""

from seamline.train.detector.training import main

main()
