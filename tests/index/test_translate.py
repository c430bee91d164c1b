"""Which of seamline's errors each of Milvus's is. Those with a path, an alias or an option are of real servers, the
others of Milvus's list of errors (pkg/util/merr).
"""

from __future__ import annotations

import logging

import pytest
from pymilvus.exceptions import MilvusException

from seamline.core.errors import InternalError, NotFound, SeamlineError, Unavailable
from seamline.index.translate import NotLoaded, translated

FULL = "IO error: No space left on device: While appending to file: /data/rocksmq/000011.sst: No space left on device"

MESSAGES = [
    (100, "can't find collection collection not found[database=default][collection=a]", NotFound),
    (1600, "alias not found[database=default][alias=a]", NotFound),
    (101, "failed to search: collection not loaded[collection=470633129130990980]", NotLoaded),
    (65535, FULL, Unavailable),
    (9, "quota exceeded[reason=memory quota exceeded, please allocate more resources]", Unavailable),
    (2, "Fail connecting to server on 127.0.0.1:1, illegal connection params or server unavailable", Unavailable),
    (1, "[search] Retry timeout: 10.0s, [UNAVAILABLE] failed to connect to all addresses", Unavailable),
    (3, "memory limit exceeded[predict=9.1e+09][limit=8.0e+09]", Unavailable),
    (4, "request limit exceeded: too many concurrent requests, queue is full", Unavailable),
    (7, "disk limit exceeded[predict=9.1e+09][limit=8.0e+09]", Unavailable),
    (8, "rate limit exceeded[rate=0.1]", Unavailable),
    (103, "collection not fully loaded[collection=470633129130990980]", Unavailable),
    (106, "collection on recovering[collection=470633129130990980]", Unavailable),
    (202, "partition not fully loaded[partition=470633129130990981]", Unavailable),
    (401, "replica not available[replica=470633129130990982]", Unavailable),
    (501, "channel lacks[channel=by-dev-rootcoord-dml_0]", Unavailable),
    (503, "channel not available[channel=by-dev-rootcoord-dml_0]", Unavailable),
    (601, "segment lacks[segment=470633129130990983]", Unavailable),
    (602, "segment reduplicates[segment=470633129130990983]", Unavailable),
    (901, "node not found[node=7]", Unavailable),
    (902, "node offline[node=7]", Unavailable),
    (1100, "index type not match: invalid parameter[expected=STL_SORT][actual=INVERTED]", InternalError),
    (65535, "invalid index type: NONSENSE", InternalError),
]


@pytest.mark.parametrize(("code", "message", "kind"), MESSAGES)
def test_each_message_is_one_error(
    code: int, message: str, kind: type[SeamlineError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    error = translated(MilvusException(code, message))
    assert type(error) is kind
    assert message not in str(error)


def test_an_error_that_causes_itself_is_no_trap() -> None:
    error = MilvusException(1, "refused")
    error.__cause__ = error
    assert isinstance(translated(error), InternalError)
