"""`python -m seamline.gateway SETTINGS`: a gateway by GatewaySettings as JSON, until SIGTERM or SIGINT."""

from __future__ import annotations

import sys

from seamline.gateway.running import run
from seamline.gateway.settings import GatewaySettings

if __name__ == "__main__":
    run(GatewaySettings.from_json(sys.argv[1]))
