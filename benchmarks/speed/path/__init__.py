"""What the steps in Python spend their time on, and other ways to do the same."""
