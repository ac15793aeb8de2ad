"""The flow tab: scenes compute and pass their checks, with the trained flows and without; page
inputs are checked; the API says what core and torch.distributions say; a run goes on.
"""

import json
import math

import numpy as np
import pytest
import torch
from torch.distributions import AffineTransform, Independent, Normal, TransformedDistribution

from apps import flow as tab
from apps.lessons.flow import change as flow_change
from apps.lessons.flow import digits as flow_digits
from apps.lessons.flow import hand, levels, run, through
from apps.lessons.flow import models as flow_models
from apps.lessons.shared import plane_run
from apps.lessons.vae import models as vae_models
from apps.stage.server import words
from apps.stage.server.lesson import answers, board_text
from core.data.densities import density
from core.inputs import InputError
from core.models.flow.layers import ActNorm, Gaussianise
from core.models.flow.real_nvp import Config, Flow
from core.weights import WeightError
from core.weights.card import FOLDER, cards

torch.set_num_threads(1)

SCENES = words.scenes("flow")
IDS = [f"{i + 1}-{scene['view']}" for i, scene in enumerate(SCENES)]
each_scene = pytest.mark.parametrize("scene", SCENES, ids=IDS)
SHORT = {"train": {"opening": [0, 2], "speed": 2}}


def untrained(name):
    """Return a small flow of a card's kind with weights that do something."""
    generator = torch.Generator().manual_seed(len(name))
    image = name == flow_models.DIGITS
    config = Config(kind="image", couplings=(3, 1), width=(4, 4)) if image else Config(
        couplings=(4,), width=(8,)
    )  # fmt: skip
    model = Flow(config)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn(parameter.shape, generator=generator)
    first = model.layers[0]
    if isinstance(first, Gaussianise):
        images = (torch.as_tensor(vae_models.digits()[0]) * 255).round().to(torch.uint8)
        first.settle(images[:, None])
    elif isinstance(first, ActNorm):
        target = next(k for k, v in flow_models.NETS.items() if v == name)
        first.settle(density(target).sample(500, generator).float())
    return model.eval().requires_grad_(False)


def forget():
    for kept in (through.passed, flow_digits.sampled, tab.density.measured, board_text):
        kept.cache_clear()


@pytest.fixture
def flows(monkeypatch):
    """Flows with made-up weights in place of the trained ones, so that all scenes can be tried."""
    made = {name: untrained(name) for name in flow_models.ALL}
    monkeypatch.setattr(vae_models, "model", made.__getitem__)
    monkeypatch.setattr(flow_models.m, "model", made.__getitem__)
    monkeypatch.setattr(tab.density, "FRESH", 200)
    monkeypatch.setattr(tab.density, "CELLS", 160)
    monkeypatch.setattr(tab.density, "MASS", 0.2)  # what lies beyond the square
    forget()
    yield made
    forget()


def inputs_of(scene, **changes):
    return {**scene["inputs"], **SHORT.get(scene["view"], {}), **changes}


def asked(scene, **changes):
    """Return a scene's board as the browser gets it."""
    ask = {"view": scene["view"], "inputs": inputs_of(scene, **changes)}
    reply = json.loads(answers(tab.TAB)[0](ask))
    assert "error" not in reply, reply
    return reply["ok"]


def of(view):
    return next(scene for scene in SCENES if scene["view"] == view)


def keys_said(value):
    if isinstance(value, dict):
        if "k" in value:
            yield value["k"]
        for inner in value.values():
            yield from keys_said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_said(inner)


def known(language, key):
    own = words.words(language, "flow")
    for table in (own["words"], own, words.words(language, "errors")):
        at = table
        for name in key.split("."):
            at = at.get(name) if isinstance(at, dict) else None
        if isinstance(at, str):
            return True
    return False


def checks_of(board):
    return [*board.get("checks", []), *(c for f in board["frames"] for c in f.get("checks", []))]


# scenes


@each_scene
def test_a_preset_passes_its_checks_and_knows_its_words(scene, flows):
    board = asked(scene)
    assert board["frames"] and checks_of(board)
    assert all(check["ok"] for check in checks_of(board)), checks_of(board)
    assert {"absent", "absent_why"}.isdisjoint(keys_said(board["frames"]))
    for key in keys_said(board):
        assert all(known(language, key) for language in words.LANGUAGES), key


