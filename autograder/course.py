"""A course's folder: where things lie, and the private state that no submission can see."""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .notebooks import released_path

SEED_BITS = 128
WAY_OUT = "Make room on the disk, or give yourself the right to write there, and do the same again: what was written stays."


class CourseError(Exception):
    """Something in the course's folder is not as it must be; the text says what to do."""


@dataclass(frozen=True)
class Course:
    """Paths of a course, in nbgrader's layout.

    Attributes:
        root: the folder that holds `lessons/` and `submitted/`.
    """

    root: Path

    @property
    def state(self) -> Path:
        """The seed and the kept releases; never mounted into a sandbox."""
        return self.root / ".course"

    @property
    def seed_file(self) -> Path:
        return self.state / "seed"

    @property
    def gradebook(self) -> Path:
        """Where it is unless the course's settings name another database: see `db_url`."""
        return self.root / "gradebook.db"

    @property
    def db_url(self) -> str:
        """The gradebook's URL; nbgrader's formgrader uses the same one.

        Raises:
            CourseError: `nbgrader_config.py` cannot be loaded, or names no database.
        """
        from .db_url import url_of

        return url_of(self.root)

    @property
    def grades(self) -> Path:
        return self.root / "grades.csv"

    def submitted(self, student: str, lesson: str) -> Path:
        return self.root / "submitted" / student / lesson

    def autograded(self, student: str, lesson: str) -> Path:
        return self.root / "autograded" / student / lesson

    def feedback(self, student: str, lesson: str) -> Path:
        return self.root / "feedback" / student / lesson

    def results(self, lesson: str) -> Path:
        return self.state / "results" / lesson

    def run(self, lesson: str, student: str) -> Path:
        return self.state / "runs" / lesson / f"{student}.json.gz"

    def init(self) -> None:
        """Make the private seed, once.

        Raises:
            CourseError: there is one, or there are marks that were made with one now lost.
        """
        if self.seed_file.exists():
            raise CourseError(f"{self.seed_file} exists: this course has its seed already.")
        if self.gradebook.exists():
            raise CourseError(
                f"{self.gradebook} holds marks, but {self.seed_file}, from which their inputs were drawn, is lost. "
                "Bring it back from a backup; with a new seed these marks could not be made again. "
                "To begin anew, move the gradebook away first."
            )
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self.seed_file.with_suffix(".part")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{secrets.randbits(SEED_BITS)}\n")
        beside.replace(self.seed_file)

    def seed(self) -> int:
        """The private seed.

        Raises:
            CourseError: it is missing or no number.
        """
        if not self.seed_file.exists():
            raise CourseError(
                f"{self.seed_file} is missing. Run `autograder init` once for a course, before its first grading."
            )
        text = self.seed_file.read_text().strip()
        if not text.isdecimal():
            raise CourseError(f"{self.seed_file} holds no number. Bring it back from a backup.")
        return int(text)

    def students(self, lesson: str) -> list[str]:
        """Who has handed the lesson in, in order of their ids.

        Raises:
            CourseError: nobody has.
        """
        folder = self.root / "submitted"
        found = sorted(
            path.parent.name for path in folder.glob(f"*/{lesson}") if path.is_dir() or path.is_symlink()
        )
        odd = [ascii(name) for name in found if not name.isprintable()]
        if odd:
            raise CourseError(
                f"{folder}: a student's folder has a name that cannot be stored: {odd[0]}. Rename it."
            )
        if not found:
            raise CourseError(f"nothing to grade: there is no {folder}/<student>/{lesson}/.")
        return found

    def skeleton(self, lesson: str, release: str = "") -> tuple[NotebookNode, str]:
        """The released notebook, and a note where a submission's own release is not at hand.

        Every release that was graded is kept, so that a notebook from an older one is graded by its
        own skeleton.

        Raises:
            CourseError: the lesson is not released.
        """
        current = released_path(self.root, lesson)
        if not current.exists():
            known = ", ".join(sorted(path.name for path in (self.root / "lessons").glob("*"))) or "none"
            raise CourseError(f"no lesson {lesson}: {current} is missing. Lessons here: {known}.")
        notebook = _read(current)
        newest = notebook["metadata"]["nnlib_course"]["release"]
        self._keep(lesson, newest, current)
        if release in ("", newest):
            return (
                notebook,
                "" if release else "it does not say which release it came from; graded by the current one",
            )
        kept = self._kept(lesson, release)
        if kept.exists():
            return _read(kept), f"it came from the older release {release}"
        return notebook, f"it came from the release {release}, which was not kept; graded by the current one"

    def due(self, lesson: str) -> datetime | None:
        """When the lesson is due, from the course's settings; None where no date is set."""
        settings = self.state / "settings.json"
        dates = json.loads(settings.read_text()).get("due", {}) if settings.exists() else {}
        return datetime.fromisoformat(dates[lesson]) if lesson in dates else None

    def set_due(self, lesson: str, when: datetime) -> None:
        settings = self.state / "settings.json"
        known = json.loads(settings.read_text()) if settings.exists() else {}
        known.setdefault("due", {})[lesson] = when.isoformat()
        write_text(settings, json.dumps(known, indent=2) + "\n")

    def _kept(self, lesson, release):
        return self.state / "releases" / lesson / f"{release}.ipynb"

    def _keep(self, lesson, release, path):
        kept = self._kept(lesson, release)
        if not kept.exists():
            write_text(kept, path.read_text())


def _read(path):
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def write_text(path: Path, text: str) -> None:
    """Write beside and rename, so that a reader meets the old file or the new one and no half."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """`write_text` for bytes.

    Raises:
        CourseError: it cannot be written; what was there before stays.
    """
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise CourseError(f"{path} cannot be written ({error.strerror}). {WAY_OUT}") from error
