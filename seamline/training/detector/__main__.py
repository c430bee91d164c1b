"""`python -m seamline.training.detector`: train the detector alone."""

from seamline.training.detector.training import main

main()
