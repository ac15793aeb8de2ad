"""What the RNN lesson says, computed."""

import numpy as np
import torch

from apps.stage.server import words
from core.models.rnn import presets
from tests.lessons.claims import SEEDS, claim, numbers
from tests.lessons.rnn.again import (
    CASE,
    adam,
    arrays,
    copy_gradients,
    copy_trainings,
    crosses,
    fall,
    hello_batch,
    plain_run,
    settings,
    slide_lines,
)
from tests.tab_case import widgets

L_LETTER, O_LETTER = 2, 3  # classes of h e l o


# ---- 1 to 3


@claim("rnn", 1)
def test_w_does_nothing_at_the_first_step(said):
    case = presets.slide()
    W, U = (np.array(case["params"][name]) for name in "WU")
    (x,), h0 = np.array(case["xs"]), np.array(case["h0"])
    said("h₀ = 0", np.abs(h0).max())
    h1 = np.tanh(W @ h0 + U @ x)
    assert np.array_equal(h1, np.tanh(U @ x)) and np.abs(W @ h1).min() > 0
    assert np.abs(h1).max() < 1
    said.named("−1과 1 사이")


@claim("rnn", 2)
def test_only_u_x_is_entirely_right_on_the_slide(said):
    lines, printed = slide_lines(presets.SLIDE_X["used"]), presets.SLIDE_PRINTS
    right = [k for k, v in lines.items() if np.array_equal(np.round(v, 3), printed[k])]
    assert right == ["Ux"]
    V = np.array(presets.SLIDE_PARAMS["V"])
    said("0.18 · 0.1342", V[2, 1], lines["h"][1])
    said("0.132 · 0.0937", -V[2, 0], lines["h"][0])
    said("0.0118", lines["o"][2])
    said("0.012", round(lines["o"][2], 3))
    said("0.006", printed["o"][2])
    for language in words.LANGUAGES:
        told = words.words(language, "rnn")["words"]
        assert set(numbers(told["slip_h"])) == {"0.134", "0.135"}
        assert round(lines["h"][1], 3) == 0.134 and printed["h"][1] == 0.135
        assert {"0.012", "0.006"} == set(numbers(told["slip_o"]))
        assert numbers(told["slip_y"]) == [f"{v:.3f}" for v in lines["y"]]


@claim("rnn", 2)
def test_with_the_written_input_only_the_input_agrees(said):
    lines, printed = slide_lines(presets.SLIDE_X["written"]), presets.SLIDE_PRINTS
    assert [k for k, v in lines.items() if np.array_equal(np.round(v, 3), printed[k])] == ["x"]


@claim("rnn", 3)
def test_the_same_matrices_read_hell_untrained(said):
    chosen = settings(3)
    case = presets.hello("rnn", chosen.seed)
    p, xs = arrays(case), np.array(case["xs"])
    assert "".join(case["vocabulary"][k] for k in xs.argmax(axis=1)) == "hell"
    _, y = plain_run(p, xs)
    right = y[range(4), case["targets"]]
    assert right.max() <= 0.34
    said("0.34", np.ceil(100 * right.max()) / 100)
    twice = plain_run(p, np.concatenate([xs, xs]))[1]
    assert np.allclose(twice[:4], y) and len(twice) == 8  # the same parameters read twice the text
    assert chosen.rounded and chosen.decimals == 3


# ---- 4 and 6: training, by torch alone


@claim("rnn", 4)
def test_training_teaches_hello(said):
    chosen = settings(4)
    case = presets.hello("rnn", chosen.seed)
    xs, targets = hello_batch(case)
    losses, (p,) = adam([arrays(case)], xs, targets, chosen.rate, chosen.updates)
    said("200", chosen.updates)
    said("5.58에서 0.02", losses[0, 0], losses[-1, 0])
    _, y = plain_run(p, np.array(case["xs"]))
    assert y.argmax(axis=1).tolist() == case["targets"]
    assert y[range(4), case["targets"]].min() > 0.99
    said.named("0.99")
    h, k, spoken = np.zeros(3), 0, ""
    for _ in range(4):
        h = np.tanh(p["W"] @ h + p["U"][:, k] + p["b"])
        k = int((p["V"] @ h + p["c"]).argmax())
        spoken += case["vocabulary"][k]
    assert spoken == "ello"
    shown = CASE.asked(CASE.scenes[3])["frames"][-1]["facts"]
    assert abs(shown[0]["v"] - losses[-1, 0]) < 1e-9 and shown[1]["v"] == "h → ello"


