"""What is committed is what the sources give."""

import shutil
import subprocess

import pytest

from designer.generate import HEAD, ROOT, modules
from glissando.designer.page import bundle, page

FOLDER = ROOT / "designer"


def test_the_generated_modules_are_what_the_library_says():
    for name, text in modules().items():
        found = (FOLDER / "src" / "generated" / name).read_text(encoding="utf-8")
        assert found == HEAD + text, f"{name} is of another library: run `make designer`"


@pytest.mark.skipif(not (FOLDER / "node_modules").is_dir(), reason="Node's packages: `make test`")
def test_the_bundle_is_what_its_sources_give(tmp_path):
    out = tmp_path / "designer.js"
    subprocess.run([shutil.which("node"), "build.mjs", str(out)], cwd=FOLDER, check=True)
    assert out.read_text(encoding="utf-8") == bundle(), "run `make designer`"
    licenses = (ROOT / "src/glissando/designer/licenses.txt").read_text(encoding="utf-8")
    assert (tmp_path / "licenses.txt").read_text(encoding="utf-8") == licenses


def test_the_page_is_small_and_asks_for_nothing_from_a_network():
    text = page({})
    assert len(text.encode()) <= 150_000
    assert "</script" not in bundle()
    for address in ("http:", "https:"):
        assert f'src="{address}' not in text
        assert f'import "{address}' not in text
