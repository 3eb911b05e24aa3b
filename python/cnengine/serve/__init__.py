"""Serve models over HTTP with the Open Inference Protocol, version 2 (REST).

`cnengine.serve.app.create_app` makes an ASGI application from objects that satisfy `Model`; any
ASGI server runs it. That module needs the extra `serve`; this one and `protocol` need only NumPy.
"""

from cnengine.serve.model import Model, TensorSpec

__all__ = ["Model", "TensorSpec"]
