"""One file from the Hugging Face Hub: out of its local cache, or over the network with a deadline.

huggingface_hub's own download retries, resumes and waits as it likes (minutes when a server hangs)
and does not notice bytes that changed at equal length. So its cache, its login and its HTTP client
are used here, but the file comes into memory in a thread that this module may leave, is compared
with the card's sha256, and only then is put into the cache, whole.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Waited
from dataclasses import dataclass
from pathlib import Path

from core.weights.card import Card, Manifest, WeightError, replace

log = logging.getLogger(__name__)

VARIABLE = "WEIGHTS_REPO"  # owner/name or owner/name@revision, goes before the manifest's
PASSING = ("hub_status", "hub_slow", "hub_cut", "hub_unreachable")  # may be gone at the next try
CHUNK = 64 * 1024
WORD = r"[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?![.-]))*"
REPO = re.compile(f"{WORD}/{WORD}")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Source:
    """A repository and the revision to read: a full commit hash where it is pinned."""

    repo: str
    revision: str


@dataclass(frozen=True)
class Patience:
    """How long to wait for the Hub, in seconds.

    Attributes:
        deadline: for everything together; after it an error is said, whatever the network does.
        stall: without a byte before an attempt is given up.
        attempts: how often to ask.
        pause: before the second attempt, doubled for each further one.
    """

    deadline: float = 60.0
    stall: float = 10.0
    attempts: int = 3
    pause: float = 0.5


@dataclass(frozen=True)
class Fetched:
    """A verified file: its bytes, the commit they come from and the Hub's name for them."""

    data: bytes
    commit: str
    etag: str


def source(known: Manifest) -> Source | None:
    """Return where to look: the environment's WEIGHTS_REPO, else the manifest's repository.

    Raises:
        WeightError: WEIGHTS_REPO is no repository name.
    """
    wanted = os.environ.get(VARIABLE, "").strip() or known.repo
    if not wanted:
        return None
    repo, _, revision = wanted.partition("@")
    if not named(repo) or not re.fullmatch(r"(?!.*\.\.)[\w./-]*", revision):
        raise WeightError("weights_repo", got=wanted)
    pinned = known.revision if repo == known.repo else None
    return Source(repo, revision or pinned or "main")


def named(repo: str) -> bool:
    """Say whether this may be a repository's name on the Hub: owner/name."""
    return bool(REPO.fullmatch(repo)) and len(repo) <= 96 and not repo.endswith(".git")


def cached(card: Card, place: Source) -> bytes | None:
    """Return the right file out of the local Hub cache, or None; never asks the network."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        path = hf_hub_download(
            place.repo, card.file, revision=place.revision, local_files_only=True
        )
        data = Path(path).read_bytes()
    except (LocalEntryNotFoundError, OSError):
        return None
    if right(card, data):
        return data
    log.warning("%s in the Hub cache is not what its card describes: fetched anew", card.file)
    return None


def right(card: Card, data: bytes | bytearray) -> bool:
    """Say whether these bytes are the card's file."""
    return len(data) == card.bytes and hashlib.sha256(data).hexdigest() == card.sha256


def download(
    card: Card, place: Source, patience: Patience, progress: Progress | None = None
) -> Fetched:
    """Return the verified file from the Hub.

    Args:
        card: which file, how long and with which sum.
        place: repository and revision.
        patience: deadline, stall, attempts, pause.
        progress: called with (bytes so far, all bytes) from another thread.

    Raises:
        WeightError: it cannot be had within the deadline; the sentence says why and what to do.
    """
    over, found, last = threading.Event(), Future(), []

    def attempt() -> Fetched:
        for turn in range(patience.attempts):
            if turn and over.wait(patience.pause * 2 ** (turn - 1)):
                break
            try:
                return stream(card, place, patience, progress, over)
            except WeightError as error:
                last.append(error)
                if error.rule not in PASSING:
                    break
        raise last[-1]

    def work() -> None:
        try:
            found.set_result(attempt())
        except BaseException as error:  # whatever it is, who waits must hear of it
            found.set_exception(error)

    threading.Thread(target=work, name=f"fetch {card.file}", daemon=True).start()
    try:
        return found.result(patience.deadline)
    except Waited:
        raise (last[-1] if last else slow(card, place, patience.deadline)) from None
    finally:
        over.set()


