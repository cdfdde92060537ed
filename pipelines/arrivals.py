"""A file at the door: where it lies, what it is called, by which feed it came and when."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.feeds import FeedSettings
from pipelines.ledger import ID_LENGTH


@dataclass(frozen=True)
class Arrival:
    """A file at the door.

    Attributes:
        path: Where its content lies.
        sha256: SHA-256 of the content.
        name: Its name below landing/; of a container's member, the container's name and the name in there.
        feed: Feed that it came by.
        received_at: When it was received, naive UTC.
        container_id: File id of the container that it was unpacked from.
    """

    path: Path
    sha256: str
    name: str
    feed: str
    received_at: datetime
    container_id: str | None = None

    @property
    def file_id(self) -> str:
        """First digits of the hash, which name the file in every table."""
        return self.sha256[:ID_LENGTH]

    def entry(self, settings: FeedSettings) -> dict[str, object]:
        """What the ledger says of the file whatever becomes of it."""
        return {
            "file_id": self.file_id,
            "sha256": self.sha256,
            "file_name": self.name,
            "feed": self.feed,
            "container_file_id": self.container_id,
            "size_bytes": self.path.stat().st_size,
            "received_at_utc": self.received_at,
            "customer_class": settings.customer_class,
            "is_synthetic": settings.is_synthetic,
        }
