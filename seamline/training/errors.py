"""What can go wrong in a training.

InvalidArgument
├── BadConfig        a configuration file or an override that cannot be used
├── BadCheckpoint    a checkpoint that is damaged or belongs to another training
└── NotFinite        the loss became infinite or no number
"""

from __future__ import annotations

from seamline.core.errors import InvalidArgument


class BadConfig(InvalidArgument):
    """A configuration file or an override cannot be used; the message names the key and what is allowed."""


class BadCheckpoint(InvalidArgument):
    """A checkpoint is damaged or belongs to another training."""


class NotFinite(InvalidArgument):
    """The loss became infinite or no number; the message names the step."""
