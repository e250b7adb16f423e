"""Where a course's gradebook is: in its folder, or in whatever database nbgrader's own setting names."""

from pathlib import Path

from .course import CourseError


def configured(root: Path) -> str:
    """What `c.CourseDirectory.db_url` in the course's own `nbgrader_config.py` says, as nbgrader reads it; else "".

    Raises:
        CourseError: the settings cannot be loaded.
    """
    path = root / "nbgrader_config.py"
    if not path.exists():
        return ""
    from traitlets.config import PyFileConfigLoader

    try:
        config = PyFileConfigLoader(path.name, path=str(root)).load_config()
    except Exception as error:  # the instructor's own code may raise anything
        raise CourseError(f"{path} cannot be loaded ({type(error).__name__}: {error}).") from error
    return str(config.CourseDirectory.get("db_url", "")) if "CourseDirectory" in config else ""


def url_of(root: Path) -> str:
    """The gradebook's URL for SQLAlchemy: the configured one, else `gradebook.db` in the course's folder.

    Raises:
        CourseError: it is no URL of a database that keeps anything.
    """
    wanted = configured(root)
    if not wanted:
        return f"sqlite:///{(root / 'gradebook.db').resolve()}"
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    where = f"{root / 'nbgrader_config.py'}: c.CourseDirectory.db_url"
    try:
        url = make_url(wanted)
    except (ArgumentError, ValueError):
        raise CourseError(  # without the text itself, or its cause: it may hold a password
            f"{where} is no URL of a database. Write it as postgresql+psycopg://user:password@host/name."
        ) from None
    if url.get_backend_name() != "sqlite":
        return url.render_as_string(hide_password=False)
    if url.database in (None, "", ":memory:"):
        raise CourseError(
            f"{where} names a database that keeps nothing. Name a file: sqlite:///gradebook.db."
        )
    return f"sqlite:///{(root / url.database).resolve()}"


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database, None for a server's."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def exists(url: str) -> bool:
    """Whether there is one; a server's is asked only when it is used."""
    file = sqlite_file(url)
    return file is None or file.exists()


def shown(url: str) -> str:
    """The database as a message may name it: a file's path, or the URL with stars for its password."""
    from sqlalchemy.engine import make_url

    return str(sqlite_file(url) or make_url(url).render_as_string(hide_password=True))


def said(error: Exception, url: str) -> str:
    """What a database's driver says, in one line and without the password, however it writes that."""
    from sqlalchemy.engine import make_url

    text = " ".join(str(getattr(error, "orig", None) or error).split())
    address = make_url(url)
    written = address.render_as_string(hide_password=False).partition("://")[2].partition("@")[0]
    for secret in (address.password, written.partition(":")[2]):
        if secret:
            text = text.replace(str(secret), "***")
    return text


def engine_of(url: str):
    """An engine for the URL.

    Raises:
        CourseError: its kind of database or its driver is not installed.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        return create_engine(url)
    except (ImportError, NoSuchModuleError, ArgumentError) as error:
        raise CourseError(
            f"{shown(url)} needs a driver that is not installed ({said(error, url)}). For PostgreSQL: "
            '`pip install "psycopg[binary]"` and a URL that begins with postgresql+psycopg://.'
        ) from error


def shrink(url: str) -> None:
    """Write an SQLite file anew, so that what was deleted stands nowhere in it; a server does that itself in time.

    Raises:
        sqlalchemy.exc.DatabaseError: the database cannot be used.
    """
    if sqlite_file(url) is None:
        return
    engine = engine_of(url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
    finally:
        engine.dispose()
