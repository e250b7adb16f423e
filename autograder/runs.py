"""What sandboxes showed, kept so that nothing is run twice: after a crash, or when an exercise is mended.

`.course/runs/<lesson>/<student>.json.gz` holds one run and the key it belongs to, a hash of all that it depends on: the
cells, the files beside them, the seed, the limits, what is asked of each exercise, and the code that runs in the
sandbox. Judging is no part of it, so a mended reference, mistake or mark is judged anew from the same evidence.
"""

import gzip
import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, fields
from functools import cache

from .course import Course, write_bytes
from .drives import Outcome
from .evidence import Evidence
from .sandbox import isolation, wire
from .sandbox.conversation import Limits, Run, question


def key(cells: list[dict], files: bytes, seed: int, limits: Limits) -> str:
    """What a run depends on, in 64 characters."""
    digest = hashlib.sha256()
    asked = [question(cell["check"], seed) for cell in cells if cell["check"]]
    settings = json.dumps([cells, str(seed), asdict(limits)], sort_keys=True).encode()
    for part in (_code(), settings, files, *asked):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


@cache
def _code():
    """The source of what runs in a sandbox, and of what it imports of this project."""
    import nnlib

    own = [isolation.PACKAGE / name for name in sorted(isolation.VISIBLE)]
    library = sorted(isolation.Path(nnlib.__file__).parent.rglob("*.py"))
    return b"\0".join(path.read_bytes() for path in (*own, *library))


def find(course: Course, lesson: str, student: str, wanted: str) -> Run | None:
    """The kept run of that key; None where there is none, or none that can be read."""
    path = course.run(lesson, student)
    with suppress(OSError, EOFError, ValueError, KeyError, TypeError):
        kept = json.loads(gzip.decompress(path.read_bytes()))
        if kept["key"] == wanted:
            return _run(wire.unpack(kept["run"]))
    return None


def keep(course: Course, lesson: str, student: str, wanted: str, run: Run) -> None:
    """Keep a run that came to its end; one that was stopped is run again."""
    if run.ended:
        return
    plain = {
        **{field.name: getattr(run, field.name) for field in fields(run)},
        "evidence": {name: _plain(evidence) for name, evidence in run.evidence.items()},
    }
    text = json.dumps({"key": wanted, "run": wire.pack(plain)}, ensure_ascii=False)
    write_bytes(course.run(lesson, student), gzip.compress(text.encode(errors="replace"), 1, mtime=0))


def _plain(evidence):
    outcomes = {
        variant: {case: [outcome and vars(outcome) for outcome in seen] for case, seen in cases.items()}
        for variant, cases in evidence.outcomes.items()
    }
    return {**vars(evidence), "seed": str(evidence.seed), "outcomes": outcomes}


def _run(plain):
    evidence = {name: _evidence(fields) for name, fields in plain.pop("evidence").items()}
    for numbered in ("outputs", "cell_seconds"):  # JSON's names are texts
        plain[numbered] = {int(index): value for index, value in plain[numbered].items()}
    return Run(**plain, evidence=evidence)


def _evidence(plain):
    outcomes = {
        variant: {
            case: tuple(outcome and Outcome(**outcome) for outcome in seen) for case, seen in cases.items()
        }
        for variant, cases in plain["outcomes"].items()
    }
    return Evidence(**{**plain, "seed": int(plain["seed"]), "outcomes": outcomes})
