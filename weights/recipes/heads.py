"""Measure transformer-dates with each head muted, and the time of an answer of each net.

    python -m weights.recipes.heads            writes weights/dates-heads.json

The cards of weights.recipes.dates must be there; nothing is trained.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.date_tensors import as_tensors
from core.measure.heads import Heads
from core.models.transformer.decoding import gates_of
from core.models.transformer.encoder_decoder import answers
from core.weights import shipped
from core.weights.card import FOLDER, cards
from weights.recipes.command import keep_shipped, load_shipped, machine
from weights.recipes.dates import held_out_pairs, share

CARD = "transformer-dates"
NETS = (CARD, "seq2seq-attention-dates", "seq2seq-dates")
PAIRS, TIMED = 2_000, 200


def main(given: list[str] | None = None) -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m weights.recipes.heads")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the cards")
    parser.add_argument("--smoke", action="store_true", help="few pairs, for the test")
    parser.add_argument("--threads", type=int, help="of torch on a CPU")
    chosen = parser.parse_args(given)
    keep_shipped(parser, chosen)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    found = measure(chosen.out, 20 if chosen.smoke else PAIRS, 5 if chosen.smoke else TIMED)
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    shipped.write(chosen.out / "dates-heads.json", text.encode())


def measure(folder: Path, count: int, timed: int) -> Heads:
    """Return the shares with each head muted and the times of an answer."""
    net, pairs = load_shipped(CARD, folder), held_out_pairs(count)
    letters, wanted = as_tensors(pairs)[0], [pair.iso for pair in pairs]

    def right(muted: list) -> float:
        said = answers(net, letters, gates_of(net, muted))
        return round(share([a == b for a, b in zip(said, wanted)]), 5)

    muted = {
        part: [[right([(part, i, j)]) for j in range(heads)] for i in range(layers)]
        for part, (layers, heads) in net.heads().items()  # pyright: ignore
    }
    known = cards(folder)
    there = [name for name in NETS if name in known]
    return {
        "card": CARD,
        "sha256": known[CARD].sha256,
        "pairs": count,
        "whole": right([]),
        "muted": muted,
        "seconds": {name: seconds(load_shipped(name, folder), letters[:timed]) for name in there},
        "machine": f"{machine()}, {torch.get_num_threads()} threads",
        "how": "share of held-out pairs said right, greedy, with one head's output 0; seconds: the"
        f" median of {timed} answers, one at a time, the process's own time",
        "command": "python -m weights.recipes.heads",
    }


def seconds(net: nn.Module, letters: Tensor) -> float:
    """Return the median time of an answer, one text at a time: the process's own, in seconds."""
    spent = []
    for row in letters:
        start = time.process_time()
        answers(net, row[None])
        spent.append(time.process_time() - start)
    return round(sorted(spent)[len(spent) // 2], 5)


if __name__ == "__main__":
    main()
