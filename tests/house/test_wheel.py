"""Does the wheel carry templates, migrations, data and translations, and serve a page elsewhere?"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_PAGE = """
import os
from offset.app import create_app
from offset.cli.demo import _environment
from offset.config import read_settings
from pathlib import Path
import offset
assert "site" in offset.__file__ or "elsewhere" in offset.__file__, offset.__file__
Path(os.environ["OFFSET_DATA_DIR"]).mkdir()
settings = read_settings(_environment(Path(os.environ["OFFSET_DATA_DIR"])), demonstration=True)
from offset.app import load_models
from offset.database import migrate
load_models()
migrate.upgrade(settings.database_url)
from offset.cli.demo import _prepare
from offset.database.session import Database
_prepare(settings)
from offset.ledger import rates
from offset.ledger.verify import verify
books = Database(settings.database_url)
assert verify(books).faults == (), "the digests of the triggers travel with the migrations"
assert next(rates.read(rates.shipped().splitlines())).currency
books.dispose()
client = create_app(settings).test_client()
answer = client.get("/fr/?leg=CDG-JNB")
assert answer.status_code == 200, answer.status_code
assert "CO" in answer.text
assert client.get("/healthz").status_code == 200
style = [line for line in answer.text.split('"') if "/static/" in line and ".css" in line][0]
assert client.get(style).status_code == 200, style
assert "Estimer" in client.get("/fr/").text
print("served")
"""


@pytest.mark.slow
def test_wheel_serves_elsewhere(tmp_path: Path) -> None:
    built = tmp_path / "built"
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
        + ["--no-deps", "--no-build-isolation", "--wheel-dir", built, ROOT],
        check=True,
        cwd=tmp_path,
        capture_output=True,
    )
    [wheel] = built.glob("*.whl")
    elsewhere = tmp_path / "elsewhere"
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        packed.extractall(elsewhere)
    assert "offset/_templates/layout.html" in names
    assert "offset/_migrations/versions/0002_ledger.py" in names
    assert "offset/database/triggers.json" in names
    assert {"offset/ledger/data/eurofxref.csv", "offset/ledger/data/SOURCES.md"} <= names
    assert "offset/translations/fr/LC_MESSAGES/messages.mo" in names
    told = subprocess.run(
        [sys.executable, "-c", _PAGE],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(elsewhere),
            "OFFSET_DATA_DIR": str(tmp_path / "data"),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "served" in told.stdout
