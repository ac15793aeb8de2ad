"""Download a file from the Hugging Face Hub, with a deadline; keep it if its sha256 is right.

`hf_hub_download` does the work: the login, the endpoint, a download that breaks off and goes on. It
cannot be ended from outside and does not compare sums. So it runs in a thread that may be abandoned
and writes into a temporary folder, which is removed however the thread ends. Only bytes with the
card's sha256 leave that folder, for huggingface_hub's folder of assets, named by that sum.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Waited
from dataclasses import dataclass
from pathlib import Path

from core.weights.card import Card, Manifest
from core.weights.errors import WeightError
from core.weights.files import write_whole

log = logging.getLogger(__name__)

VARIABLE = "WEIGHTS_REPO"  # owner/name or owner/name@revision, goes before the manifest's
PASSING = ("hub_status", "hub_slow", "hub_cut", "hub_unreachable")  # may be gone at the next try
LIBRARY = "generative-step-by-step"  # our part of the folder of assets
WORD = r"[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?![.-]))*"
REPO = re.compile(f"{WORD}/{WORD}")


@dataclass(frozen=True)
class Source:
    """A repository and the revision to read: a full commit hash where it is pinned."""

    repo: str
    revision: str


@dataclass(frozen=True)
class Patience:
    """How long to wait for the Hub, in seconds.

    How long a silent connection is waited for is huggingface_hub's own setting, 10 s:
    HF_HUB_ETAG_TIMEOUT and HF_HUB_DOWNLOAD_TIMEOUT.

    Attributes:
        deadline: for everything together; after it an error is raised, whatever the network does.
        attempts: how often to ask.
        pause: before the second attempt, doubled for each further one.
    """

    deadline: float = 60.0
    attempts: int = 3
    pause: float = 0.5


def source(known: Manifest) -> Source | None:
    """Return where to look: the environment's WEIGHTS_REPO, else the manifest's repository.

    Raises:
        WeightError: WEIGHTS_REPO is no repository name.
    """
    wanted = os.environ.get(VARIABLE, "").strip() or known.repo
    if not wanted:
        return None
    repo, _, revision = wanted.partition("@")
    if not is_repo_name(repo) or not re.fullmatch(r"(?!.*\.\.)[\w./-]*", revision):
        raise WeightError("weights_repo", got=wanted)
    pinned = known.revision if repo == known.repo else None
    return Source(repo, revision or pinned or "main")


def is_repo_name(repo: str) -> bool:
    """Return whether this may be a repository's name on the Hub: owner/name."""
    return bool(REPO.fullmatch(repo)) and len(repo) <= 96 and not repo.endswith(".git")


def is_file_of(card: Card, data: bytes) -> bool:
    """Return whether these bytes are the card's file: its length and its sha256."""
    return len(data) == card.bytes and hashlib.sha256(data).hexdigest() == card.sha256


