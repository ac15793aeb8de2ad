"""What every tab stands on: the lesson shell, its widgets, its words, its server. Knows arrays,
never core.
"""

from apps.stage.server.lesson import Tab, lesson, page

__all__ = ["Tab", "lesson", "page"]
