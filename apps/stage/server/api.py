"""A tab's functions as named endpoints: refusals in the caller's language, loops that can end."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

import gradio as gr

from apps.stage.server import gradio_internals, words
from apps.stage.server.takeaway import bare
from core.progress import LISTENER, Stopped


def endpoint(function: Callable) -> Callable:
    """Wrap a typed function as an API endpoint: a refused input becomes one sentence in the
    caller's language.
    """
    signature = inspect.signature(function)
    count = len(signature.parameters)

    @functools.wraps(function)
    def call(*args: Any) -> Any:  # Gradio fills in all defaults and hands the request over last
        given, request = args[:count], args[count]
        hearing = LISTENER.set(listener())
        try:
            return bare(function(*given))
        except Stopped:
            return None  # nobody is there to read it
        except ValueError as error:
            if not hasattr(error, "rule"):
                raise
            said = words.sentence(language(request), error.rule, error.parts)  # type: ignore[attr-defined]
            raise gr.Error(said, print_exception=False) from None
        finally:
            LISTENER.reset(hearing)

    asked = inspect.Parameter(
        "request", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=gr.Request
    )
    parameters = [*signature.parameters.values(), asked]
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    # the API's documents are read off the docstring, one line an argument
    call.__doc__ = re.sub(r"\n {8,}", " ", inspect.getdoc(function) or "")
    call.__annotations__ = {**function.__annotations__, "request": gr.Request}
    return call


def language(request: gr.Request | None) -> str:
    """Return the language of a caller: `lang` in the address, else Accept-Language."""
    if request is None:
        return words.preferred_language(None)
    asked = request.query_params.get("lang") or request.headers.get("accept-language")
    return words.preferred_language(asked)


def listener() -> Callable[[int, int], None] | None:
    """Return a function that hands on to the caller how far a loop is, and ends the loop once the
    caller cancelled or went away; None outside of the queue.
    """
    call = gradio_internals.running_call()
    if call is None:
        return None
    progress = gr.Progress()

    def hear(done: int, of: int) -> None:
        if not call.is_awaited():
            raise Stopped
        progress((done, of))

    return hear