@claim("rnn", 4)
def test_the_state_tells_the_two_l_apart(said):
    case = presets.hello("rnn", settings(4).seed)
    xs = np.array(case["xs"])
    assert np.array_equal(xs[2], xs[3]) and case["targets"][2:] == [L_LETTER, O_LETTER]
    for seed in SEEDS:
        p = arrays(presets.hello("rnn", seed))
        h, _ = plain_run(p, xs)
        assert np.abs(h[1] - h[2]).max() > 0.01 and np.abs(h[2] - h[3]).max() > 0.001
        _, y = plain_run({**p, "W": np.zeros((3, 3))}, xs)
        assert np.array_equal(y[2], y[3])
    said("W를 0", 0)


@claim("rnn", 4)
def test_hello_is_learned_from_every_seed(said):
    chosen, cases = settings(4), [presets.hello("rnn", seed) for seed in SEEDS]
    xs, targets = hello_batch(cases[0])
    trained = adam([arrays(case) for case in cases], xs, targets, chosen.rate, chosen.updates)[1]
    for case, p in zip(cases, trained):
        _, y = plain_run(p, np.array(case["xs"]))
        assert y.argmax(axis=1).tolist() == case["targets"]


# ---- 5: truncation


@claim("rnn", 5)
def test_a_cut_lets_no_gradient_pass(said):
    chosen = settings(5)
    case, whole, grads = copy_gradients(chosen.seed)
    _, short, cut = copy_gradients(chosen.seed, chosen.truncate)
    at = [t + 1 for t, target in enumerate(case["targets"]) if target is not None]
    said("t = 8", *at)
    said("k = 4", chosen.truncate)
    said("k를 8", len(case["xs"]))
    last = max(t + 1 for t, norm in enumerate(short) if norm == 0)
    said("t = 5와 t = 4", last + 1, last)
    said("0.0013", whole[0])
    said("0", short[3])
    assert min(whole) > 0 and all(norm > 0 for norm in short[4:])
    letter = case["targets"][-1]
    assert np.abs(grads["U"][:, letter]).max() > 0
    for name in "UW":
        gap = np.linalg.norm(cut[name] - grads[name]) / np.linalg.norm(grads[name])
        assert 0.01 < gap < 0.1  # "a few percent"


@claim("rnn", 5)
def test_the_letter_columns_get_no_gradient_from_any_seed(said):
    for seed in SEEDS:
        case, _, whole = copy_gradients(seed)
        _, norms, cut = copy_gradients(seed, 4)
        assert not cut["U"][:, 1:].any() and norms[:4] == [0, 0, 0, 0]
        assert whole["U"][:, case["targets"][-1]].any()


# ---- 6: the copy task, learned whole and cut


@claim("rnn", 6)
def test_a_cut_freezes_the_letter_columns(said):
    found, chosen = copy_trainings(), settings(6)
    assert chosen.seed == 0 and chosen.truncate == 4
    whole, cut = found[8][0], found[4][0]
    said("0.003", whole[0][-1])
    said("log 3 ≈ 1.10", 3, cut[0][-1])
    said("1.10", np.log(3))
    assert whole[1].min() > 0.1 and cut[1][0] > 0
    for seed in SEEDS:
        assert found[4][seed][1][1:].max() == 0
    said("끝까지 0", found[4][0][1][1:].max())


@claim("rnn", 6)
def test_a_cut_net_sometimes_learns_all_the_same(said):
    learned = {k: [rows[0][-1] < 0.05 for rows in found] for k, found in copy_trainings().items()}
    said.named("0.05")
    said("k = 8이 10", 8, sum(learned[8]))
    said("k = 4가 6", 4, sum(learned[4]))
    said("0–9", SEEDS[0], SEEDS[-1])


