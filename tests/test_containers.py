"""gzip and ZIP: unpacked under limits, one ledger row per member, hostile archives refused whole."""

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest

from models.tables.raw import FILES, INTERVAL_READS
from pipelines import containers, lake
from pipelines.containers import unpack
from pipelines.feeds import FeedSettings
from pipelines.home import Home
from pipelines.ingest import ingest, ingest_landing, pending_files
from pipelines.readers import UnreadableFile

TEXT = "meter_id,interval_start_utc,delivered_kwh,interval_minutes\n" + "".join(
    f"M1,2026-01-01 {hour:02d}:00:00,0.{hour:02d}5,60\n" for hour in range(24)
)


def zipped(members: dict[str, bytes | str], **options: int) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def sent(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def quiet(_: str) -> None:
    return None


def statuses(home: Home) -> dict[str, str]:
    rows = lake.read_frame(home, FILES)
    return dict(rows.select("file_name", "status_code").iter_rows())


def test_members_have_ledger_rows_of_their_own(home: Home, tmp_path: Path) -> None:
    inner = zipped({"deep.csv": TEXT.replace("M1", "M3")})
    data = zipped({"a.csv": TEXT, "b/c.csv.gz": gzip.compress(TEXT.replace("M1", "M2").encode()), "d.zip": inner})
    path = sent(tmp_path / "sent", "reads.zip", data)
    outcomes = ingest(home, [path], "manual", FeedSettings(), quiet)
    assert [outcome.status_code for outcome in outcomes] == ["loaded", "loaded", "loaded", "unpacked"]
    assert statuses(home) == {
        "manual/reads.zip": "unpacked",
        "manual/reads.zip/a.csv": "loaded",
        "manual/reads.zip/b/c.csv.gz/c.csv": "loaded",
        "manual/reads.zip/d.zip/deep.csv": "loaded",
    }
    files = lake.read_frame(home, FILES)
    container = files.filter(file_name="manual/reads.zip")["file_id"].item()
    assert files["container_file_id"].drop_nulls().to_list() == [container] * 3
    for row in files.iter_rows(named=True):
        assert row["sent_count"] == row["loaded_count"] + row["quarantined_count"]
    assert lake.read_frame(home, INTERVAL_READS).height == 72
    assert not list(home.lake.glob(".unpacking-*"))


def test_a_container_and_its_content_count_once(home: Home, tmp_path: Path) -> None:
    plain = sent(tmp_path / "sent", "reads.csv", TEXT.encode())
    packed = sent(tmp_path / "sent", "reads.csv.gz", gzip.compress(TEXT.encode()))
    ingest(home, [plain], "manual", FeedSettings(), quiet)
    outcomes = ingest(home, [packed], "manual", FeedSettings(), quiet)
    assert [outcome.status_code for outcome in outcomes] == ["known", "unpacked"]
    assert [o.status_code for o in ingest(home, [packed], "manual", FeedSettings(), quiet)] == ["known"]
    assert pending_files(home) == []
    assert lake.read_frame(home, INTERVAL_READS).height == 24
    (refused,) = ingest(home, [plain], "manual", FeedSettings(time_zone="Europe/Berlin"), quiet)
    assert refused.status_code == "refused"


def test_a_member_that_was_quarantined_is_tried_again_with_other_settings(home: Home, tmp_path: Path) -> None:
    bare = "interval_start_utc,delivered_kwh,interval_minutes\n2026-01-01 00:00,0.1,60\n"
    path = sent(tmp_path / "sent", "bare.csv.gz", gzip.compress(bare.encode()))
    first = ingest(home, [path], "manual", FeedSettings(), quiet)
    assert [outcome.status_code for outcome in first] == ["quarantined", "unpacked"]
    assert "--meter-id" in first[0].message
    again = ingest(home, [path], "manual", FeedSettings(meter_id="M9"), quiet)
    assert [outcome.status_code for outcome in again] == ["loaded", "unpacked"]
    assert list(home.quarantine.iterdir()) == []


def test_the_sweep_of_landing_unpacks_too(home: Home) -> None:
    (home.landing / "mdm").mkdir(parents=True)
    (home.landing / "mdm" / "day.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    outcomes = ingest_landing(home, quiet)
    assert [outcome.status_code for outcome in outcomes] == ["loaded", "unpacked"]
    assert ingest_landing(home, quiet) == []


def lying_zip() -> bytes:
    """Two directory entries that name the same compressed bytes."""
    data = bytearray(zipped({"a.csv": TEXT * 20}))
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = bytes(data[start:end])
    data[end:end] = entry * 3
    tail = data.index(b"PK\x05\x06")
    struct.pack_into("<HHI", data, tail + 8, 4, 4, len(entry) * 4)
    return bytes(data)


def encrypted_zip() -> bytes:
    data = bytearray(zipped({"a.csv": TEXT}))
    for place in (data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8):
        data[place] |= 1
    return bytes(data)


def linked_zip() -> bytes:
    entry = zipfile.ZipInfo("link.csv")
    entry.external_attr = 0o120777 << 16
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return data.getvalue()


def nested(levels: int) -> bytes:
    data = TEXT.encode()
    for _ in range(levels):
        data = gzip.compress(data)
    return data


HOSTILE = {
    "truncated.gz": (gzip.compress(TEXT.encode() * 50)[:-20], "cut off"),
    "crc.gz": (gzip.compress(TEXT.encode())[:-8] + b"\0" * 8, "damaged"),
    "garbage.gz": (b"\x1f\x8b" + b"\xff" * 60, "damaged"),
    "truncated.zip": (zipped({"a.csv": TEXT})[:-30], "damaged"),
    "flipped.zip": (zipped({"a.csv": TEXT}).replace(b"PK\x03\x04", b"PK\x03\x04", 1)[:45] + b"\xff" * 900, "damaged"),
    "overlap.zip": (lying_zip(), "overlap"),
    "encrypted.zip": (encrypted_zip(), "encrypted"),
    "link.zip": (linked_zip(), "symbolic link"),
    "up.zip": (zipped({"../../up.csv": TEXT}), "outside"),
    "root.zip": (zipped({"/root.csv": TEXT}), "outside"),
    "drive.zip": (zipped({"C:\\reads.csv": TEXT}), "outside"),
    "backslash.zip": (zipped({"..\\..\\reads.csv": TEXT}), "outside"),
    "workbook.xlsx": (zipped({"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>"}), "Excel"),
    "empty.zip": (zipped({}), "no file"),
    "deep.gz": (nested(5), "nested"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_containers_are_refused_whole(home: Home, tmp_path: Path, name: str) -> None:
    data, words = HOSTILE[name]
    path = sent(tmp_path / "sent", name, data)
    (outcome,) = ingest(home, [path], "manual", FeedSettings(), quiet)
    assert outcome.status_code == "quarantined", outcome
    assert words in outcome.message
    assert statuses(home) == {f"manual/{name}": "quarantined"}
    assert lake.read_frame(home, INTERVAL_READS).is_empty()
    assert {file.name.split("_", 1)[1] for file in home.quarantine.iterdir()} == {name, f"{name}.reasons.csv"}
    outside = {file for file in tmp_path.rglob("*.csv") if home.root not in file.parents}
    assert not outside


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.csv": data})], ids=["gzip", "zip"])
def test_a_bomb_stops_at_its_allowance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack) -> None:
    monkeypatch.setattr(containers, "UNSUSPICIOUS_UNPACKED", 1 << 20)
    path = sent(tmp_path, "bomb", pack(b"0" * (64 << 20)))
    folder = tmp_path / "unpacked"
    folder.mkdir()
    with pytest.raises(UnreadableFile, match="which no file of reads does"):
        unpack(path, "bomb", folder)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 64 << 20 >> 1


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MOST_MEMBERS", 3)
    path = sent(tmp_path, "many.zip", zipped({f"{n}.csv": "x" for n in range(5)}))
    folder = tmp_path / "unpacked"
    folder.mkdir()
    with pytest.raises(UnreadableFile, match="more than 3 files"):
        unpack(path, "many.zip", folder)


def test_litter_of_archivers_is_left_out(home: Home, tmp_path: Path) -> None:
    data = zipped({"a.csv": TEXT, "__MACOSX/._a.csv": b"\0\1", "sub/.DS_Store": b"\0"})
    outcomes = ingest(home, [sent(tmp_path / "sent", "mac.zip", data)], "manual", FeedSettings(), quiet)
    assert [outcome.status_code for outcome in outcomes] == ["loaded", "unpacked"]


def test_patterns_and_folders(home: Home, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.txt"):
        sent(tmp_path / "sent", name, TEXT.replace("M1", name).encode())
    outcomes = ingest(home, [tmp_path / "sent" / "*.csv"], "manual", FeedSettings(), quiet)
    assert [outcome.file_name for outcome in outcomes] == ["manual/a.csv", "manual/b.csv"]
    with pytest.raises(FileNotFoundError, match="no file matches"):
        ingest(home, [tmp_path / "sent" / "*.xml"], "manual", FeedSettings(), quiet)
    outcomes = ingest(home, [tmp_path / "sent"], "manual", FeedSettings(), quiet)
    assert [outcome.status_code for outcome in outcomes] == ["known", "known", "loaded"]
