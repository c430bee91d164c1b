"""A gRPC gateway in front of Triton: it lets clients call the ensembles, and nothing else.

Triton answers whoever reaches its port: with other models' tensors, with code that it is told to load, with the shared
memory of its own processes. Its restricted protocols cannot tell `embed` from an inner step, since the model's name is
part of the request; neither can nginx, HAProxy or Envoy, which route by path. So Triton listens where only its operator
reaches it, and this program stands in front.
"""