@pytest.mark.parametrize(
    ("view", "changes"),
    [
        ("change", {"family": "softplus", "a": 2, "b": 0, "at": -1.5}),
        ("change", {"family": "affine", "a": 1, "b": 2}),
        ("change", {"family": "sinh-arcsinh", "a": 0.5, "b": 1, "at": 2.5}),
        ("coupling", {"way": "given", "st": [-0.7, 3]}),
        ("through", {"direction": "back", "net": "checkerboard"}),
        ("train", {"masks": "alternate", "target": "drawn", "drawn": [[0, 0]]}),
        ("train", {"target": "drawn", "drawn": []}),
        ("train", {"clear": True, "show_warp": False, "show_surface": False}),
        ("levels", {"parts": 1, "rate": 0.05}),
        ("digits", {"drawn": "01" * 392, "temperature": 0}),
        ("digits", {"clear": True, "other": 0}),
    ],
    ids=str,
)
def test_other_inputs_work_too(view, changes, flows):
    board = asked(of(view), **changes)
    assert all(check["ok"] for check in checks_of(board)), checks_of(board)
    for key in keys_said(board):
        assert all(known(language, key) for language in words.LANGUAGES), key


@each_scene
def test_tables_can_be_taken(scene, flows):
    take = answers(tab.TAB)[2]
    ask = {"view": scene["view"], "inputs": inputs_of(scene), "kind": "json", "lang": "ko"}
    assert "ok" in json.loads(take(ask))


@pytest.mark.parametrize("view", ["through", "densities", "digits"])
def test_a_flow_that_is_not_here_is_said(view, monkeypatch):
    def refuse(name):
        raise WeightError("weights_unknown", name=name, allowed="none yet")

    monkeypatch.setattr(vae_models, "model", refuse)
    forget()
    board = asked(of(view))
    assert board_text.cache_info().currsize == 0  # asked again, it looks again
    assert set(keys_said(board["frames"])) & {"absent", "absent_why"}
    assert board["checks"] and all(check["ok"] for check in board["checks"])
    forget()


# numbers


def test_the_interval_s_ratio_goes_to_the_slope():
    scene = of("change")
    found = tab.tables("change", scene["inputs"])
    slope = 0.4 + 3 * 0.2 * 0**2
    assert found["point"]["slope"] == pytest.approx(slope)
    gaps = [abs(row["stretch"] - slope) for row in found["intervals"]]
    assert gaps == sorted(gaps, reverse=True) and gaps[-1] < 1e-4
    for row in found["intervals"]:
        half = row["width"] / 2
        assert row["mass_x"] == pytest.approx(math.erf(half / math.sqrt(2)), abs=1e-12)
    blanks = asked(scene)["turn"]["blanks"]
    assert blanks[1]["rows"][0][0] == pytest.approx(math.exp(-0.5 * math.log(2 * math.pi)) / 0.4)


def test_the_drawn_grid_is_the_coupling():
    case = hand.given(of("coupling")["inputs"])
    found = tab.tables("coupling", of("coupling")["inputs"])
    np.testing.assert_allclose(hand.carried(case, case["x"][None])[0], found["y"], atol=1e-12)
    typed = hand.given({"way": "given", "st": [0.5, 1.0], "x": [1.5, -0.8]})
    np.testing.assert_allclose(hand.carried(typed, typed["x"][None])[0], found["y"])


@pytest.mark.parametrize("backward", [False, True])
def test_log_p_of_the_walk_is_the_flow_s(backward, flows):
    seen = through.passed("moons", backward, 0)
    sums = through.sums_of(seen, backward)
    x = torch.as_tensor(seen["ends"])
    theirs = flows["realnvp-moons"].log_prob(x).numpy()
    np.testing.assert_allclose(sums["log_p"], theirs, atol=2e-4)
    np.testing.assert_allclose(sums["log_det"][-1], seen["log_det"][-1].mean(), rtol=1e-6)


def test_an_nll_below_the_entropy_is_said_to_be_a_bug(flows):
    found = dict(tab.density.measured("moons", 0))
    assert "above_entropy" in set(keys_said(tab.density.view(found)))
    found["below"] = True
    assert "below_entropy" in set(keys_said(tab.density.view(found)))
    assert not tab.density.verdicts([found])[1]["ok"]


def test_the_limit_of_masks_that_never_alternate():
    """For an isotropic Gaussian it is its entropy; for two blobs side by side, by hand."""
    from core.data.densities import from_points

    one = from_points([[0.0, 0.0]] * 3, 0.5)
    assert run.stuck(one) == pytest.approx(math.log(2 * math.pi * math.e * 0.25), abs=1e-3)
    above = from_points([[0.0, -1.0], [0.0, 1.0], [0.0, -1.0], [0.0, 1.0]], 0.3)
    variances = 0.09, 0.09 + 1.0  # of x₁, and of x₂ whatever x₁ is
    by_hand = 0.5 * sum(math.log(2 * math.pi * math.e * v) for v in variances)
    assert run.stuck(above) == pytest.approx(by_hand, abs=1e-3)


