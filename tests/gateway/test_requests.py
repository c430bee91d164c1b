"""What of a request reaches Triton."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tritonclient.grpc import service_pb2 as wire

from seamline.core.errors import InvalidArgument, NotFound
from seamline.gateway.requests import checked, only
from seamline.gateway.service import INFERENCE, PASSED_ON
from tests.support.repositories import ROOT


def request(model: str = "search", collection: bytes | None = None, **parameters: Any) -> wire.ModelInferRequest:
    made = wire.ModelInferRequest(model_name=model)
    for name, value in {"IMAGE": b"photo", **({"COLLECTION": collection} if collection is not None else {})}.items():
        made.inputs.add(name=name, datatype="BYTES", shape=[1])
        made.raw_input_contents.append(len(value).to_bytes(4, "little") + value)
    for name, value in parameters.items():
        kind = "bool_param" if isinstance(value, bool) else "int64_param" if isinstance(value, int) else "string_param"
        setattr(made.parameters[name], kind, value)
    return made


def passed(made: wire.ModelInferRequest, collections: frozenset[str] | None = None) -> Any:
    return checked(made.SerializeToString(), collections, 1.5).message


@pytest.mark.parametrize("name", ["embed", "search", "embed_psnet", "search_tiny2"])
def test_ensembles_are_called(name: str) -> None:
    assert passed(request(name)).model_name == name


@pytest.mark.parametrize(
    "name", ["", "decode", "retrieve", "trim", "embedder", "search/../trim", "Search", "search_", "x" * 9999]
)
def test_no_other_model_is(name: str) -> None:
    with pytest.raises(NotFound) as refused:
        passed(request(name))
    assert len(str(refused.value)) < 150


def test_parameters_that_change_an_answer_are_left_out() -> None:
    kept = passed(
        request(priority=3, patient=True, sequence_id=7, timeout=1, binary_data_output=True, timeout_ms=10**9)
    ).parameters
    assert {name: kept[name].int64_param or kept[name].bool_param for name in kept} == {
        "priority": 3,
        "patient": True,
        "timeout_ms": 1500,
    }
    assert list(passed(request(priority="3", patient=1)).parameters) == ["timeout_ms"]


@pytest.mark.parametrize("kind", ["int64_param", "uint64_param"])
def test_the_level_is_passed_on_as_every_client_sends_it(kind: str) -> None:
    made = request()
    setattr(made.parameters["priority"], kind, 3)
    assert getattr(passed(made).parameters["priority"], kind) == 3


def test_outputs_are_asked_for_as_a_whole_and_without_parameters() -> None:
    made = request()
    made.outputs.add(name="VERSIONS").parameters["classification"].int64_param = 1
    found = checked(made.SerializeToString(), None, 1.0)
    assert (list(found.message.outputs), found.outputs) == ([], {"VERSIONS"})


def test_only_the_outputs_that_were_asked_for_come_back() -> None:
    answer = wire.ModelInferResponse(model_name="embed")
    for name in ("COUNT", "BOXES", "VERSIONS"):
        answer.outputs.add(name=name)
        answer.raw_output_contents.append(name.encode())
    whole = answer.SerializeToString()
    assert only(whole, frozenset()) is whole
    left = wire.ModelInferResponse.FromString(only(whole, frozenset({"COUNT", "VERSIONS"})))
    assert [output.name for output in left.outputs] == ["COUNT", "VERSIONS"]
    assert list(left.raw_output_contents) == [b"COUNT", b"VERSIONS"]
    with pytest.raises(InvalidArgument, match="no output 'LEASE'"):
        only(whole, frozenset({"LEASE"}))


def test_inputs_in_shared_memory_are_refused() -> None:
    made = request()
    made.inputs[0].parameters["shared_memory_region"].string_param = "triton_seamline"
    with pytest.raises(InvalidArgument, match="'IMAGE' has parameters"):
        passed(made)


def with_input(name: str, size: int) -> wire.ModelInferRequest:
    made = request("embed")
    made.inputs.add(name=name, datatype="FP32", shape=[1, size // 12, 3])
    made.raw_input_contents.append(bytes(size))
    return made


def test_landmarks_of_as_many_garments_as_a_photo_has_pass_as_they_are() -> None:
    made = with_input("GIVEN_LANDMARKS", 16 * 22 * 3 * 4)
    kept = passed(made)
    assert list(kept.inputs) == list(made.inputs)
    assert list(kept.raw_input_contents) == list(made.raw_input_contents)


@pytest.mark.parametrize("name", ["GIVEN_LANDMARKS", "BOX", "PART_WEIGHTS", "é" * 200])
def test_only_a_photo_may_be_large(name: str) -> None:
    with pytest.raises(InvalidArgument, match="has more than 100,000 bytes"):
        passed(with_input(name, 100_800))
    typed = with_input(name, 0)
    typed.inputs[1].contents.fp32_contents.extend([0.5] * 25_000)
    with pytest.raises(InvalidArgument, match="has more than 100,000 bytes"):
        passed(typed)


def test_what_is_no_request_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="not a ModelInferRequest"):
        checked(b"\xff" * 50, None, 1.0)
    many = request()
    for number in range(20):
        many.inputs.add(name=str(number))
    with pytest.raises(InvalidArgument, match="at most 16 inputs"):
        passed(many)


def test_a_limited_caller_searches_its_collections_only() -> None:
    mine = frozenset({"spring"})
    assert passed(request(collection=b"spring"), mine)
    assert passed(request("embed"), mine)
    for other in (b"autumn", b"", b"spring2", b"\xff"):
        with pytest.raises(NotFound, match="does not exist; `seamline collections` lists what there is"):
            passed(request(collection=other), mine)
    with pytest.raises(NotFound, match="'catalogue' does not exist"):
        passed(request(), mine)
    assert passed(request(), frozenset({"catalogue"}))


@pytest.mark.parametrize("raw", [b"\0", b"\x06\0\0\0spring\x06\0\0\0autumn", b"\xff\xff\xff\xffspring"])
def test_a_collection_that_two_readers_could_understand_differently_is_refused(raw: bytes) -> None:
    made = request(collection=b"spring")
    made.raw_input_contents[1] = raw
    with pytest.raises(InvalidArgument, match="COLLECTION takes one value"):
        passed(made, frozenset({"spring"}))


def test_a_collection_in_two_places_is_refused() -> None:
    typed = request(collection=b"spring")
    typed.inputs[1].contents.bytes_contents.append(b"autumn")
    with pytest.raises(InvalidArgument, match="raw contents"):
        passed(typed, frozenset({"spring"}))
    twice = request(collection=b"spring")
    twice.inputs.add(name="COLLECTION", datatype="BYTES", shape=[1])
    twice.raw_input_contents.append(b"\x06\0\0\0autumn")
    with pytest.raises(InvalidArgument, match="twice"):
        passed(twice, frozenset({"spring"}))


def test_the_documentation_names_the_calls_that_are_passed_on() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    said = set(re.findall(r"`((?:Server|Model)[A-Z]\w+)`", text.partition("**The gateway**")[2].partition("**TLS")[0]))
    assert said == {*PASSED_ON, INFERENCE}
