"""What claim tests share: a scene's sentences, the numbers in them, which test names which."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from math import isclose
from types import ModuleType

from apps.stage.server import words

PARTS = ("claim", "say", "ask", "answer")
SEEDS = range(10)  # what is said in general holds for each of them
# A number as a sentence prints it: 3, 3,000, 0.25, 2.5e-7; not the digit of a name (x1, MNIST-2).
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?")


def numbers(text: str) -> list[str]:
    """Return the numbers of a text as they are printed, with plain minus signs."""
    return NUMBER.findall(text.replace("−", "-").replace("–", " "))


class Said:
    """The sentences of one scene in both languages: claim, text, question and answer."""

    def __init__(self, tab: str, scene: int):
        self.tab, self.scene = tab, scene
        self.of = {
            language: {part: words.words(language, tab)["scene"][scene - 1][part] for part in PARTS}
            for language in words.LANGUAGES
        }

    def numbers(self) -> set[str]:
        """Return every number that a sentence of the scene prints, in either language."""
        return {n for parts in self.of.values() for text in parts.values() for n in numbers(text)}

    def __call__(self, printed: str, *values: float) -> None:
        """Hold a number, or a phrase with several, against what was computed for each.

        A printed number stands for every value that rounds to it (half a unit of its last digit).
        """
        found = numbers(printed)
        assert found and len(found) == len(values), f"{printed!r} has {found}, not {values}"
        for number, value in zip(found, values):
            assert number in self.numbers(), f"{number} stands in no sentence of scene {self.scene}"
            plain = number.replace(",", "")
            digits = len(plain.partition("e")[0].partition(".")[2]) - int(
                plain.partition("e")[2] or 0
            )
            unit = 10.0**-digits
            close = isclose(float(plain), value, rel_tol=0, abs_tol=0.5 * unit * (1 + 1e-6))
            assert close, f"scene {self.scene} says {number}, it is {value}"

    def named(self, printed: str) -> None:
        """Name a number that is no result: of a symbol, a bound, a definition (N(0, 1))."""
        missing = set(numbers(printed)) - self.numbers()
        assert not missing, f"{missing} stand in no sentence of scene {self.scene}"


def claim(tab: str, scene: int) -> Callable[[Callable[[Said], None]], Callable[[], None]]:
    """Mark a test as one of a scene's claims; it is called with the scene's sentences."""

    def mark(test: Callable[[Said], None]) -> Callable[[], None]:
        def run() -> None:
            test(Said(tab, scene))

        run.__name__, run.__doc__ = test.__name__, test.__doc__
        run.claim = (scene, test)  # pyright: ignore[reportFunctionMemberAccess]
        return run

    return mark


def claims(module: ModuleType) -> Iterator[tuple[int, Callable[[Said], None]]]:
    """Yield the scene and the function of each claim test of a module."""
    for one in vars(module).values():
        if hasattr(one, "claim"):
            yield one.claim


def names(test: Callable[[Said], None]) -> set[str]:
    """Return the numbers that a claim test holds or names, read off its calls of `said`."""
    tree = ast.parse(inspect.getsource(test))
    return {
        number
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("said", "said.named")
        for text in call.args[:1]
        if isinstance(text, ast.Constant)
        for number in numbers(str(text.value))
    }
