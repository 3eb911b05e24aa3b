"""The HTTP server: Open Inference Protocol v2 over Starlette.

Every error has the body ``{"error": "what and where"}``. Small requests are answered on the event
loop, larger ones in a worker thread, so that one large batch does not hold up the others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path

try:
    from anyio import to_thread
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"serve: not installed: {error.name}; run: pip install 'cnengine[serve]'", name=error.name
    ) from error

from cnengine import errors
from cnengine.errors import ArgumentError, NotFoundError
from cnengine.serve.metrics import Registry
from cnengine.serve.model import Model
from cnengine.serve.protocol import decode, encode

logger = logging.getLogger("cnengine.serve")

INLINE_BYTES = 8 * 1024


def answer(model: Model, body: bytes) -> bytes:
    """Decode, predict, encode: the whole of one inference, without the network."""
    request = decode(body, model)
    return encode(model, request, model.infer(request.inputs))


def error_response(status: int, message: str, headers: dict | None = None) -> JSONResponse:
    """An error as the protocol writes it."""
    return JSONResponse({"error": message}, status_code=status, headers=headers)


class _Server:
    """The handlers and what they share. Lives as long as the application."""

    def __init__(
        self,
        models: Iterable[Model],
        registry: Registry,
        report: Path | None,
        max_body_bytes: int,
        version: str,
    ) -> None:
        self.models = {model.name: model for model in models}
        self.registry, self.report = registry, report
        self.max_body_bytes, self.version = max_body_bytes, version
        registry.add("cnengine_http_requests_total", "HTTP answers.")
        registry.add("cnengine_infer_seconds", "Time from request body to response body.")

    def count(self, path: str, status: int) -> None:
        self.registry.counter("cnengine_http_requests_total", path=path, status=str(status)).add()

    def model(self, request: Request) -> Model:
        name, version = request.path_params["model"], request.path_params.get("version")
        model = self.models.get(name)
        if model is None:
            raise NotFoundError(f'no model "{name}"; there is {", ".join(self.models)}')
        if version is not None and version != model.version:
            raise NotFoundError(f'model "{name}" has no version "{version}", but {model.version}')
        return model

    async def server_metadata(self, request: Request) -> Response:
        return JSONResponse({"name": "cnengine", "version": self.version, "extensions": []})

    async def live(self, request: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(self, request: Request) -> Response:
        ready = all(model.ready() for model in self.models.values())
        return JSONResponse({"ready": ready}, status_code=200 if ready else 503)

    async def model_metadata(self, request: Request) -> Response:
        model = self.model(request)
        return JSONResponse(
            {
                "name": model.name,
                "versions": [model.version],
                "platform": model.platform,
                "inputs": [spec.metadata() for spec in model.inputs],
                "outputs": [spec.metadata() for spec in model.outputs],
            }
        )

    async def model_ready(self, request: Request) -> Response:
        model = self.model(request)
        ready = model.ready()
        return JSONResponse({"name": model.name, "ready": ready}, status_code=200 if ready else 503)

    async def body(self, request: Request) -> bytes:
        """The body, read no further than the limit."""
        too_large = HTTPException(413, f"the body is larger than {self.max_body_bytes} bytes")
        length = request.headers.get("content-length", "")
        whole = length.isascii() and length.isdigit()
        # Python reads no number of thousands of digits.
        if whole and (len(length) > 18 or int(length) > self.max_body_bytes):
            raise too_large
        for header in ("content-encoding", "inference-header-content-length"):
            if header in request.headers:
                raise HTTPException(415, f"plain JSON bodies only, without the header {header}")
        chunks, size = [], 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self.max_body_bytes:
                raise too_large
            chunks.append(chunk)
        return b"".join(chunks)

    async def infer(self, request: Request) -> Response:
        model = self.model(request)
        body = await self.body(request)
        begin = time.perf_counter_ns()
        if len(body) <= INLINE_BYTES:
            content = answer(model, body)
        else:
            content = await to_thread.run_sync(answer, model, body)
        took = time.perf_counter_ns() - begin
        self.registry.histogram("cnengine_infer_seconds", model=model.name).record(took)
        return Response(content, media_type="application/json")

    async def metrics(self, request: Request) -> Response:
        return PlainTextResponse(
            self.registry.text(), media_type="text/plain; version=0.0.4; charset=utf-8"
        )

    async def page(self, request: Request) -> Response:
        if self.report is None or not self.report.is_file():
            raise HTTPException(404, "there is no report")
        return FileResponse(self.report, media_type="text/html")

    def counted(self, path: str, handler: Callable) -> Route:
        """A route that turns exceptions into protocol errors and counts its answers."""

        async def endpoint(request: Request) -> Response:
            try:
                response = await handler(request)
            except ClientDisconnect:
                response = error_response(400, "the client went away")
            except HTTPException as error:
                response = error_response(error.status_code, error.detail)
            except NotFoundError as error:
                response = error_response(404, str(error))
            except (ArgumentError, errors.TypeError) as error:
                response = error_response(400, str(error))
            except Exception:
                logger.exception("%s failed", path)
                response = error_response(500, f"{path}: the server failed; its log says why")
            self.count(path, response.status_code)
            return response

        methods = ["POST"] if handler == self.infer else ["GET"]
        return Route(path, endpoint, methods=methods)

    async def outside(self, request: Request, error: Exception) -> Response:
        """No such path, or a method that it does not take."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        self.count("other", status)
        what = "takes no " + request.method if status == 405 else "does not exist"
        headers = getattr(error, "headers", None)
        return error_response(status, f"{request.url.path} {what}", headers)


def create_app(
    models: Iterable[Model],
    *,
    registry: Registry | None = None,
    report: str | Path | None = None,
    max_body_bytes: int = 16 << 20,
) -> Starlette:
    """An ASGI application that serves `models`.

    Routes: ``GET /v2``, ``/v2/health/live``, ``/v2/health/ready``, ``/v2/models/NAME``,
    ``/v2/models/NAME/ready``, ``POST /v2/models/NAME/infer`` (each also below
    ``/versions/VERSION``), ``GET /metrics`` (Prometheus text), ``GET /`` (the report).

    Parameters
    ----------
    models : iterable of Model
    registry : Registry, optional
        Metrics of the caller to show beside those of the server.
    report : path, optional
        An HTML file for ``GET /``.
    max_body_bytes : int
        A larger request gets status 413.
    """
    from cnengine import __version__

    server = _Server(
        models,
        registry if registry is not None else Registry(),
        Path(report) if report is not None else None,
        max_body_bytes,
        __version__,
    )
    routes = [
        server.counted("/", server.page),
        server.counted("/metrics", server.metrics),
        server.counted("/v2", server.server_metadata),
        server.counted("/v2/health/live", server.live),
        server.counted("/v2/health/ready", server.ready),
    ]
    for base in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
        routes += [
            server.counted(base, server.model_metadata),
            server.counted(base + "/ready", server.model_ready),
            server.counted(base + "/infer", server.infer),
        ]
    handlers = {404: server.outside, 405: server.outside}
    return Starlette(routes=routes, exception_handlers=handlers)
