"""A zip file from elsewhere, read with suspicion: names are checked, and sizes are counted, not believed."""

import contextlib
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .course import CourseError

MAX_ENTRIES = 50_000
MAX_BYTES = 8 * 2**30
MAX_PATH = 400
MAX_PART = 200
MAX_DEPTH = 12
_CHUNK = 2**20
_SYSTEMS_OWN = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__")
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1


class BadEntry(Exception):
    """One file of an archive that is not taken; the text says why."""


@dataclass(frozen=True)
class Entry:
    """A plain file in an archive.

    Attributes:
        parts: its path, each part a name that can stand in a folder.
    """

    info: zipfile.ZipInfo
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        return "/".join(self.parts)


class Archive:
    """An open zip file; use as a context manager.

    Attributes:
        refused: (name, why) of what was not taken.
    """

    def __init__(self, path: Path):
        self.path = path
        self.refused: list[tuple[str, str]] = []
        self._room = MAX_BYTES

    def __enter__(self):
        try:
            self._zip = zipfile.ZipFile(self.path)
        except FileNotFoundError as error:
            raise CourseError(f"{self.path} is missing.") from error
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise CourseError(
                f"{self.path} is no zip archive that can be read ({error}). Download it again."
            ) from error
        if len(self._zip.infolist()) > MAX_ENTRIES:
            self._zip.close()
            raise CourseError(f"{self.path} holds more than {MAX_ENTRIES:,} files. Split it.")
        return self

    def __exit__(self, *exception):
        self._zip.close()

    def entries(self) -> list[Entry]:
        """Its plain files, without what operating systems add; what is unsafe goes to `refused`."""
        found = []
        for info in self._zip.infolist():
            name = _name(info)
            parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
            if info.is_dir() or not parts or any(p in _SYSTEMS_OWN or p.startswith("._") for p in parts):
                continue
            why = _unsafe(info, name, parts)
            if why:
                self.refused.append((name, why))
            else:
                found.append(Entry(info, parts))
        return found

    def read(self, entry: Entry, most: int) -> bytes:
        """The whole of a file.

        Raises:
            BadEntry: it is longer than `most` bytes, or damaged.
            CourseError: the archive as a whole unpacks to more than `MAX_BYTES`.
        """
        return b"".join(self._chunks(entry, most))

    def write(self, entry: Entry, path: Path, most: int) -> int:
        """Unpack a file to a new one at `path`; returns its size. Raises as `read` does."""
        with path.open("xb") as file:
            return sum(file.write(chunk) for chunk in self._chunks(entry, most))

    def _chunks(self, entry, most) -> Iterator[bytes]:
        size = 0
        try:
            with self._zip.open(entry.info) as file:
                while chunk := file.read(_CHUNK):
                    size += len(chunk)
                    self._room -= len(chunk)
                    if size > most:
                        raise BadEntry(f"it has more than {most / 2**20:g} MB")
                    if self._room < 0:
                        raise CourseError(
                            f"{self.path} unpacks to more than {MAX_BYTES // 2**30} GB. Split it."
                        )
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            # RuntimeError and NotImplementedError are zipfile's for what is encrypted or packed strangely
            raise BadEntry(f"it is damaged or packed in a way that cannot be read ({error})") from error


def _name(info):
    """Its name as text: programs that do not say so also write UTF-8, for which Python takes another alphabet."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        with contextlib.suppress(UnicodeError):  # then it is what Python took it for
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)  # macOS writes letters and their accents apart


def _unsafe(info, name, parts):
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "it is a link or no plain file"
    if info.flag_bits & _ENCRYPTED_FLAG:
        return "it is encrypted"
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0][1:2]:
        return "its path leads out of the archive"
    if not all(part.isprintable() for part in parts):
        return "its name holds characters that cannot be printed"
    too_long = len(name.encode(errors="replace")) > MAX_PATH or any(
        len(part.encode(errors="replace")) > MAX_PART for part in parts
    )
    return "its name is too long" if too_long or len(parts) > MAX_DEPTH else ""
