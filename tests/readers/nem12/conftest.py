import pytest

from tests.readers.nem12.parsed import parse, text_of


@pytest.fixture
def read(tmp_path):
    def read_text(*lines, **options):
        content = lines[0] if len(lines) == 1 and isinstance(lines[0], bytes) else text_of(*lines)
        return parse(tmp_path / "reads.csv", content, **options)

    return read_text
