"""The same file gives the same pixels, to the bit, and the same vectors in the library, the steps and the server."""

from __future__ import annotations

import numpy as np

from seamline.core.image import crop_square, decode, letterbox
from seamline.serving.weights import Weights
from tests.support.garments import drawn, jpeg
from tests.support.repositories import MODEL_REPOSITORY
from tests.support.wire import Wire
from tests.wire.conftest import SPEC
from tests.wire.test_ensembles import photo

LARGE = jpeg(np.kron(drawn(1).rgb, np.ones((4, 4, 1), np.uint8)))
BOX = np.array(drawn(1).box, np.float32) * 4


def test_decoded_photo_and_detector_input_are_the_librarys(wire: Wire) -> None:
    found = wire.infer("decode", photo(LARGE))
    expected = decode(LARGE, SPEC.photo.working_side)
    np.testing.assert_array_equal(found["PHOTO"], expected.rgb)
    np.testing.assert_array_equal(
        found["DETECTOR_INPUT"][0], letterbox(expected.rgb, SPEC.detector.side, SPEC.photo.fill)[0]
    )


def test_crop_is_the_librarys(wire: Wire) -> None:
    found = wire.infer("decode", photo(LARGE))
    raw = wire.infer("detector", {"DETECTOR_INPUT": found.pop("DETECTOR_INPUT")})
    cropped = wire.infer("crop", found | raw | {"BOX": BOX})
    expected = decode(LARGE, SPEC.photo.working_side)
    square = crop_square(expected.rgb, BOX / expected.scale, SPEC.crop.side, SPEC.crop.margin, SPEC.photo.fill)[0]
    np.testing.assert_array_equal(cropped["CROPS"][0], square)


def test_vectors_are_those_of_the_evaluation(wire: Wire) -> None:
    evaluated = Weights.of_repository(MODEL_REPOSITORY).open_pipeline(threads=1).embed(LARGE)[1]
    served = wire.infer("embed", photo(LARGE))
    np.testing.assert_allclose(served["EMBEDDING"], evaluated.vectors, atol=1e-4)
    np.testing.assert_allclose(served["LANDMARKS"], evaluated.landmarks, atol=1e-2)
