"""The API over HTTP: numbers as the core's, bad inputs refused in one sentence that names the
field.
"""

import inspect
import json
import re
import urllib.error
import urllib.request
from typing import Any

import numpy as np
import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError
from scipy.stats import binomtest

from apps.hub import tabs_of
from core import weights
from core.models.ddpm import forward as ddpm_forward
from core.models.ddpm.schedule import Schedule
from core.models.gan import slide
from core.models.hopfield import network
from core.models.rnn import bptt, cells
from core.models.rnn.presets import random_case
from tests.conftest import ROOT, WAIT
from tests.stage.bad_inputs import BAD, CROSS, GAN, GREY, INF, LSTM, NAN, PARAMS, SLIDE, XS, with_

PUBLISHED = {  # names that people call: they stay
    "/rnn_forward",
    "/rnn_backward",
    "/hopfield_recall",
} | {
    "/vae_encode",
    "/vae_decode",
    "/vae_elbo",
    "/gan_backward",
    "/gan_sample",
    "/flow_coupling",
    "/flow_log_prob",
    "/flow_sample",
    "/attention_step",
    "/date_translate",
    "/compare_sample",
    "/compare_figures",
    "/compare_interval",
    "/ebm_langevin_step",
    "/ebm_energy",
    "/ebm_sample",
    "/ddpm_forward",
    "/ddpm_sample",
    "/progan_sample",
    "/progan_fade",
    "/biggan_sample",
    "/biggan_truncated",
    "/biggan_spectral",
    "/pix2pix_translate",
    "/pix2pix_pair",
    "/pix2pix_verdicts",
    "/world_values",
    "/world_step",
    "/world_play",
    "/world_dream",
}


@pytest.fixture(scope="module")
def client(hub):
    return Client(hub, verbose=False)


def test_every_name_is_there_once_and_described(client):
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    endpoints = [one for tab in tabs_of() for one in tab.endpoints]
    declared = {f"/{one.__name__}" for one in endpoints}
    bare = {f"/{one.__name__}" for one in endpoints if not inspect.signature(one).parameters}
    assert {name for name in named if not name.startswith("/_")} == declared
    assert PUBLISHED <= declared
    for name in declared:
        said = named[name].get("description", "")
        assert said and ("Args:" in said or named[name]["parameters"] or name in bare)


def test_rnn_forward_equals_torch(client):
    out = client.predict(**SLIDE, api_name="/rnn_forward")
    cell = torch.nn.RNNCell(3, 2, bias=False, dtype=torch.float64)
    cell.weight_ih.data, cell.weight_hh.data = (
        torch.tensor(PARAMS[name], dtype=torch.float64) for name in ("U", "W")
    )
    h = cell(torch.tensor(XS, dtype=torch.float64)).detach().numpy()
    assert np.abs(out["h"] - h).max() < 1e-12
    np.testing.assert_allclose(out["y"][0], [0.33120491, 0.33093389, 0.33786120], atol=5e-9)


@pytest.mark.parametrize(("model", "label"), [("dcgan-mnist", None), ("cgan-mnist", 7)])
def test_gan_sample_equals_the_model_from_the_same_seed(client, model, label):
    out = client.predict(model, 4, 3, label, api_name="/gan_sample")
    net: Any = weights.load(model)
    labels = None if label is None else torch.full((4,), label)
    images = net.sample(4, labels=labels, generator=torch.Generator().manual_seed(3))
    np.testing.assert_allclose(out["images"], images[:, 0].numpy(), atol=2e-5)
    with torch.no_grad():
        scores = net.score(images, labels).numpy()
    np.testing.assert_allclose(out["scores"], scores, atol=2e-3)
    assert out["labels"] == (None if label is None else [label] * 4)


def test_ddpm_forward_equals_the_core_through_json(client):
    out = client.predict(GREY, 250, "linear", 3, api_name="/ddpm_forward")
    ours = ddpm_forward.forward(GREY, 250, Schedule("linear"), 3)
    assert set(out) == {"x_t", "mean", "noise", "alpha_bar", "signal", "sigma", "snr"}
    np.testing.assert_array_equal(out["x_t"], ours["x_t"])
    assert out["snr"] == ours["snr"]


