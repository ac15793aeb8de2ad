"""Put the weights, or the whole hub as a Space, on the Hugging Face Hub, by huggingface_hub.

    python -m weights.publish --repo owner/name             files and cards; pins the revision
    python -m weights.publish --space owner/name            the checkout as a Gradio Space
    python -m weights.publish --static-space owner/name --site FOLDER
                        what `python -m apps --export FOLDER` wrote, as a free static Space
    python -m weights.publish --repo owner/name --dry-run   only lists what would go

The login is huggingface_hub's own (`hf auth login`). --repo writes the repository and its new
revision into weights/manifest.json: commit that, and every copy of this version fetches exactly
these bytes.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.weights import download
from core.weights import readme as card_sheet
from core.weights.card import FOLDER, Manifest, change, manifest
from core.weights.errors import WeightError

if TYPE_CHECKING:
    from huggingface_hub import HfApi, SpaceCardData

ROOT = FOLDER.parent
STAYS = ("tests/", ".ci/", "Dockerfile", ".dockerignore")  # what a Space does not need
DATASETS = {"MNIST": "ylecun/mnist", "FashionMNIST": "zalando-datasets/fashion_mnist"}
TASKS = {"core.models.classifier": "image-classification"}
OF_GRADIO = ("sdk_version", "python_version", "suggested_hardware")  # of a README's front matter
COLOURS = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
INTRO = """# {title}

Weights of *Generative Models, Step by Step*: small networks trained on small data, each with its
recipe and its measurements. They are safetensors; float16 is widened to float32 while loading.
In a checkout of the lessons:

    WEIGHTS_REPO={repo} python -c "from core.weights import load; print(load('{name}'))"