def test_dequantised_training_stays_above_its_floor_and_the_other_falls_through():
    found = tab.tables("levels", of("levels")["inputs"])
    P = np.array([0.5, 0.1, 0.05, 0.05, 0.1, 0.05, 0.05, 0.1])
    assert found["floor"] == pytest.approx(-(P * np.log(P)).sum() - math.log(8))
    assert round(found["floor"], 3) == -0.443  # as the scene's answer says
    assert all(row["nll"] >= found["floor"] for row in found["with"])
    assert found["without"][-1]["nll"] < found["floor"] - 5
    tops = [row["p"].max() for row in levels.trained(False, 8, 0.02, 0)["moments"]]
    assert tops[-1] > 1000 * tops[0]


def test_a_digit_s_likelihood_is_the_flow_s(flows):
    image = vae_models.digits()[0][7]
    told = flow_digits.likelihood(image, 0)
    assert told["log_p"] == pytest.approx(told["log_normal"] + told["log_det"])
    assert told["bits"] == pytest.approx(-told["log_P"] / (784 * math.log(2)))
    assert told["levels"] == 784 and told["round_trip"] < 0.5 / 256


def test_the_last_picture_of_the_sampling_is_a_sample(flows):
    name, tiles = flow_digits.sampled(3, 0.7)[-1]
    assert isinstance(name, dict) and name["n"] == name["of"]
    theirs = flows["flow-mnist"].sample(
        24, generator=torch.Generator().manual_seed(3), temperature=0.7
    )
    np.testing.assert_allclose(tiles.reshape(24, 28, 28), theirs[:, 0].numpy(), atol=1e-6)


def test_the_way_between_two_digits_ends_at_them(flows):
    a, c = vae_models.digits()[0][[42, 71]]
    way = flow_digits.between(a, c, 0)
    np.testing.assert_allclose(way[0], a, atol=1.01 / 255)
    np.testing.assert_allclose(way[-1], c, atol=1.01 / 255)


# a run


def test_a_run_opens_goes_on_and_takes_changes():
    scene = SCENES[4]
    first = asked(scene)
    assert first["live"]["acts"] and first["pins"]["drawn"] == {"target": "drawn"}
    assert [f["values"]["x"] for f in first["frames"]] == [0, 2]
    inputs = inputs_of(scene)
    state = first["frames"][-1]["state"]
    then = tab.live("train", inputs, state, "both", lambda: False)
    assert then["values"]["x"] == 4
    other = {**inputs, "masks": "alternate", "couplings": 2}
    changed = tab.live("train", other, state, "show", lambda: False)
    assert changed["values"]["x"] == 2 and changed["values"]["limit"] is None
    with pytest.raises(InputError, match="act"):
        tab.live("train", inputs, state, "d", lambda: False)


def test_a_run_that_is_over_stops_early():
    done = []

    def advance(state, n):
        done.append(n)
        return state + n, [{"step": i} for i in range(n)]

    assert plane_run.on(0, 100, advance, lambda: len(done) >= 3)[0] == 3 * plane_run.CHUNK
    assert plane_run.on(0, 7, advance, lambda: False)[0] == 7
    assert plane_run.on(0, 100, lambda state, n: (state, []), lambda: False) == (0, [])