def test_ddpm_sample_equals_the_model_from_the_same_seed(client):
    out = client.predict(2, 3, 7, 2.0, 5, 1.0, api_name="/ddpm_sample")
    net: Any = weights.load("ddpm-mnist")
    options = {"guidance": 2.0, "steps": 5, "eta": 1.0}
    noise = torch.Generator().manual_seed(3)
    images = net.sample(2, labels=torch.full((2,), 7), generator=noise, **options)
    np.testing.assert_allclose(out["images"], images[:, 0].numpy(), atol=2e-5)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_rnn_backward_equals_the_core_through_json(client, cell):
    case: Any = random_case(cell, 3, 2, 4, 5, seed=3)
    case["targets"][1] = None
    out = client.predict(**case, truncate=2, api_name="/rnn_backward")
    ours = bptt.backward(**case, truncate=2)
    assert out["loss"] == ours["loss"]
    assert {k: np.shape(v) for k, v in out["grads"].items()} == {
        k: v.shape for k, v in ours["grads"].items()
    }
    for name, value in ours["grads"].items():
        np.testing.assert_array_equal(out["grads"][name], value)


def test_lstm_forward_names_every_gate_and_takes_a_state(client):
    h0 = {"h": [0.1, -0.2], "c": [0.3, 0.4]}
    out = client.predict("lstm", LSTM["params"], LSTM["xs"], h0, api_name="/rnn_forward")
    assert {"h", "o", "y", "gate_i", "gate_f", "gate_g", "gate_o", "cell"} <= out.keys()
    ours = cells.forward("lstm", LSTM["params"], LSTM["xs"], h0)
    np.testing.assert_array_equal(out["h"], ours["h"])


def test_hopfield_recall_equals_the_core(client):
    probe = [-CROSS[0], *CROSS[1:]]
    out = client.predict([CROSS], probe, api_name="/hopfield_recall")
    assert set(out) == {"states", "energies", "end", "match", "overlaps"}
    assert (out["end"], out["match"], out["states"][-1]) == ("stored", 0, CROSS)
    ours = network.recall([CROSS], probe)
    assert out["energies"] == ours["energies"].tolist()


def test_gan_backward_equals_autograd(client):
    case = slide.discriminator_case()
    flat = {**case, "w1": [row[0] for row in case["w1"]]}
    out = client.predict(**flat, api_name="/gan_backward")
    assert set(out) == {"a", "z", "D", "loss", "dz", "dw2", "dw1"}
    w1, w2 = (torch.tensor(flat[n], dtype=torch.float64, requires_grad=True) for n in ("w1", "w2"))
    z = w2 @ torch.sigmoid(w1 * flat["x"])
    torch.nn.functional.binary_cross_entropy_with_logits(z, torch.ones_like(z)).backward()
    for name, weight in (("dw1", w1), ("dw2", w2)):
        assert weight.grad is not None
        np.testing.assert_allclose(out[name], weight.grad.numpy(), rtol=0, atol=1e-15)
    np.testing.assert_allclose(out["dw1"], [-0.01883779, -0.01429220, -0.00946647], atol=5.1e-9)
    nested = client.predict(**{**case, "x": [case["x"]]}, api_name="/gan_backward")
    assert nested["dw1"] == [[v] for v in out["dw1"]]


@pytest.mark.parametrize("mask", ["none", "causal", [False, False, False, True]])
def test_attention_step_equals_torch(client, mask):
    rng = np.random.default_rng(2)
    x, *w = (rng.normal(size=shape) for shape in ((4, 6), (6, 6), (6, 6), (6, 6)))
    out = client.predict(
        x.tolist(), *(one.tolist() for one in w), 2, mask, api_name="/attention_step"
    )
    q, k, v = (torch.tensor(x @ one).view(4, 2, 3).transpose(0, 1) for one in w)
    seen = None if isinstance(mask, str) else ~torch.tensor(mask).expand(4, 4)
    theirs = torch.nn.functional.scaled_dot_product_attention(
        q, k, v, seen, is_causal=mask == "causal"
    )
    np.testing.assert_allclose(out["contexts"], theirs, atol=1e-12)
    np.testing.assert_allclose(out["output"], theirs.transpose(0, 1).reshape(4, 6), atol=1e-12)
    assert set(out) >= {"q", "k", "v", "scores", "scaled", "masked", "weights"}


@pytest.mark.parametrize("text", ["2026년 11월 20일 금요일", "Fri, 20th of Nov. 2026"])
def test_date_translate_says_the_day(client, text):
    out = client.predict(text, "transformer-dates", api_name="/date_translate")
    assert out["iso"] == "2026-11-20" and out["verdict"] == "date" and out["probability"] > 0.9
    assert out["tokens"] == ["[start]", *text] and out["symbols"] == [*"2026-11-20", "[end]"]
    assert np.shape(out["attention"]["cross"])[2:] == (11, 1 + len(text))
    assert np.shape(out["attention"]["encoder"])[2:] == (1 + len(text),) * 2
    assert [one[0]["symbol"] for one in out["probabilities"]] == out["symbols"]


