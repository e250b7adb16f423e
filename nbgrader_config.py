"""nbgrader's settings for this course; its own tools (formgrader, validate) read them too."""

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "lessons"
