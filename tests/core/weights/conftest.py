"""Our own Hub, and a folder whose one file lies there."""

import pytest

from tests.core.weights.hub_case import on_the_hub_alone, serving


@pytest.fixture
def hub(monkeypatch, tmp_path):
    with serving(monkeypatch, tmp_path / "home") as server:
        yield server


@pytest.fixture
def folder(hub, tmp_path):
    """A folder with a manifest whose file lies on the Hub alone."""
    return on_the_hub_alone(hub, tmp_path / "weights")
