"""Infrastructure of all tabs: the contract of a lesson, widgets, words, server and page.

It knows values, never a model.
"""

from apps.stage.contract import Tab, View
from apps.stage.server.page import lesson, page

__all__ = ["Tab", "View", "lesson", "page"]
