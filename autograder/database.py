"""A new gradebook's database, made without starting another program."""

from pathlib import Path


def stamp(url: str) -> None:
    """Note the version of nbgrader's schema in a database that has no tables yet.

    Constructing `nbgrader.api.Gradebook` on a new database asks the program `alembic`, by its name on PATH, which
    takes 3 s; where the note stands already it does not ask.

    Raises:
        CourseError: the database's driver is not installed.
        sqlalchemy.exc.DatabaseError: the database cannot be used.
    """
    import nbgrader
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import inspect

    from .db_url import engine_of

    engine = engine_of(url)
    try:
        with engine.begin() as connection:
            if not inspect(connection).get_table_names():
                versions = ScriptDirectory(Path(nbgrader.__file__).parent / "alembic")
                MigrationContext.configure(connection).stamp(versions, "head")
    finally:
        engine.dispose()
