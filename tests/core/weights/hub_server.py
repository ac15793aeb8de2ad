"""A small Hub on this machine: the routes that huggingface_hub asks for, over HTTP, and faults.

    with HubServer() as hub:
        commit = hub.put("owner/name", {"a.safetensors": data})
        hub.fault = "503"

Large files go the Hub's way: resolve answers 302 with X-Repo-Commit, X-Linked-Etag and
X-Linked-Size, the bytes come from another origin (a second port). Uploads are create,
validate-yaml, preupload, LFS batch, PUT, commit. Nothing sleeps: a hanging answer waits until the
server closes.
"""

import base64
import hashlib
import json
import re
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".woff2", ".png")
STATUS = ("400", "401", "403", "404", "429", "500", "503")
BODY = ("cut", "stall", "wrong", "longer")  # faults of a body; "hang" and a status come before it


def blob(data):
    """Return git's name for a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Listener(ThreadingHTTPServer):
    """One port that answers for a hub."""

    daemon_threads = True

    def __init__(self, hub):
        super().__init__(("127.0.0.1", 0), Handler)
        self.hub, self.url = hub, f"http://127.0.0.1:{self.server_address[1]}"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def handle_error(self, request, client_address):
        """Show what is wrong here; clients that hang up are part of the tests."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            traceback.print_exc()

    def stop(self):
        self.shutdown()
        self.server_close()
        self.thread.join()


class HubServer:
    """Repositories in memory; `fault` spoils the next `times` downloads (None: all of them)."""

    def __init__(self):
        self.repos = {}  # (kind, owner/name) -> [(commit, {path: bytes})], the newest last
        self.large = {}  # sha256 -> bytes
        self.asked = []  # (method, path, authorization)
        self.token: str | None = None  # with one, requests to the API without it are refused
        self.fault, self.times = None, None
        self.full = False  # refuses uploads
        self.sdk = None
        self.closing = threading.Event()
        self.front, self.store = Listener(self), Listener(self)
        self.url, self.home = self.front.url, Path()

    def __enter__(self):
        self.front.thread.start()
        self.store.thread.start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.front.stop()
        self.store.stop()

    def put(self, repo, files, kind="models"):
        """Commit files (None: deleted) as if uploaded; return the commit."""
        history = self.repos.setdefault((kind, repo), [("0" * 40, {})])
        new = {**history[-1][1], **files}
        new = {path: data for path, data in new.items() if data is not None}
        listing = [(path, hashlib.sha256(new[path]).hexdigest()) for path in sorted(new)]
        told = json.dumps([history[-1][0], listing])
        commit = hashlib.sha1(told.encode()).hexdigest()
        history.append((commit, new))
        return commit

    def files(self, repo, kind="models", revision="main"):
        """Return (commit, files) at a revision, or None."""
        history = self.repos.get((kind, repo), [])
        if revision == "main":
            return history[-1] if history else None
        return next((pair for pair in history if pair[0] == revision), None)

    def downloads(self):
        """Return how often a file was asked for: a HEAD comes before its bytes."""
        return sum("/resolve/" in path for method, path, _ in self.asked if method == "HEAD")

    def spoil(self, body):
        """Return the fault of this answer, of its body or not, and count it."""
        if self.fault is None or self.times == 0 or (self.fault in BODY) != body:
            return None
        if self.times is not None:
            self.times -= 1
        return self.fault


