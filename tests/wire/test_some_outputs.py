"""Whichever outputs are asked for, they are those of the whole answer, and the photo leaves its slot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tritonclient.grpc as triton

from seamline.local import LocalServer
from tests.support.repositories import ENSEMBLES, configs
from tests.wire.test_ensembles import GARMENT, photo

pytestmark = pytest.mark.server

OUTPUTS = {name: [tensor.name for tensor in config.output] for name, config in configs(ENSEMBLES).items()}
RANKED = {"VERSIONS", *(name for name in OUTPUTS["search"] if name.startswith("HIT_"))}
"""What may come from another way of searching, by candidates or exactly, while the collection is being read."""


@pytest.fixture(scope="module")
def client(catalogue: LocalServer) -> triton.InferenceServerClient:
    assert catalogue.endpoints is not None
    return triton.InferenceServerClient(catalogue.endpoints.triton)


def asked(client: triton.InferenceServerClient, ensemble: str, outputs: list[str]) -> dict[str, np.ndarray[Any, Any]]:
    image = triton.InferInput("IMAGE", [1], "BYTES")
    image.set_data_from_numpy(photo(GARMENT)["IMAGE"])
    answer = client.infer(ensemble, [image], outputs=[triton.InferRequestedOutput(name) for name in outputs])
    return {output.name: answer.as_numpy(output.name) for output in answer.get_response().outputs}


@pytest.mark.parametrize("ensemble", OUTPUTS)
def test_each_output_alone_is_that_of_the_whole_answer(client: triton.InferenceServerClient, ensemble: str) -> None:
    whole = asked(client, ensemble, OUTPUTS[ensemble])
    for name in OUTPUTS[ensemble]:
        alone = asked(client, ensemble, [name])
        assert list(alone) == [name]
        assert alone[name].shape == whole[name].shape
        if name not in RANKED:
            np.testing.assert_array_equal(alone[name], whole[name])


def test_photos_of_which_some_outputs_are_asked_for_leave_their_slots(client: triton.InferenceServerClient) -> None:
    for _ in range(12):  # of two slots, for each of which nobody waits for more than 20 ms
        asked(client, "embed", ["LANDMARKS"])
