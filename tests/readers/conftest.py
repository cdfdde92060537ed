import pytest

from pipelines.readers import ReadOptions
from tests.readers.whole import read_file


@pytest.fixture
def read(tmp_path):
    def read_text(text, **options):
        path = tmp_path / "reads.dat"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_file(path, ReadOptions(**options))

    return read_text
