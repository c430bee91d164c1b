"""Training the detector: photos in an album, scenes made of them, a loop that can be resumed, figures."""

from seamline.training.detector.training import Plan, train_detector

__all__ = ["Plan", "train_detector"]