@pytest.mark.parametrize("text", ["", "🎉🎉", "점심 뭐 먹지", "11/20/26"])
def test_date_translate_answers_what_is_no_date_too(client, text):
    out = client.predict(text, "transformer-dates", api_name="/date_translate")
    assert out["iso"] is None and out["verdict"] in ("none", "unsure")
    assert 0 < out["probability"] <= 1


def test_the_comparison_s_images_are_drawn_alone_and_its_intervals_scipys(client):
    out = client.predict("vae-mnist", 3, 2, api_name="/compare_sample")
    alone = torch.Generator().manual_seed(2048 * 2 + 2)
    image = weights.load("vae-mnist").sample(1, generator=alone)  # pyright: ignore
    np.testing.assert_allclose(out["images"][2], 255 * image[0, 0].numpy(), atol=0.51)
    assert len(out["classes"]) == 3
    said = client.predict("wgan-gp-mnist", api_name="/compare_figures")
    run = json.loads((ROOT / "weights/compare-figures.json").read_text("utf-8"))
    assert said["frechet"] == run["families"]["wgan-gp-mnist"]["frechet"]
    assert said["floor"] == run["floor"] and said["likelihood"] is None
    found = client.predict(14, 20, 0.95, "clopper-pearson", api_name="/compare_interval")
    theirs = binomtest(14, 20).proportion_ci(0.95, method="exact")
    assert (found["low"], found["high"]) == pytest.approx(tuple(theirs), abs=1e-9)
    assert found["chance"] is True


# half of a surrogate pair is no text that HTTP could carry, NaN no number of JSON:
# tests.stage.test_bad_inputs has these rows
UNSENT = re.compile(r"\\ud83d|NaN|Infinity")
SENT = [row for row in BAD if not UNSENT.search(json.dumps(row[2]))]


@pytest.mark.parametrize(
    ("name", "what", "arguments", "field"), SENT, ids=[f"{b[0][1:]}: {b[1]}" for b in SENT]
)
def test_bad_input_is_refused_in_one_sentence(client, name, what, arguments, field):
    with pytest.raises(AppError) as caught:
        client.predict(*arguments, api_name=name)
    said = str(caught.value)
    assert field in said and said.endswith(".") and "\n" not in said and "Traceback" not in said


def post(hub, name, data, **headers):
    """Call an endpoint over plain HTTP and return the last server-sent event and its data."""
    body = json.dumps({"data": data}).encode()
    head = {"Content-Type": "application/json", **headers}
    asked = urllib.request.Request(f"{hub}/gradio_api/call/{name}", body, head)
    event = json.load(urllib.request.urlopen(asked, timeout=WAIT))["event_id"]
    answer = urllib.request.urlopen(f"{hub}/gradio_api/call/{name}/{event}", timeout=WAIT)
    lines = answer.read().decode().strip().splitlines()
    return lines[-2].removeprefix("event: "), json.loads(lines[-1].removeprefix("data: "))


def test_plain_http_gives_the_same_numbers(hub):
    kind, data = post(hub, "rnn_forward", ["rnn", PARAMS, XS, None])
    assert kind == "complete"
    assert data[0]["h"] == cells.forward("rnn", PARAMS, XS)["h"].tolist()


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_refused(hub, value):
    text = json.dumps({"data": ["rnn", with_(PARAMS, W=[["@", 0], [0, 1]]), XS, None]})
    asked = urllib.request.Request(
        f"{hub}/gradio_api/call/rnn_forward",
        text.replace('"@"', value).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        event = json.load(urllib.request.urlopen(asked, timeout=WAIT))["event_id"]
    except urllib.error.HTTPError as error:
        assert error.code in (400, 422)  # the framework refused what is no JSON
        return
    url = f"{hub}/gradio_api/call/rnn_forward/{event}"
    assert "params.W" in urllib.request.urlopen(url, timeout=WAIT).read().decode()


@pytest.mark.parametrize("value", [NAN, INF])
@pytest.mark.parametrize("name", ["x", "w1", "w2"])
def test_the_discriminator_s_numbers_are_finite(client, name, value):
    wrong = {**GAN, name: value if name == "x" else [0.3, value]}
    with pytest.raises((AppError, ValueError), match=rf"{name}|JSON"):
        client.predict(**wrong, api_name="/gan_backward")


def test_the_sentence_comes_in_the_caller_s_language(hub):
    korean = Client(hub, verbose=False, headers={"Accept-Language": "ko-KR"})
    with pytest.raises(AppError, match='cell 값이 "foo"입니다'):
        korean.predict("foo", PARAMS, XS, None, api_name="/rnn_forward")