@claim("rnn", 6)
def test_the_stage_shows_what_torch_finds(said):
    whole, cut = (copy_trainings()[k][0] for k in (8, 4))
    facts = [fact["v"] for fact in CASE.asked(CASE.scenes[5])["frames"][-1]["facts"]]
    wanted = [whole[1][1:].max(), 0, whole[0][-1], cut[0][-1]]
    assert np.abs(np.array(facts) - wanted).max() < 1e-6


# ---- 7: vanishing


@claim("rnn", 7)
def test_gradients_vanish_or_explode_with_rho(said):
    seed, rho = settings(7).seed, settings(7).rho
    for small in (0.2, 0.5, 0.8):
        assert fall(small, seed)[0][0] < 1e-3
    assert fall(1.5, seed)[0][0] > 100
    board = CASE.asked(CASE.scenes[6])
    assert rho == 0.8
    assert np.allclose(fall(rho, seed)[0], CASE.tables(CASE.scenes[6])["rnn"], rtol=1e-6)
    assert np.allclose(fall(rho, seed)[1], CASE.tables(CASE.scenes[6])["lstm_cell"], rtol=1e-6)
    whole = np.array(board["parts"]["lengths"]["series"][0]["y"])
    assert whole.min() > 0.1  # at small ρ the whole gradient does not vanish
    said("0이 되지 않는다", 0)


@claim("rnn", 7)
def test_a_matrix_that_is_not_normal_grows_above_its_radius(said):
    chosen = settings(7)
    norms, _, _, W = fall(chosen.rho, chosen.seed)
    assert np.isclose(np.abs(np.linalg.eigvals(W)).max(), chosen.rho)
    assert np.abs(W @ W.T - W.T @ W).max() > 0.01
    n = np.arange(chosen.length - 1, -1, -1)
    powers = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) for k in n[:-1]]
    assert (powers > chosen.rho ** n[:-1]).all()
    assert (norms[:-1] > chosen.rho ** n[:-1]).all()


@claim("rnn", 7)
def test_the_cell_fades_more_slowly_at_half_the_radius(said):
    said("ρ를 0.5", 0.5)
    chosen = settings(7)
    rnn, c, (f, i, o), _ = fall(0.5, chosen.seed)
    steps = chosen.length - 1
    said("0.51배", rnn[0] ** (1 / steps))
    said("0.87배", c[0] ** (1 / steps))
    said("f ≈ 0.73", f)
    said("0.125", i * o * 0.5)
    assert 0 < c[0] ** (1 / steps) - (f + i * o * 0.5) < 0.02  # both ways together: near it
    said("3으로 올리면 f ≈ 0.95", 3, fall(0.5, chosen.seed, 3.0)[2][0])
    said.named("c_{t−1}")
    for seed in SEEDS:
        rnn, c, _, _ = fall(0.5, seed)
        assert c[0] > 1e6 * rnn[0]


# ---- 8 to 10


@claim("rnn", 8)
def test_the_gates_forget_add_and_let_out(said):
    case = presets.hello("lstm", settings(8).seed)
    p, H = arrays(case), 3
    cell = torch.nn.LSTMCell(4, H, dtype=torch.float64)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell.load_state_dict({k: torch.tensor(p[k]) for k in names})
    h, c = np.zeros(H), np.zeros(H)
    for x in np.array(case["xs"]):
        a = p["weight_ih"] @ x + p["bias_ih"] + p["weight_hh"] @ h + p["bias_hh"]
        i, f, g, o = np.split(a, 4)
        i, f, o = (1 / (1 + np.exp(-v)) for v in (i, f, o))
        assert all(0 < v.min() and v.max() < 1 for v in (i, f, o))
        before = tuple(torch.tensor(v)[None] for v in (h, c))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        theirs = [v[0].detach().numpy() for v in cell(torch.tensor(x)[None], before)]
        assert np.allclose(theirs, [h, c], atol=1e-12)


