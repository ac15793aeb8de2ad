"""Independent computations of the attention lesson's trained nets: torch's own layers, float64.

See core.measure.deltas for what a delta is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.measure.deltas import Delta, delta_of, largest

if TYPE_CHECKING:
    from core.models.gpt.decoder import Writing
    from core.models.transformer.translation import Translation

KINDS = ("weight", "bias")


def translation_delta(
    model: Any,
    trace: Translation,
    temperature: float = 1.0,
    muted: Iterable[tuple[str, int, int]] = (),
    causal: bool = True,
) -> Delta:
    """Compare the probabilities of `translation.translate` with torch's own layers in float64.

    All symbols go through at once, without a cache: through torch.nn.TransformerEncoderLayer and
    TransformerDecoderLayer, or torch.nn.LSTMCell, with the net's weights.

    Args:
        model: the net that translated.
        trace: what it told.
        temperature: as it was given.
        muted: as they were given; here the columns of W_O that such a head feeds are 0.
        causal: whether a symbol sees those before alone: false only of an answer that was fed in
            to a net that learned without its causal mask.
    """
    import torch

    from core.data import dates

    config = model.config
    source = torch.tensor([dates.encode(trace["text"], config.letters)])
    said = [
        dates.END if s == "[end]" else config.symbols.index(s) + 3 for s in trace["symbols"]
    ]  # [end] is not written where the answer never ended
    target = torch.tensor([[dates.START, *said[:-1]]])
    weights = {k: v.double() for k, v in model.state_dict().items()}
    for part, layer, head in muted:
        _silence(weights, model.config, part, layer, head)
    with torch.no_grad():
        if hasattr(model, "position"):
            logits, against = _torch_transformer(model, weights, source, target, causal)
        else:
            logits, against = _torch_lstms(model, weights, source, target)
    logits = logits / temperature
    logits[:, : dates.END] = -torch.inf
    return delta_of(_steps(logits.softmax(-1), said, trace["steps"]), against)


def _silence(weights: dict, config: Any, part: str, layer: int, head: int) -> None:
    """Set the columns of W_O to 0 that one head feeds."""
    of = {"encoder": "encoder.{}.own", "decoder": "decoder.{}.own", "cross": "decoder.{}.cross"}
    name = f"{of[part].format(layer)}.out.weight"
    size = config.dim // config.heads
    weights[name] = weights[name].clone()
    weights[name][:, head * size : (head + 1) * size] = 0


def writing_delta(model: Any, trace: Writing) -> Delta:
    """Compare the bare probabilities of a letter model with torch's layers in float64, as above.

    Args:
        model: a GPT.
        trace: what `core.models.gpt.decoder.write` returned.
    """
    import torch

    said = [0, *(model.config.letters.find(letter) + 2 for letter in trace["text"])]
    weights = {k: v.double() for k, v in model.state_dict().items()}
    read = torch.tensor(said[:-1])
    with torch.no_grad():
        x = weights["letter.weight"][read] + weights["position.weight"][: len(read)]
        later = torch.ones(len(read), len(read), dtype=torch.bool).triu(1)
        for i in range(model.config.layers):
            x = _torch_layer(model.config, weights, f"blocks.{i}.")(x[None], src_mask=later)[0]
        x = _layer_norm(weights, "norm.", x)
        logits = (x @ weights["letter.weight"].T)[len(read) - len(trace["steps"]) :]
    logits[:, :2] = -torch.inf  # [start] and the unknown letter are never written
    names = [{**step, "probability": step["bare"]} for step in trace["steps"]]
    return delta_of(
        _steps(logits.softmax(-1), said[-len(names) :], names), "torch.nn.TransformerEncoderLayer"
    )


def _steps(theirs: Any, said: list[int], steps: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return differences of the probabilities of the output symbol and of the ten likeliest."""
    deltas = []
    for row, symbol, step in zip(theirs, said, steps):
        deltas.append(abs(float(row[symbol]) - step["probability"]))
        top = [one.get("bare", one["probability"]) for one in step["top"]]
        deltas.append(largest(row.topk(len(top)).values, top))
    return deltas


