"""The ensembles in the embedded server, asked by perf_analyzer and by our own client."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence

import grpc
from tritonclient.grpc import service_pb2_grpc

from benchmarks.speed.load.analyzer import Analyzer
from benchmarks.speed.load.backend import LoadError
from benchmarks.speed.load.drive import Ask, drive
from benchmarks.speed.load.sample import Sample, cpu_time
from seamline.client.tensors import infer_request, texts


@dataclasses.dataclass(frozen=True)
class ByAnalyzer:
    """perf_analyzer over gRPC; `processes` are Triton's."""

    analyzer: Analyzer
    processes: Sequence[int]
    levels: tuple[int, ...]
    name: str = "Triton"

    def measure(self, model: str, concurrency: int, requests: int) -> Sample:
        before = cpu_time(self.processes)
        sample = self.analyzer.measure(model, concurrency, requests)
        return dataclasses.replace(sample, server_cpu=(cpu_time(self.processes) - before) / requests)


@dataclasses.dataclass(frozen=True)
class ByThreads:
    """Our own client over gRPC, as it asks the FastAPI service: requests made beforehand, answers not unpacked."""

    address: str
    photos: Sequence[bytes]
    processes: Sequence[int]
    levels: tuple[int, ...]
    name: str = "Triton, our client"

    def measure(self, model: str, concurrency: int, requests: int) -> Sample:
        before = cpu_time(self.processes)
        with contextlib.ExitStack() as stack:
            askers = [stack.enter_context(_asker(self.address, model, self.photos)) for _ in range(concurrency)]
            sample = drive(askers, len(self.photos), requests)
        return dataclasses.replace(sample, server_cpu=(cpu_time(self.processes) - before) / requests)


@contextlib.contextmanager
def _asker(address: str, model: str, photos: Sequence[bytes]) -> Iterator[Ask]:
    options = [("grpc.max_receive_message_length", -1), ("grpc.use_local_subchannel_pool", 1)]
    made = [infer_request(model, {"IMAGE": texts([photo])}) for photo in photos]
    with grpc.insecure_channel(address, options=[*options, ("grpc.enable_http_proxy", 0)]) as channel:
        stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)

        def ask(number: int) -> object:
            try:
                return stub.ModelInfer(made[number])
            except grpc.RpcError as error:
                raise LoadError(f"Triton did not answer {model}: {error.details()}") from None

        grpc.channel_ready_future(channel).result(timeout=30)
        yield ask
