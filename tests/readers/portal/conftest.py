import pytest

from pipelines.readers.options import ReadOptions
from pipelines.readers.portal.reads import open_portal
from tests.readers.portal.parsed import content


@pytest.fixture
def path(tmp_path):
    return tmp_path / "download.csv"


@pytest.fixture
def parse(path):
    def parse_text(text, **options):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return open_portal(path, ReadOptions(**options))

    return parse_text


@pytest.fixture
def values(parse):
    def values_of(text, **options):
        return content(parse(text, **options))

    return values_of