@claim("rnn", 8)
def test_a_gru_mixes_by_one_gate(said):
    case = presets.hello("gru", settings(8).seed)
    p, H, h = arrays(case), 3, np.zeros(3)
    cell = torch.nn.GRUCell(4, H, dtype=torch.float64)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    cell.load_state_dict({k: torch.tensor(p[k]) for k in names})
    for x in np.array(case["xs"]):
        x_r, x_z, x_n = np.split(p["weight_ih"] @ x + p["bias_ih"], 3)
        h_r, h_z, h_n = np.split(p["weight_hh"] @ h + p["bias_hh"], 3)
        r, z = 1 / (1 + np.exp(-x_r - h_r)), 1 / (1 + np.exp(-x_z - h_z))
        theirs = cell(torch.tensor(x)[None], torch.tensor(h)[None])[0].detach().numpy()
        h = (1 - z) * np.tanh(x_n + r * h_n) + z * h
        assert np.allclose(theirs, h, atol=1e-12)
    lstm = presets.hello("lstm")["params"]["weight_hh"]
    assert len(lstm) == 4 * H and len(p["weight_hh"]) == 3 * H  # four blocks, three blocks
    said.named("(1 − z) ⊙ n + z ⊙ h_{t−1}")


@claim("rnn", 9)
def test_the_shapes_take_and_give_as_told(said):
    counts = {
        "one-to-many": (1, True),
        "many-to-one": (True, 1),
        "many-to-many": (True, True),
        "bidirectional": (True, True),
    }
    T = settings(9).columns
    for kind, (heard, spoken) in counts.items():
        frame = CASE.asked(CASE.scenes[8], kind=kind)["frames"][-1]
        net = next(widgets(frame["view"], "net"))
        fed = {link["to"] for link in net["links"]}
        given = [n for n in net["nodes"] if n["role"] == "real" and n["id"] not in fed]
        out = [n for n in net["nodes"] if n["role"] == "made"]
        assert len(given) == (T if heard is True else heard)
        assert len(out) == (T if spoken is True else spoken)


@claim("rnn", 9)
def test_a_decoder_knows_the_encoder_by_its_last_state_only(said):
    net = next(widgets(CASE.asked(CASE.scenes[8])["frames"][-1]["view"], "net"))
    crossing = [
        (link["from"], link["to"])
        for link in net["links"]
        if link["from"].startswith("encoder") and link["to"].startswith("decoder")
    ]
    assert crossing == [("encoder-h3", "decoder-h4")]


@claim("rnn", 9)
def test_both_ways_sees_before_and_after(said):
    net = next(
        widgets(CASE.asked(CASE.scenes[8], kind="bidirectional")["frames"][-1]["view"], "net")
    )
    links = {(link["from"], link["to"]) for link in net["links"]}
    for t in (1, 2, 3):
        assert {(f"forward-x{t}", f"{part}-h{t}") for part in ("forward", "backward")} <= links
        assert {(f"{part}-h{t}", f"forward-y{t}") for part in ("forward", "backward")} <= links
    assert {("forward-h1", "forward-h2"), ("backward-h2", "backward-h1")} <= links
    boxes = {n["id"]: n for n in net["nodes"]}
    for start, end in links:
        assert not [n for n in boxes if n not in (start, end) and crosses(boxes, start, end, n)]


@claim("rnn", 10)
def test_the_field_doubles_with_each_layer(said):
    chosen = settings(10)
    seen, taps = [1], chosen.kernel
    for layer in range(chosen.layers):
        seen.append(seen[-1] + (taps - 1) * chosen.dilation**layer)
    said("1, 2, 4, 8, 16", *seen)
    said("커널 크기가 2", taps)
    said("15층", (16 - 1) / (taps - 1))
    said("4층", seen.index(16))
    said("팽창을 1", 1)
    said("16칸", seen[-1])
    said.named("한 칸, 4")


@claim("rnn", 10)
def test_the_last_output_depends_on_sixteen_inputs_and_no_later_one(said):
    rng, d = np.random.default_rng(settings(10).seed), [1, 2, 4, 8]
    x = torch.tensor(rng.uniform(-1, 1, 16), requires_grad=True)
    z = x[None, None]
    for step in d:
        w = torch.tensor(rng.uniform(-1, 1, 2))[None, None]
        z = torch.nn.functional.conv1d(torch.nn.functional.pad(z, (step, 0)), w, dilation=step)
    (last,) = torch.autograd.grad(z[0, 0, -1], x, retain_graph=True)
    (middle,) = torch.autograd.grad(z[0, 0, 7], x)
    assert (last != 0).all() and not middle[8:].any() and (middle[:8] != 0).all()
