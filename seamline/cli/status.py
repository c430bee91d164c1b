"""`seamline status`."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

from seamline.cli import options
from seamline.cli.exits import DONE, UNAVAILABLE
from seamline.cli.output import info, printable, show, show_json


def status(
    as_json: options.AsJson = False,
    system: options.System = None,
    url: options.Url = None,
    timeout: options.Timeout = 10.0,
) -> int:
    """Show the server on this machine, or the one at --url, and whether it answers; with --system, for that system."""
    if url or system or os.environ.get("SEAMLINE_URL"):
        return _remote(url, system, as_json, timeout)
    from seamline.local import status as local_status

    state = local_status()
    ready = bool(state["running"]) and state.get("state") == "ready"
    if as_json:
        show_json(state)
    elif not state["running"]:
        info(f"no server is running here; `seamline up` starts one{_last_failure(state)}")
    else:
        _show_local(state)
    return DONE if ready else UNAVAILABLE


def _last_failure(state: dict[str, Any]) -> str:
    return f" (the last start failed: {printable(state['failure'])})" if state.get("failure") else ""


def _remote(url: str | None, system: str | None, as_json: bool, timeout: float) -> int:
    from seamline.client import Client, to_jsonable

    with Client(url, system=system, timeout=timeout, retries=0) as client:
        versions = client.versions()
        facts = {"url": client.address, "ready": True, "versions": to_jsonable(versions)}
        if as_json:
            show_json(facts)
        else:
            lines = (
                ("seamline", versions.seamline),
                ("system", versions.system),
                ("weights", versions.fingerprint),
                ("detector", versions.detector),
            )
            _show_rows([("server", f"{client.address}, ready"), *lines])
    return DONE


def _show_local(state: dict[str, Any]) -> None:
    canary = state.get("canary") or {}
    took = f" in {canary['milliseconds']:.0f} ms" if canary.get("milliseconds") is not None else ""
    _show_rows(
        [
            (
                "state",
                f"{state.get('state')}, up for {_span(state['uptime_seconds'])}, process {state.get('pid')}",
            ),
            ("canary", f"{canary.get('outcome', 'none yet')}{took}"),
            ("gRPC", str(state.get("grpc"))),
            ("Triton", str(state.get("triton"))),
            ("metrics", str(state.get("metrics"))),
            ("Milvus", str(state.get("milvus"))),
            *[(name, _service(service)) for name, service in (state.get("services") or {}).items()],
            ("models", _models(state.get("models"))),
            ("collections", _collections(state.get("collections"))),
        ]
    )
    for event in state.get("events") or []:
        info(f"{_clock(event['at'])}  {printable(event['service'])}: {printable(event['what'])}")


def _show_rows(rows: list[tuple[str, str]]) -> None:
    from seamline.cli.tables import table

    shown = table("part", "state")
    for name, value in rows:
        shown.add_row(printable(name), printable(value))
    show(shown)


def _service(service: dict[str, Any]) -> str:
    said = f"{service.get('state')}, process {service.get('pid')}, {service.get('restarts', 0)} restarts"
    return f"{said}; {service['last_error']}" if service.get("last_error") else said


def _models(models: list[dict[str, str]] | None) -> str:
    if models is None:
        return "Triton does not answer"
    bad = [
        f"{model['name']} {model['state']} {model['reason']}".strip() for model in models if model["state"] != "READY"
    ]
    return "; ".join(bad) if bad else f"{len(models)} ready"


def _collections(collections: dict[str, int] | None) -> str:
    if collections is None:
        return "Milvus does not answer"
    return ", ".join(f"{name.rsplit('__', 2)[0]} ({rows:,})" for name, rows in collections.items()) or "none"


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).strftime("%Y-%m-%d %H:%M:%S")


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