"""

Files = Mapping[str, "Path | bytes"]  # path in the repository -> where it lies, or what it holds


def model_files(found: Manifest, repo: str, folder: Path) -> Files:
    """Return the files of a model repository.

    Raises:
        WeightError: a file is missing or is not what its card describes.
    """
    if not found.cards:
        raise ValueError("There are no cards in weights/manifest.json; run a recipe first.")
    files: dict[str, Path | bytes] = {}
    for card in found.cards.values():
        path = folder / card.file
        if not path.exists():
            raise WeightError("weights_missing", file=card.file)
        if not download.is_file_of(card, path.read_bytes()):
            raise WeightError("weights_digest", file=card.file, place="weights/")
        files[card.file] = path
    cards = {name: dataclasses.asdict(card) for name, card in found.cards.items()}
    files["cards.json"] = (json.dumps(cards, indent=2, ensure_ascii=False) + "\n").encode()
    files["README.md"] = model_card(found, repo).encode()
    files["LICENSE"] = ROOT / "LICENSE"
    return files


def model_card(found: Manifest, repo: str) -> str:
    """Return the repository's README: metadata, then each card's row, measurements and recipe."""
    from huggingface_hub import EvalResult, ModelCardData

    families = sorted(
        {card.model.split(":")[0].rpartition(".")[2] for card in found.cards.values()}
    )
    data = {card.dataset["name"] for card in found.cards.values()}
    results = [
        EvalResult(
            task_type=TASKS.get(card.model.split(":")[0], "unconditional-image-generation"),
            dataset_type=DATASETS.get(card.dataset["name"]) or card.dataset["name"],
            dataset_name=card.dataset["name"],
            metric_type=re.sub(r"\W+", "-", metric.lower()).strip("-"),
            metric_name=f"{card.name}: {metric}",
            metric_value=measured["value"],
        )
        for card in found.cards.values()
        for metric, measured in card.metrics.items()
    ]
    title = repo.partition("/")[2]
    about = ModelCardData(
        license=next(iter(found.cards.values())).licence.lower(),
        library_name="pytorch",
        tags=["pytorch", "safetensors", "teaching", *families],
        datasets=sorted(DATASETS[name] for name in data if name in DATASETS) or None,
        model_name=title if results else None,
        eval_results=results or None,
    )
    intro = INTRO.format(title=title, repo=repo, name=next(iter(found.cards)))
    return f"---\n{about.to_yaml()}\n---\n\n{intro}{card_sheet.body(found)}"


def space_files(root: Path) -> Files:
    """Return the checkout's tracked files, without the tests, and check the README's front matter.

    Raises:
        ValueError: this is no git checkout, or the front matter is wrong.
    """
    try:
        asked = ["git", "-C", str(root), "ls-files", "-z"]
        listed = subprocess.run(asked, check=True, capture_output=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError) as error:
        raise ValueError("A Space is made from a git checkout; this folder is none.") from error
    names = [name for name in listed.split("\0") if name and not name.startswith(STAYS)]
    files = {name: root / name for name in names if (root / name).is_file()}
    if "README.md" not in files:
        raise ValueError("README.md is not tracked; its front matter tells the Hub what to start.")
    if wrong := front_matter(files, (root / "README.md").read_text("utf-8")):
        raise ValueError(f"README.md's front matter: {'; '.join(wrong)}.")
    return files


def front_matter(files: Files, readme: str) -> list[str]:
    """Return the errors in the front matter of a Gradio Space's README."""
    import yaml
    from huggingface_hub import SpaceCard

    if not readme.startswith("---\n"):
        return ["there is none"]
    try:
        data: SpaceCardData = SpaceCard(readme).data  # pyright: ignore[reportAssignmentType]
    except (ValueError, TypeError, yaml.YAMLError) as error:
        return [" ".join(str(error).split())]
    wanted = pinned_gradio(files)
    rest = data.to_dict()
    good = {
        "title is missing": bool(data.title),
        "sdk must be gradio": data.sdk == "gradio",
        f"sdk_version must be {wanted}, as in requirements.txt": data.sdk_version == wanted,
        'python_version must be text such as "3.11"': isinstance(data.python_version, str),
        "app_file must be a tracked file": data.app_file in files,
        "license must be apache-2.0": data.license == "apache-2.0",
        "short_description may have 60 letters": len(rest.get("short_description", "")) <= 60,
        f"colorFrom and colorTo must be of {', '.join(COLOURS)}": all(
            rest.get(key, "gray") in COLOURS for key in ("colorFrom", "colorTo")
        ),
    }
    return [message for message, fine in good.items() if not fine]


def pinned_gradio(files: Files) -> str | None:
    """Return the version that requirements.txt pins."""
    path = files.get("requirements.txt")
    text = path.read_text("utf-8") if isinstance(path, Path) else ""
    found = re.search(r"^gradio(?:\[[\w,]+\])?==([\w.]+)", text, re.MULTILINE)
    return found[1] if found else None


def site_files(site: Path, root: Path) -> Files:
    """Return an exported site's files, with the front matter that lets the Hub hand them out.

    Raises:
        ValueError: the folder holds no such site.
    """
    from huggingface_hub import SpaceCard

    files: dict[str, Path | bytes] = {
        path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()
    }
    if not {"index.html", "sw.js"} <= files.keys():
        raise ValueError(f"{site} holds no site; write one with `python -m apps --export {site}`.")
    about = SpaceCard((root / "README.md").read_text("utf-8")).data
    for key in OF_GRADIO:
        about.pop(key)
    about["sdk"], about["app_file"] = "static", "index.html"
    return {**files, "README.md": f"---\n{about.to_yaml()}\n---\n".encode()}


def listing(repo: str, kind: str, files: Files) -> str:
    """List the files of an upload with sizes, a line a file."""
    sizes = {
        name: len(what) if isinstance(what, bytes) else what.stat().st_size
        for name, what in sorted(files.items())
    }
    head = f"{repo} ({kind}): {len(sizes)} files, {sum(sizes.values()) / 1e6:.2f} MB"
    return "\n".join([head, *(f"{size:12,}  {name}" for name, size in sizes.items())])


