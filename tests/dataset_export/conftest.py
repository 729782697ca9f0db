"""The clients that people have, as they are imported once in a run: with the test server as their hub."""

import os
import shutil
import sys
from importlib import import_module
from types import ModuleType

import pytest


@pytest.fixture
def environment(live_server, monkeypatch, tmp_path_factory) -> dict[str, str]:
    """What a person sets. Clients read it once, when they are imported: it is the same in all tests."""
    home = tmp_path_factory.getbasetemp() / "home"
    shutil.rmtree(home, ignore_errors=True)
    for name, value in {
        "HF_ENDPOINT": live_server.url,
        "HF_HOME": str(home / "huggingface"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "CROISSANT_CACHE": str(home / "croissant"),
    }.items():
        monkeypatch.setenv(name, value)
    return dict(os.environ)


@pytest.fixture
def hub(environment) -> ModuleType:
    # `errors` is an attribute only once something has imported it.
    import_module("huggingface_hub.errors")
    return import_module("huggingface_hub")


@pytest.fixture
def datasets(environment) -> ModuleType:
    module = import_module("datasets")
    module.disable_progress_bars()
    return module


@pytest.fixture
def mlcroissant(environment) -> ModuleType:
    # Its own dependency jsonpath-rw has no wheels; jsonpath-ng is the same code, continued.
    sys.modules["jsonpath_rw"] = import_module("jsonpath_ng")
    sys.modules["jsonpath_rw.lexer"] = import_module("jsonpath_ng.lexer")
    return import_module("mlcroissant")
