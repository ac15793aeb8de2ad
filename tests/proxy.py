"""A proxy that serves a hub under a path and takes the path off, as nginx does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.conftest import WAIT

OWN = ("connection", "transfer-encoding")  # headers of a connection


@contextmanager
def stripped(url: str, prefix: str) -> Iterator[str]:
    """Yield the address of a proxy: what begins with `prefix` goes on to `url` without it.

    It is `location /lessons/ { proxy_pass http://…/; proxy_set_header Host $http_host; }`.
    """

    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            if not self.path.startswith(f"{prefix}/"):  # a browser asks every site for its icon
                self.send_response(204 if self.path == "/favicon.ico" else 404)
                return self.end_headers()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            head = {k: v for k, v in self.headers.items() if k.lower() not in OWN}
            hub = HTTPConnection(url.removeprefix("http://"), timeout=WAIT)
            hub.request(self.command, self.path.removeprefix(prefix), body or None, head)
            answer = hub.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in OWN:
                    self.send_header(name, value)
            self.end_headers()
            try:
                while piece := answer.read1(65536):  # as it comes: event streams never end
                    self.wfile.write(piece)
            except ConnectionError:
                pass  # the browser went away
            finally:
                hub.close()

        do_GET = do_HEAD = do_POST = pass_on

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
