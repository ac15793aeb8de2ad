"""What Gradio keeps of its callers has bounds: answers that nobody fetched, calls that wait."""

import asyncio
import gc
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.data_classes import PredictBodyInternal
from gradio.queueing import Queue
from gradio.server_messages import ProcessCompletedMessage
from starlette.requests import Request

from apps.stage.server import gradio_internals, serve
from apps.stage.server.unfetched import Unfetched


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def told():
    """What Gradio's queue keeps, in our store, and a clock: at most 3 answers for 60 s."""
    clock = Clock()
    queue = SimpleNamespace(pending_event_ids_session={})
    forget = queue.pending_event_ids_session.pop
    store = queue.pending_messages_per_session = Unfetched(3, 60.0, clock, forget)
    return queue, store, clock


def open_session(queue, name):
    """Open a session as Gradio's `push` does."""
    queue.pending_messages_per_session[name] = asyncio.Queue()
    queue.pending_event_ids_session[name] = {f"call of {name}"}
    return SimpleNamespace(alive=True, _id=f"call of {name}", session_hash=name)


def answer(queue, event, size=1):
    """Send a whole answer as Gradio does."""
    output = {"data": ["x" * size]}
    Queue.send_message(queue, event, ProcessCompletedMessage(output=output, success=True))


def test_answers_that_nobody_fetches_are_bounded(told):
    queue, store, _ = told
    for k in range(1000):
        answer(queue, open_session(queue, f"s{k}"))
    assert list(store) == ["s997", "s998", "s999"]
    assert list(queue.pending_event_ids_session) == list(store) and len(store.answers) == 3


def test_answers_of_one_session_are_bounded_too(told):
    queue, store, _ = told
    event = open_session(queue, "s")
    for _ in range(1000):
        answer(queue, event)
    held = sum(one.qsize() for one in store.values())
    assert held <= 3 and len(store.answers) <= 3


def test_an_answer_that_is_fetched_counts_no_more(told):
    queue, store, _ = told

    async def story():
        for k in range(1000):
            event = open_session(queue, f"s{k}")
            answer(queue, event)
            message = await store[f"s{k}"].get()
            assert message.success and not store.answers

    asyncio.run(story())


def test_an_answer_is_kept_for_a_minute(told):
    queue, store, clock = told
    answer(queue, open_session(queue, "old"))
    clock.now = 59.0
    open_session(queue, "new")
    assert "old" in store
    clock.now = 61.0
    open_session(queue, "newer")
    assert "old" not in store and "new" in store  # nothing of it has come yet


def test_a_session_that_was_thrown_away_can_be_sent_to_and_closed(told):
    queue, store, _ = told
    event = open_session(queue, "s")
    del store["s"]
    answer(queue, event)
    assert "s" not in store
    del store["s"]
    assert store.get("s") is None


def test_a_hub_s_queue_has_these_bounds():
    async def story():
        with gr.Blocks() as demo:
            gr.HTML("")
        gradio_internals.bound_calls(demo, 40, 30, 60.0)
        queue = demo._queue
        assert isinstance(queue.pending_messages_per_session, Unfetched) and queue.max_size == 40
        queue.events_recorded = 5
        queue.compute_analytics_summary([{"function": "x", "status": "success"}])
        assert queue.cached_event_analytics_summary == {"functions": {}}

    asyncio.run(story())


def test_of_one_address_fewer_calls_wait_than_there_is_room_for():
    def call(number, whose):
        scope = {"type": "http", "client": (whose, 5), "headers": []}
        return PredictBodyInternal(fn_index=number, data=[], session_hash=None), Request(scope)

    async def story():
        with gr.Blocks() as demo:
            gr.api(lambda: 1, api_name="one")  # pyright: ignore[reportPrivateImportUsage]
        gradio_internals.bound_calls(demo, 5, 3, 60.0)
        number = next(iter(demo.fns))

        async def push(whose):
            return (await demo._queue.push(*call(number, whose), None))[2]

        mine = [await push("10.0.0.1") for _ in range(5)]
        others = [await push(f"10.0.1.{k}") for k in range(3)]
        assert mine == ["success"] * 3 + ["queue_full"] * 2
        assert others == ["success"] * 2 + ["queue_full"]

    asyncio.run(story())


def test_what_is_there_after_the_start_is_never_looked_through_again():
    try:
        serve.keep_for_good()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