def read_cached(card: Card, place: Source) -> bytes | None:
    """Return the card's file from this machine, or None; never asks the network.

    Looks where `download` keeps files and then in the Hub's cache, where `hf download` puts them.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    def hub_cache() -> str:
        return hf_hub_download(
            place.repo, card.file, revision=place.revision, local_files_only=True
        )

    for look in (lambda: kept_path(card), hub_cache):
        try:
            data = Path(look()).read_bytes()
        except (LocalEntryNotFoundError, OSError, ValueError):
            continue
        if is_file_of(card, data):
            return data
        log.warning("%s in the cache is not what its card describes: fetched anew", card.file)
    return None


def kept_path(card: Card) -> Path:
    """Return where a card's file is kept once it was downloaded; makes the folder.

    Raises:
        OSError, ValueError: the folder cannot be made.
    """
    from huggingface_hub import cached_assets_path

    return cached_assets_path(LIBRARY, "weights") / f"{card.sha256}.safetensors"


def download(card: Card, place: Source, patience: Patience) -> bytes:
    """Return the card's file from the Hub, verified, and keep it for the next process.

    A folder of assets that cannot be written or is full costs a warning: the file is in memory.

    Args:
        card: which file, how long and with which sum.
        place: repository and revision.
        patience: deadline, attempts, pause.

    Raises:
        WeightError: it cannot be had within the deadline; the sentence says why and what to do.
    """
    over, found, heard = threading.Event(), Future[bytes](), []
    folder = Path(tempfile.mkdtemp(prefix=f"{card.name}-"))

    def work() -> None:
        try:
            found.set_result(_try(card, place, patience, folder, over, heard))
        except BaseException as error:  # of whatever kind: the waiting thread must hear of it
            found.set_exception(error)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    threading.Thread(target=work, name=f"fetch {card.file}", daemon=True).start()
    try:
        data = found.result(patience.deadline)
    except Waited:
        raise (heard[-1] if heard else _slow(card, place, patience.deadline)) from None
    finally:
        over.set()
        shutil.rmtree(folder, ignore_errors=True)
    try:
        write_whole(kept_path(card), data)
    except (OSError, ValueError) as error:
        log.warning("%s is not kept (%s): fetched again next time", card.file, error)
    return data


def _try(
    card: Card,
    place: Source,
    patience: Patience,
    folder: Path,
    over: threading.Event,
    heard: list[WeightError],
) -> bytes:
    """Ask until an answer is final; `heard` gets every error, `over` ends the pauses."""
    for turn in range(patience.attempts):
        if turn and over.wait(patience.pause * 2 ** (turn - 1)):
            break
        try:
            return _fetch(card, place, patience, folder / str(turn), over)
        except WeightError as error:
            heard.append(error)
            if error.rule not in PASSING:
                break
    raise heard[-1]


def _fetch(
    card: Card, place: Source, patience: Patience, folder: Path, over: threading.Event
) -> bytes:
    """Let huggingface_hub download into an empty folder; return the bytes if they are the card's.

    It takes its first request anew by itself for up to minutes, but not with force_download, which
    changes nothing else in an empty folder: the error that it raises then has its cause with it.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils import tqdm

    come: list[int] = []  # sizes of what came

    class Watch(tqdm):
        """A silent progress bar that aborts a download that is too long or was cancelled."""

        def __init__(self, *args: object, **options: object):
            super().__init__(*args, **{**options, "disable": True})
            self.update(0)

        def update(self, n: float | None = 1) -> None:
            come.append(int(n or 0))
            if over.is_set() or sum(come) > card.bytes:
                raise WeightError("weights_digest", file=card.file, place=place.repo)

    start = time.monotonic()
    try:
        path = hf_hub_download(
            place.repo,
            card.file,
            revision=place.revision,
            local_dir=folder,
            force_download=True,
            etag_timeout=min(10.0, patience.deadline),
            endpoint=os.environ.get("HF_ENDPOINT", "").rstrip("/") or None,
            tqdm_class=Watch,
        )
        data = Path(path).read_bytes()
    except WeightError:
        raise
    except Exception as error:  # httpx or httpx2, as the version of huggingface_hub has it
        raise _explain(error, card, place, time.monotonic() - start, bool(come)) from error
    if not is_file_of(card, data):
        raise WeightError("weights_digest", file=card.file, place=place.repo)
    return data


def _explain(
    error: BaseException, card: Card, place: Source, seconds: float, begun: bool
) -> WeightError:
    """Return the sentence for an error of huggingface_hub, after `begun` or before any byte."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    for cause in _causes(error):
        if isinstance(cause, OfflineModeIsEnabled):
            return WeightError("hub_offline", file=card.file, repo=place.repo)
        if isinstance(cause, HfHubHTTPError):
            return _refused(card, place, cause.response.status_code)
        if "Timeout" in type(cause).__name__:
            return _slow(card, place, seconds)
    log.warning("%s of %s: %s", card.file, place.repo, error)
    rule = "hub_cut" if begun else "hub_unreachable"
    return WeightError(rule, file=card.file, repo=place.repo)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its chain of causes, outermost first."""
    while error is not None:
        yield error
        error = error.__cause__


def _refused(card: Card, place: Source, status: int) -> WeightError:
    """Return the error for a status other than 200."""
    if status == 404:
        return WeightError("hub_missing", repo=place.repo, file=card.file, revision=place.revision)
    rule = "hub_login" if status in (401, 403) else "hub_status"
    return WeightError(rule, repo=place.repo, file=card.file, status=status)


def _slow(card: Card, place: Source, seconds: float) -> WeightError:
    """Return that the Hub did not answer in so many seconds."""
    return WeightError("hub_slow", file=card.file, repo=place.repo, seconds=f"{seconds:.3g}")
