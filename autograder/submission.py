"""What a student handed in, as it lies in its folder: the notebook, and the files beside it.

Nothing here is believed: links are not followed, and what is large or no notebook is refused with one line.
"""

import io
import json
import os
import re
import stat
import tarfile
from pathlib import Path
from typing import BinaryIO

from .text import clean_text

MAX_NOTEBOOK_BYTES = 20 * 2**20
MAX_FILES = 200
MAX_FILES_BYTES = 40 * 2**20
MAX_CELLS = 1000


class BadSubmission(Exception):
    """A submission that cannot be read; the text says which file, what is wrong and what to do."""


def read(path: Path) -> dict:
    """The submitted notebook as plain data, checked only so far as the rebuilding needs.

    Raises:
        BadSubmission: missing, a link, too large, no JSON, or no notebook of format 4.
    """
    if any(place.is_symlink() for place in (path, *path.parents[:2])):
        raise BadSubmission(f"{path.name} is a link. Links are not followed; hand in the notebook itself.")
    if not path.is_file():
        others = sorted(clean_text(other.name)[:80] for other in path.parent.glob("*.ipynb"))[:5]
        found = (
            f"found {', '.join(others)}; rename it to {path.name}" if others else "the folder has no notebook"
        )
        raise BadSubmission(f"{path.name} is missing: {found}.")
    size = path.stat().st_size
    if size > MAX_NOTEBOOK_BYTES:
        raise BadSubmission(
            f"{path.name} has {size / 2**20:.0f} MB, more than {MAX_NOTEBOOK_BYTES // 2**20} MB. "
            "Clear all outputs (Kernel menu) and hand it in again."
        )
    try:
        notebook = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadSubmission(
            f"{path.name} is no notebook: its JSON is broken{where}. Download it again from JupyterLab and hand it in once more."
        ) from error
    except OSError as error:
        raise BadSubmission(f"{path.name} cannot be read: {error.strerror}.") from error
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        version = notebook.get("nbformat") if isinstance(notebook, dict) else None
        version = version if isinstance(version, int) and abs(version) < 1000 else "unknown"
        raise BadSubmission(
            f"{path.name} has notebook format {version}; format 4 is needed. Open it in JupyterLab, save it, and hand it in again."
        )
    cells = notebook.get("cells")
    if not isinstance(cells, list) or len(cells) > MAX_CELLS:
        raise BadSubmission(f"{path.name} has no list of cells, or more than {MAX_CELLS}.")
    return notebook


def pack_files(folder: Path, target: BinaryIO) -> list[str]:
    """Write the plain files beside a notebook into an archive (tar); returns what was left out.

    Links are not followed, whatever they are made of; neither many nor large files are taken.
    """
    left_out, room = [], MAX_FILES_BYTES
    paths = _files_beside(folder, left_out)
    if len(paths) > MAX_FILES:
        left_out.append(f"{len(paths) - MAX_FILES} files beyond the first {MAX_FILES} were left out")
    with tarfile.open(fileobj=target, mode="w") as archive:
        for path in paths[:MAX_FILES]:
            name = str(path.relative_to(folder))
            try:
                status = path.lstat()
                if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
                    left_out.append(f"{name} is a link or no plain file; it was left out")
                    continue
                data = path.read_bytes() if status.st_size <= room else b""
            except OSError as error:
                left_out.append(f"{name[:100]} cannot be read ({error.strerror}); it was left out")
                continue
            if max(status.st_size, len(data)) > room:
                left_out.append(f"{name} is too large; it was left out")
                continue
            room -= len(data)
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return left_out


def _files_beside(folder, left_out):
    """All that lies in a folder, but for folders; links to folders are not followed."""

    def unreadable(error):
        name = os.path.relpath(error.filename, folder)[:100]
        left_out.append(f"the folder {name} cannot be read ({error.strerror}); it was left out")

    found = []
    for place, folders, files in os.walk(folder, onerror=unreadable):
        links = [name for name in folders if os.path.islink(f"{place}/{name}")]  # noqa: PTH114 - False where it is too long
        found += [Path(place) / name for name in (*files, *links)]
    return sorted(found)


def release_of(notebook: dict) -> str:
    """The release that a notebook says it came from, "" where it says none."""
    metadata = notebook.get("metadata")
    course = metadata.get("nnlib_course") if isinstance(metadata, dict) else None
    release = course.get("release") if isinstance(course, dict) else None
    return release if isinstance(release, str) and re.fullmatch(r"[0-9a-f]{1,64}", release) else ""