class Handler(BaseHTTPRequestHandler):
    """The routes."""

    protocol_version = "HTTP/1.1"
    server: Listener

    @property
    def hub(self):
        return self.server.hub

    def log_message(self, format, *args):
        """Keep quiet."""

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self.arrived()
        if found := re.fullmatch(r"/cdn/([0-9a-f]{64})", path):
            return self.body(self.hub.large[found[1]], self.hub.spoil(body=True))
        if not self.allowed():
            return None
        if found := re.fullmatch(r"/(spaces/)?([\w.-]+/[\w.-]+)/resolve/([^/]+)/(.+)", path):
            kind = "spaces" if found[1] else "models"
            return self.resolve(kind, found[2], unquote(found[3]), found[4])
        if found := re.fullmatch(r"/api/(\w+)/([\w.-]+/[\w.-]+)/(revision|tree)/([^/]+)/?", path):
            return self.about(*found.groups())
        return self.refuse(404)

    def do_POST(self):
        path, body = self.arrived(), self.sent()
        if not self.allowed():
            return None
        if path == "/api/validate-yaml":
            return self.answer({"errors": [], "warnings": []})
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        if found := re.fullmatch(r"/api/(\w+)/([\w.-]+/[\w.-]+)/(preupload|commit)/main", path):
            return getattr(self, found[3])(found[1], found[2], body)
        if path.endswith(".git/info/lfs/objects/batch"):
            return self.batch(json.loads(body))
        return self.refuse(404)

    def do_PUT(self):
        path, body = self.arrived(), self.sent()
        self.hub.large[hashlib.sha256(body).hexdigest()] = body
        fine = path.endswith(hashlib.sha256(body).hexdigest()) and not self.hub.full
        return self.answer({}) if fine else self.refuse(400)

    def arrived(self):
        path = urlsplit(self.path).path
        self.hub.asked.append((self.command, path, self.headers.get("Authorization")))
        return path

    def sent(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def allowed(self):
        token = self.hub.token
        if token is None or self.headers.get("Authorization") == f"Bearer {token}":
            return True
        self.refuse(401)
        return False

    def resolve(self, kind, repo, revision, name):
        fault = self.hub.spoil(body=False)
        if fault == "hang":
            self.hub.closing.wait()
            self.close_connection = True
            return None
        if fault in STATUS:
            return self.refuse(int(fault))
        if (repo_at := self.hub.files(repo, kind, revision)) is None:
            return self.refuse(404, "RevisionNotFound")
        commit, files = repo_at
        if name not in files:
            return self.refuse(404, "EntryNotFound")
        data = files[name]
        if not name.endswith(LARGE):
            return self.body(data, None, {"X-Repo-Commit": commit, "ETag": f'"{blob(data)}"'})
        sha = hashlib.sha256(data).hexdigest()
        self.hub.large[sha] = data
        headers = {
            "Location": f"{self.hub.store.url}/cdn/{sha}",
            "X-Repo-Commit": commit,
            "X-Linked-Etag": f'"{sha}"',
            "X-Linked-Size": str(len(data)),
            "Accept-Ranges": "bytes",
        }
        return self.reply(302, b"", headers)

    def body(self, data, fault=None, headers=None):
        """Send a file, or what the fault makes of it; a Range is honoured."""
        if fault == "wrong":
            data = data[:-1] + bytes([data[-1] ^ 1])
        if fault == "longer":
            data += b"\0"
        middle = len(data) // 2  # of the file: asked for the rest, "cut" and "stall" send nothing
        status, headers = 200, {"Accept-Ranges": "bytes", **(headers or {})}
        if asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
            status, start = 206, int(asked[1])
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            data, middle = data[start:], max(middle - start, 0)
        sent = data[:middle] if fault in ("cut", "stall") else data
        self.reply(status, sent, headers, length=len(data))
        if fault == "stall":
            self.wfile.flush()
            self.hub.closing.wait()
        self.close_connection = fault is not None

    def about(self, kind, repo, what, revision):
        if (repo_at := self.hub.files(repo, kind, unquote(revision))) is None:
            return self.refuse(404, "RepoNotFound")
        commit, files = repo_at
        if what == "tree":
            entries = [
                {"type": "file", "path": p, "size": len(d), "oid": blob(d)}
                for p, d in files.items()
            ]
            return self.answer(entries)
        siblings = [{"rfilename": p} for p in files]
        return self.answer({"id": repo, "sha": commit, "private": False, "siblings": siblings})

    def create(self, asked):
        kind = f"{asked.get('type') or 'model'}s"
        repo = f"{asked['organization']}/{asked['name']}"
        self.hub.sdk = asked.get("sdk")
        prefix = "spaces/" if kind == "spaces" else ""
        known = (kind, repo) in self.hub.repos
        self.hub.repos.setdefault((kind, repo), [("0" * 40, {})])
        value = {"url": f"{self.hub.url}/{prefix}{repo}", "name": repo}
        return self.answer(value, 409 if known else 200)

    def preupload(self, kind, repo, body):
        old = self.hub.repos[kind, repo][-1][1]

        def about(path):
            large = path.endswith(LARGE)
            told = {"path": path, "uploadMode": "lfs" if large else "regular"}
            if path in old:  # the client then leaves out what has not changed
                told["oid"] = hashlib.sha256(old[path]).hexdigest() if large else blob(old[path])
            return {**told, "shouldIgnore": False}

        self.answer({"files": [about(f["path"]) for f in json.loads(body)["files"]]})

    def batch(self, asked):
        def action(entry):
            return {"upload": {"href": f"{self.hub.url}/lfs/{entry['oid']}", "header": {}}}

        self.answer(
            {
                "transfer": "basic",
                "objects": [{**o, "actions": action(o)} for o in asked["objects"]],
            }
        )

    def commit(self, kind, repo, body):
        changed = {}
        for line in body.splitlines():
            value, key = json.loads(line)["value"], json.loads(line)["key"]
            if key == "file":
                changed[value["path"]] = base64.b64decode(value["content"])
            elif key == "lfsFile":
                changed[value["path"]] = self.hub.large[value["oid"]]
            elif key == "deletedFile":
                changed[value["path"]] = None
        commit = self.hub.put(repo, changed, kind)
        prefix = "spaces/" if kind == "spaces" else ""
        url = f"{self.hub.url}/{prefix}{repo}/commit/{commit}"
        self.answer({"success": True, "commitOid": commit, "commitUrl": url, "hookOutput": ""})

    def answer(self, value, status=200):
        self.reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def refuse(self, status, code=None):
        self.reply(status, b'{"error": "no"}', {"X-Error-Code": code} if code else {})

    def reply(self, status, data, headers, length=None):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
