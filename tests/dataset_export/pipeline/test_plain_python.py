import subprocess
import sys

OTHERS = ("django", "celery", "config", "consent", "accounts", "posts", "timeline")


def test_the_pipeline_imports_neither_django_nor_another_part():
    code = (
        "import importlib, pkgutil, sys, dataset_export.pipeline as pipeline;"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(pipeline.__path__, pipeline.__name__ + '.')];"
        f"found = {set(OTHERS)!r} & {{name.partition('.')[0] for name in sys.modules}};"
        "assert 'dataset_export.pipeline.steps.mentions' in sys.modules;"
        "assert not found, found;"
        "shared = {name for name in sys.modules if name.startswith('common.')};"
        "assert shared == {'common.text_entities', 'common.text_lines'}, shared"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