def _torch_transformer(
    model: Any, weights: dict, source: Any, target: Any, causal: bool
) -> tuple[Any, str]:
    """Return logits (T, V) of an encoder-decoder of torch's layers."""
    import torch

    config = model.config
    x = weights["source.weight"][source] + model.position[: source.shape[1]].double()
    for i in range(config.layers[0]):
        x = _torch_layer(config, weights, f"encoder.{i}.")(x)
    memory = _layer_norm(weights, "encoder_norm.", x)
    later = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).triu(1)
    later = later if causal else None
    x = weights["target.weight"][target] + model.position[: target.shape[1]].double()
    for i in range(config.layers[1]):
        x = _torch_layer(config, weights, f"decoder.{i}.")(x, memory, tgt_mask=later)
    x = _layer_norm(weights, "decoder_norm.", x)[0]
    logits = x @ weights["out.weight"].T + weights["out.bias"]
    return logits, "torch.nn.TransformerEncoderLayer, TransformerDecoderLayer"


def _layer_norm(weights: dict, name: str, x: Any) -> Any:
    """Return torch's layer norm of rows x with the weights of the norm `name`."""
    import torch

    return torch.nn.functional.layer_norm(
        x, x.shape[-1:], weights[f"{name}weight"], weights[f"{name}bias"]
    )


def _torch_layer(config: Any, weights: dict, name: str) -> Any:
    """Return torch's own pre-norm layer as a function, with the weights of the block `name`."""
    import torch

    crossed = f"{name}cross_norm.weight" in weights
    kind = torch.nn.TransformerDecoderLayer if crossed else torch.nn.TransformerEncoderLayer
    layer = kind(
        config.dim,
        config.heads,
        config.hidden,
        0.0,
        "gelu",
        batch_first=True,
        norm_first=True,
        device="meta",
    ).eval()
    norms = ("norm", "cross_norm", "net_norm") if crossed else ("norm", "net_norm")
    names = {f"norm{i + 1}": one for i, one in enumerate(norms)}
    names |= {"linear1": "widen", "linear2": "narrow", "self_attn.out_proj": "own.out"}
    names |= {"multihead_attn.out_proj": "cross.out"} if crossed else {}
    given = {f"{a}.{k}": weights[f"{name}{b}.{k}"] for a, b in names.items() for k in KINDS}
    for theirs, ours in (("self_attn", "own"), ("multihead_attn", "cross"))[: 1 + crossed]:
        for k in KINDS:
            three = [weights[f"{name}{ours}.{one}.{k}"] for one in ("query", "key", "value")]
            given[f"{theirs}.in_proj_{k}"] = torch.cat(three)
    return lambda *args, **options: torch.func.functional_call(layer, given, args, options)


def _torch_lstms(model: Any, weights: dict, source: Any, target: Any) -> tuple[Any, str]:
    """Return logits (T, V) of two LSTM cells, with attention where the net has it."""
    import torch

    cell = torch.nn.LSTMCell(model.config.dim, model.config.hidden, device="meta")

    def run(name: str, rows: Any, state: Any) -> tuple[Any, Any]:
        given = {k: weights[f"{name}.{k}_l0"] for k in dict(cell.named_parameters())}
        out = []
        for row in rows:
            state = torch.func.functional_call(cell, given, (row[None], state))
            out.append(state[0])
        return torch.cat(out), state

    zero = torch.zeros(1, model.config.hidden, dtype=torch.float64)
    memory, state = run("encoder", weights["source.weight"][source[0]], (zero, zero))
    rows, _ = run("decoder", weights["target.weight"][target[0]], state)
    if "score.weight" in weights:
        found = torch.nn.functional.scaled_dot_product_attention(
            rows, memory @ weights["score.weight"].T, memory, scale=1.0
        )
        both = torch.cat([found, rows], -1)
        rows = torch.tanh(both @ weights["combine.weight"].T + weights["combine.bias"])
    return rows @ weights["out.weight"].T + weights["out.bias"], "torch.nn.LSTMCell"
