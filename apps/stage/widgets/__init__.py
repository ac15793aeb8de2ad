"""The widgets' JSON, typed: a file a widget, its keys and the function that builds it.

The browser (web/widgets) and the figures on paper (apps/stage/paper) draw what these build.
"""

from apps.stage.widgets.attention import Heads, Lookup, Ties
from apps.stage.widgets.bars import Bars
from apps.stage.widgets.base import Label, Role, Word
from apps.stage.widgets.cells import Cells
from apps.stage.widgets.chart import Chart, History
from apps.stage.widgets.codes import Plane
from apps.stage.widgets.field import Field
from apps.stage.widgets.grey import Grey
from apps.stage.widgets.heat import Heat
from apps.stage.widgets.layout import Column, Part, Row, Shared, Text
from apps.stage.widgets.matrix import Lines, Matrix
from apps.stage.widgets.net import Net
from apps.stage.widgets.quiz import Quiz
from apps.stage.widgets.raster import Raster
from apps.stage.widgets.strip import Strip
from apps.stage.widgets.table import Table

__all__ = ["Label", "Role", "Shared", "Widget", "Word"]

Picture = Cells | Grey | Raster | Plane | Chart | History | Heat | Bars | Net | Field
Spoken = Text | Matrix | Lines | Ties | Lookup | Heads | Strip | Table | Quiz
Widget = Row | Column | Part | Spoken | Picture
