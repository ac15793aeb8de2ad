"""Files and pages out of memory: the bytes are the app's, whoever asks; asked for once."""

import asyncio
import gzip

import brotli
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from apps.stage.server import serve
from apps.stage.server.assets import PAGES, Assets
from apps.stage.server.guard import Guard, headers

JS = (serve.WEB / "lesson.js").read_bytes()


class Site:
    """An app behind both middlewares, which counts what it is asked."""

    def __init__(self):
        self.asked = []

        async def page(request):
            self.asked.append(str(request.url))
            return HTMLResponse(f"<p>{request.url}</p>" + "x" * 1000)

        routes = [
            Mount("/stage", StaticFiles(directory=serve.WEB)),
            Route("/rnn", page),
            Route("/free", page),
        ]
        pages = ("/rnn", "/free")
        layers = [Middleware(Guard, pages=pages), Middleware(Assets, pages=("/rnn",))]
        self.app = Starlette(routes=routes, middleware=layers)

    def client(self, host="http://class.room"):
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=host)


def told(coroutine):
    return asyncio.run(coroutine)


@pytest.mark.parametrize(
    ("takes", "undo"),
    [
        ("gzip, deflate, br", brotli.decompress),
        ("gzip", gzip.decompress),
        ("identity", bytes),
        ("", bytes),
    ],
)
def test_a_file_is_the_file_in_every_encoding(takes, undo):
    async def visit():
        async with Site().client() as client:
            ask = client.stream("GET", "/stage/lesson.js", headers={"Accept-Encoding": takes})
            async with ask as reply:
                raw = b"".join([part async for part in reply.aiter_raw()])
            assert len(raw) == int(reply.headers["content-length"])
            assert undo(raw) == JS
            assert "immutable" in reply.headers["cache-control"]
            assert reply.headers["vary"] == "Accept-Encoding"
            head = await client.head("/stage/lesson.js", headers={"Accept-Encoding": takes})
            assert head.content == b"" and head.headers["content-length"] == str(len(raw))
            tag = {"If-None-Match": reply.headers["etag"]}
            again = await client.get("/stage/lesson.js", headers=tag)
            assert (again.status_code, again.content) == (304, b"")

    told(visit())


def test_thirty_who_come_at_once_cost_one_answer_and_another_address_another():
    async def visit():
        site = Site()
        async with site.client() as one, site.client("https://else.where") as two:
            pages = await asyncio.gather(*(one.get("/rnn") for _ in range(30)))
            assert len({page.text for page in pages}) == 1 and len(site.asked) == 1
            assert "https://else.where/rnn" in (await two.get("/rnn")).text
            assert "https://else.where" not in (await one.get("/rnn")).text
            assert pages[0].headers["cache-control"] == "no-cache"
            assert "ko" not in (await one.get("/rnn?lang=ko", headers={"host": "new"})).text
            await one.get("/rnn?deep_link=abc")  # what Gradio makes of it is that visitor's own
            await one.get("/free")
            await one.get("/free")
        assert len(site.asked) == 6

    told(visit())


def test_what_is_not_there_is_not_kept():
    async def visit():
        site = Site()
        async with site.client() as client:
            for _ in range(2):
                assert (await client.get("/stage/none.js")).status_code == 404
                assert (await client.post("/rnn")).status_code == 403

    told(visit())


def test_every_answer_says_what_a_browser_may_do():
    async def visit():
        async with Site().client() as client:
            for path in ("/rnn", "/rnn", "/free", "/nowhere", "/stage/lesson.js"):
                reply = await client.get(path)
                assert set(headers()) <= set(reply.headers.raw)

    told(visit())


def test_our_files_lie_under_an_address_that_their_content_makes(tmp_path, monkeypatch):
    assert serve.STAGE == f"stage/{serve.version()}"
    (tmp_path / "a.js").write_text("1")
    monkeypatch.setattr(serve, "WEB", tmp_path)
    first = serve.version()
    (tmp_path / "a.js").write_text("2")
    assert serve.version() != first


def test_many_names_of_the_host_push_out_no_file_and_have_an_end():
    async def visit():
        site = Site()
        async with site.client() as client:
            await client.get("/stage/lesson.js")
            for k in range(3 * PAGES):
                page = await client.get("/rnn", headers={"Host": f"name{k}.room"})
                assert f"//name{k}.room/rnn" in page.text  # each its own address
        *_, assets = layers(site.app)
        assert len(assets.kept_pages) == PAGES and len(assets.kept) == 1

    told(visit())


def layers(app):
    """Return an app's middlewares from the outermost."""
    at, found = app.middleware_stack, []
    while hasattr(at, "app"):
        found += [at] if isinstance(at, (Guard, Assets)) else []
        at = at.app
    return found