def test_few_points_are_repeated():
    assert plane_run.enough([[1.0, 2.0]]) == ((1.0, 2.0),) * 3
    assert plane_run.enough([]) == ((0.0, 0.0),) * 3
    three = [[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]
    assert plane_run.enough(three) == tuple(map(tuple, three))


def test_clearing_gives_an_empty_drawing_that_the_link_carries():
    assert asked(SCENES[5], clear=True)["inputs"] == {
        "drawn": [],
        "target": "drawn",
        "clear": None,
    }


# bad inputs of the page

BAD_INPUTS = [
    ("change", {"family": "tanh"}, "family"),
    ("change", {"a": 0}, "a"),
    ("change", {"b": -1}, "b"),
    ("change", {"at": 3}, "at"),
    ("change", {"at": None}, "at"),
    ("coupling", {"way": "net"}, "way"),
    ("coupling", {"x": [1]}, "x"),
    ("coupling", {"x": [1, "a"]}, "x"),
    ("coupling", {"s_line": [6, 0]}, "s_line"),
    ("coupling", {"s_line": [4, 4]}, "s"),
    ("coupling", {"way": "given", "st": [9, 0]}, "s"),
    ("through", {"net": "spiral"}, "net"),
    ("through", {"direction": "up"}, "direction"),
    ("through", {"seed": 0.5}, "seed"),
    ("densities", {"seed": -1}, "seed"),
    ("train", {"masks": "both"}, "masks"),
    ("train", {"couplings": 1}, "couplings"),
    ("train", {"width": 1000}, "width"),
    ("train", {"rate": "fast"}, "rate"),
    ("train", {"opening": [-1]}, "opening"),
    ("train", {"opening": []}, "opening"),
    ("train", {"target": "drawn", "drawn": [[9, 9]]}, "drawn"),
    ("train", {"target": "drawn", "drawn": "face"}, "drawn"),
    ("train", {"show_warp": 1}, "show_warp"),
    ("levels", {"parts": 0}, "parts"),
    ("levels", {"rate": 1}, "rate"),
    ("digits", {"temperature": -0.1}, "temperature"),
    ("digits", {"digit": 100}, "digit"),
    ("digits", {"other": "x"}, "other"),
    ("digits", {"drawn": "2" * 784}, "drawn"),
]


@pytest.mark.parametrize(("view", "inputs", "field"), BAD_INPUTS, ids=str)
def test_bad_inputs_of_the_page_name_the_field(view, inputs, field, flows):
    with pytest.raises(InputError, match=field):
        tab.board(view, inputs_of(of(view), **inputs))


# the API


def test_the_api_s_coupling_is_a_conditional_affine_transform():
    x, s, t = [0.3, -1.0, 2.0, 0.5], [0.5, -1.0], [1.0, 0.25]
    found = tab.flow_coupling(x, s, t)
    theirs = AffineTransform(torch.tensor(t).double(), torch.tensor(s).double().exp())
    changed = torch.as_tensor(theirs(torch.tensor(x[2:]).double()))
    np.testing.assert_allclose(found["y"], [*x[:2], *changed.tolist()], atol=1e-12)
    assert found["log_det"] == pytest.approx(-0.5)
    np.testing.assert_allclose(found["x_back"], x, atol=1e-12)


def test_log_prob_of_a_flow_of_one_layer_is_torch_s(monkeypatch):
    model = Flow(Config(couplings=(1,), width=(2,))).eval().requires_grad_(False)
    first = model.layers[0]
    assert isinstance(first, ActNorm)
    first.shift.copy_(torch.tensor([0.5, -1.0]))
    first.scale.copy_(torch.tensor([0.3, -0.2]))
    monkeypatch.setattr(vae_models, "model", lambda name: model)
    x = [[0.1, 0.2], [-2.0, 1.0]]
    scale = (-first.scale).exp()
    theirs = TransformedDistribution(
        Independent(Normal(torch.zeros(2), torch.ones(2)), 1),
        AffineTransform(-first.shift, scale, event_dim=1),
    )
    found = tab.flow_log_prob("realnvp-moons", x)["log_prob"]
    np.testing.assert_allclose(found, theirs.log_prob(torch.tensor(x)), atol=1e-5)
    cold = tab.flow_sample("realnvp-moons", 3, 0, 0.0)["x"]
    np.testing.assert_allclose(cold, (-first.shift).expand(3, 2), atol=1e-6)


def test_the_api_of_images(flows):
    image = vae_models.digits()[0][5]
    found = tab.flow_log_prob("flow-mnist", image.tolist())
    assert found["bits_per_dim"] == pytest.approx(-found["log_prob"] / (784 * math.log(2)))
    made = tab.flow_sample("flow-mnist", 2, 1)["x"]
    assert made.shape == (2, 28, 28) and 0 <= made.min() and made.max() <= 1
    again = tab.flow_sample("flow-mnist", 2, 1)["x"]
    np.testing.assert_array_equal(made, again)


def test_a_model_that_is_not_here_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(vae_models, "have", lambda name: False)
    with pytest.raises(InputError, match="model"):
        tab.flow_sample("realnvp-moons")


def test_the_names_that_the_tab_knows_are_the_recipe_s():
    from weights.recipes.flow import JOBS

    assert set(flow_models.ALL) == set(JOBS)


def test_flows_that_ship_can_be_loaded():
    for name in set(flow_models.ALL) & set(cards()):
        assert (FOLDER / cards()[name].file).exists() and flow_models.have(name)


def test_the_area_is_cut_where_the_interval_is():
    trace = flow_change.by_hand.change("cubic", 0.4, 0.2, 0.0, -0.5, 0.5)
    area = flow_change.areas(trace)
    ends = area["x"][[0, -1]], area["y"][[0, -1]]
    np.testing.assert_allclose(ends[0], trace["interval"]["x"])
    np.testing.assert_allclose(ends[1], trace["interval"]["y"])
    assert np.trapezoid(area["p_y"], area["y"]) == pytest.approx(
        trace["interval"]["mass_y"], abs=2e-3
    )
