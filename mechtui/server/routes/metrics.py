"""The figures for Prometheus. They need no token: there is nobody in them."""

from fastapi import APIRouter
from fastapi.responses import Response

from mechtui.server.metrics import CONTENT_TYPE, Metrics


def router(figures: Metrics) -> APIRouter:
    """The one route."""
    routes = APIRouter()

    @routes.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(figures.text(), headers={"content-type": CONTENT_TYPE})

    return routes
