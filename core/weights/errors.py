"""What can be wrong with trained weights and the files beside them, a sentence each."""

from __future__ import annotations

from typing import Any

from core.inputs import InputError

WEIGHT_RULES = {
    "weights_unknown": "{name} is no trained model here; there are: {allowed}.",
    "weights_manifest": "weights/manifest.json is not usable ({detail}); restore it with git.",
    "weights_missing": "{file} is not here and no Hub repository is set;"
    " put the file into weights/ or start with --weights-repo owner/name.",
    "weights_digest": "{file} from {place} is not the file that its card describes;"
    " replace it by the one that belongs to this version.",
    "weights_pointer": "{file} holds a pointer of Git LFS in place of the weights;"
    " fetch them with `git lfs pull`.",
    "weights_fit": "{file} does not fit {model} ({detail});"
    " card, code and file are of different versions, take all three from one.",
    "file_missing": "weights/{file} is missing; restore it with `git checkout weights/{file}`.",
    "file_digest": "weights/{file} is damaged or of another version: its sha256 is not the one in"
    " weights/SHA256SUMS; restore both with git.",
    "file_pointer": "weights/{file} holds a pointer of Git LFS in place of the file;"
    " fetch it with `git lfs pull`.",
    "weights_repo": "{got} is no Hub repository; write owner/name or owner/name@revision.",
    "hub_missing": "{repo} on the Hub has no {file} at revision {revision};"
    " check the name of the repository and whether it holds this version.",
    "hub_login": "The Hub refuses {file} of {repo} (status {status});"
    " check the name, or log in with `hf auth login`.",
    "hub_status": "The Hub answers with status {status} for {file} of {repo};"
    " try again later, or put the file into weights/.",
    "hub_slow": "The Hub sent no complete {file} of {repo} within {seconds} s;"
    " try again, or put the file into weights/.",
    "hub_cut": "The download of {file} from {repo} broke off;"
    " try again, or put the file into weights/.",
    "hub_unreachable": "The Hub cannot be reached for {file} of {repo};"
    " check the network, or put the file into weights/.",
    "hub_offline": "{file} of {repo} is not in the cache and HF_HUB_OFFLINE forbids the network;"
    " unset it, or put the file into weights/.",
}


class WeightError(InputError):
    """Weights that cannot be had: `rule` names a sentence of `WEIGHT_RULES`, `parts` fills it."""

    def __init__(self, rule: str, **parts: Any):
        self.rule, self.parts = rule, {key: str(value) for key, value in parts.items()}
        ValueError.__init__(self, WEIGHT_RULES[rule].format(**self.parts))
