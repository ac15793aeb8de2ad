"""What every tab stands on: the contract of a lesson, its widgets, its words, its server, its page.

It knows values, never a model.
"""

from apps.stage.contract import Tab, View
from apps.stage.server.page import lesson, page

__all__ = ["Tab", "View", "lesson", "page"]