def stream(
    card: Card,
    place: Source,
    patience: Patience,
    progress: Progress | None,
    over: threading.Event,
) -> Fetched:
    """Ask once and read the answer into memory; `over` ends it between two chunks."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.errors import OfflineModeIsEnabled
    from huggingface_hub.utils import build_hf_headers

    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or None
    url = hf_hub_url(place.repo, card.file, revision=place.revision, endpoint=endpoint)
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    limit = min(patience.stall, patience.deadline)
    start, data, answered = time.monotonic(), bytearray(), False
    try:
        with get_session().stream(
            "GET", url, headers=headers, timeout=limit, follow_redirects=True
        ) as response:
            answered = True
            if response.status_code != 200:
                raise refused(card, place, response.status_code)
            for chunk in response.iter_bytes(CHUNK):
                data += chunk
                if over.is_set() or len(data) > card.bytes:
                    break
                if progress:
                    progress(len(data), card.bytes)
            told = [dict(r.headers) for r in (*response.history, response)]
    except WeightError:
        raise
    except OfflineModeIsEnabled as error:
        raise WeightError("hub_offline", file=card.file, repo=place.repo) from error
    except Exception as error:  # httpx or httpx2, as the version of huggingface_hub has it
        if "Timeout" in type(error).__name__:
            raise slow(card, place, time.monotonic() - start) from error
        rule = "hub_cut" if answered else "hub_unreachable"
        raise WeightError(rule, file=card.file, repo=place.repo) from error
    if not right(card, data):
        raise WeightError("weights_digest", file=card.file, place=place.repo)
    return Fetched(bytes(data), *names(card, place, told))


def names(card: Card, place: Source, told: list[dict[str, str]]) -> tuple[str, str]:
    """Return the commit and the blob's name out of the answers' headers, redirects first."""
    headers = {key.lower(): value for answer in reversed(told) for key, value in answer.items()}
    commit = headers.get("x-repo-commit", "")
    etag = headers.get("x-linked-etag", headers.get("etag", "")).removeprefix("W/").strip('"')
    return (
        commit if re.fullmatch("[0-9a-f]{40}", commit) else place.revision,
        etag if re.fullmatch("[0-9a-f]{40,64}", etag) else card.sha256,
    )


def refused(card: Card, place: Source, status: int) -> WeightError:
    """Return what a status other than 200 means."""
    if status == 404:
        return WeightError("hub_missing", repo=place.repo, file=card.file, revision=place.revision)
    rule = "hub_login" if status in (401, 403) else "hub_status"
    return WeightError(rule, repo=place.repo, file=card.file, status=status)


def slow(card: Card, place: Source, seconds: float) -> WeightError:
    """Return that the Hub was waited for in vain."""
    return WeightError("hub_slow", file=card.file, repo=place.repo, seconds=f"{seconds:.3g}")


def keep(card: Card, place: Source, fetched: Fetched) -> None:
    """Put a verified file into the Hub cache, as huggingface_hub lays it out, whole or not at all.

    A cache that cannot be written or is full is no error: the model is in memory already, a warning
    says that it will be fetched again.
    """
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    base = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=place.repo, repo_type="model")
    blob, pointer = base / "blobs" / fetched.etag, base / "snapshots" / fetched.commit / card.file
    link = pointer.with_name(f"{card.file}.{os.getpid()}.part")
    try:
        blob.parent.mkdir(parents=True, exist_ok=True)
        pointer.parent.mkdir(parents=True, exist_ok=True)
        replace(blob, fetched.data)
        try:
            link.symlink_to(os.path.relpath(blob, pointer.parent))
            os.replace(link, pointer)
        except OSError:  # no symbolic links on this file system
            link.unlink(missing_ok=True)
            os.replace(blob, pointer)
        if place.revision != fetched.commit:
            ref = base / "refs" / place.revision
            ref.parent.mkdir(parents=True, exist_ok=True)
            replace(ref, fetched.commit.encode())
    except OSError as error:
        log.warning(
            "%s is not kept in the Hub cache (%s): fetched again next time", card.file, error
        )