def send(
    api: HfApi, repo: str, kind: str, files: Files, message: str, sdk: str | None = None
) -> str:
    """Create the repository if need be, put the files in one commit and return its hash.

    A Space loses the files that the checkout no longer has; a model repository keeps everything.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    api.create_repo(repo, repo_type=kind, space_sdk=sdk, exist_ok=True)
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        CommitOperationAdd(name, what if isinstance(what, bytes) else str(what))
        for name, what in sorted(files.items())
    ]
    if kind == "space":
        old = set(api.list_repo_files(repo, repo_type=kind)) - files.keys() - {".gitattributes"}
        operations += [CommitOperationDelete(name) for name in sorted(old)]
    return api.create_commit(repo, operations, commit_message=message, repo_type=kind).oid


def publish(
    repo: str | None,
    space: str | None,
    static: tuple[str, Path] | None,
    dry: bool,
    folder: Path = FOLDER,
    root: Path = ROOT,
) -> None:
    """Check everything, send the weights and pin them, send the Spaces; print each step.

    Raises:
        ValueError: something here is not fit to be sent; nothing was.
        HTTPError: the Hub did not take it.
    """
    from huggingface_hub import HfApi

    found = manifest(folder)
    models = model_files(found, repo, folder) if repo else {}
    spaces = [(space, "gradio", space_files(root))] if space else []
    if static:
        spaces.append((static[0], "static", site_files(static[1], root)))
    for name, kind, files in [(repo, "model", models), *spaces]:
        if name:
            print(listing(name, kind, files))
    if dry:
        return print("dry run: nothing was sent")
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT", "").rstrip("/") or None)
    if repo:
        revision = send(api, repo, "model", models, f"Weights of {len(found.cards)} models")
        change(lambda old: dataclasses.replace(old, repo=repo, revision=revision), folder)
        print(f"{repo} is at {revision}; weights/manifest.json pins it: commit that")
    for name, sdk, files in spaces:
        revision = send(api, name, "space", files, "The lessons from their checkout", sdk)
        print(f"{name} is at {revision}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; a failure is one line and status 1."""
    from huggingface_hub import errors

    parser = argparse.ArgumentParser(prog="python -m weights.publish", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--repo", help="owner/name of the model repository")
    parser.add_argument("--space", help="owner/name of the Space")
    parser.add_argument("--static-space", help="owner/name of a Space that hands out files")
    parser.add_argument("--site", type=Path, help="the folder that was exported, for it")
    parser.add_argument("--dry-run", action="store_true", help="only list what would go")
    chosen = parser.parse_args(arguments)
    named = (chosen.repo, chosen.space, chosen.static_space)
    if not any(named):
        parser.error("say --repo, --space or --static-space owner/name")
    if bool(chosen.static_space) != bool(chosen.site):
        parser.error("say --static-space owner/name together with --site FOLDER")
    for name in filter(None, named):
        if not download.is_repo_name(name):
            parser.error(f"{name} is no repository; write owner/name")
    try:
        static = (chosen.static_space, chosen.site) if chosen.site else None
        publish(chosen.repo, chosen.space, static, chosen.dry_run)
    except errors.OfflineModeIsEnabled:
        return fail("HF_HUB_OFFLINE is set; unset it to publish.")
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        login = status in (401, 403, 404)
        hint = "log in with `hf auth login` and check the owner" if login else "try again later"
        return fail(f"The Hub answers with status {status}; {hint}.")
    except errors.HTTPError:  # pyright: ignore[reportPrivateImportUsage] (httpx or httpx2)
        return fail("The Hub cannot be reached; check the network and try again.")
    except (ValueError, OSError, RuntimeError) as error:  # RuntimeError: an upload broke off
        return fail(" ".join(str(error).split()))
    return 0


def fail(sentence: str) -> int:
    """Print the failure and return the exit status."""
    print(f"publish: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
