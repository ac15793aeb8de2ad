"""What the CNN lesson says, computed."""

from functools import cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from scipy.signal import convolve2d, correlate2d

from apps.lessons.cnn import film, learn, models, receptive, shift, why
from apps.lessons.cnn.inputs import Inputs
from apps.lessons.cnn.kernels import KERNELS, small_picture
from apps.lessons.cnn.net import walk_of
from apps.lessons.shared import pictures
from core.models.cnn.convolution import learn as learn_step
from core.models.cnn.explain import explain, integrated_gradients
from core.weights import cards, load
from tests.lessons.claims import SEEDS, claim
from tests.tab_case import TabCase

torch.set_num_threads(1)
CASE = TabCase("cnn")
SOBEL = np.array(KERNELS["vertical"], dtype=float)


def digit(row: int) -> torch.Tensor:
    return pictures.batch(pictures.digits()[0][row][None])


# 1: by hand


@claim("cnn", 1)
def test_a_small_kernel_over_a_small_picture(said):
    image, _ = small_picture(Inputs())
    out = correlate2d(image, SOBEL, "valid")
    said("36", out.size)
    said("6×6", *out.shape)
    said("3×3 커널이 8×8", *SOBEL.shape, *image.shape)
    said("4까지, 왼쪽 가장자리에서 −4", out.max(), out.min())
    left, right = ((np.diff(image[:, 2:-1], axis=1) * way > 0).sum() for way in (1, -1))
    assert left and right  # the seven has both edges
    step = np.tile([0.0, 0, 0, 1, 1, 1, 0, 0, 0], (3, 1))  # a stroke: left edge, right edge
    edge = correlate2d(step, SOBEL, "valid")[0]
    assert edge.argmin() < edge.argmax() and edge.min() == -4 and edge.max() == 4


@claim("cnn", 1)
def test_turned_this_kernel_changes_its_sign(said):
    said("180", 180)
    assert (SOBEL[::-1, ::-1] == -SOBEL).all()
    for seed in SEEDS:
        image = np.random.default_rng(seed).integers(0, 2, (8, 8))
        flipped, plain = convolve2d(image, SOBEL, "valid"), correlate2d(image, SOBEL, "valid")
        assert (flipped == -plain).all()
    flipped = CASE.tables("hand", flip=True)["out"]
    assert (flipped == -CASE.tables("hand")["out"]).all() and flipped.any()


# 2: the whole net


@claim("cnn", 2)
def test_a_digit_through_the_whole_net(said):
    found = walk_of(Inputs())
    said("24", sum(len(maps) for maps in found.maps))
    said("4장, 이어 8장", len(found.maps[0]), len(found.maps[2]))
    said("392", found.maps[-1].size)
    said("4,266", sum(p.numel() for p in load(models.TINY).parameters()))
    assert found.odds.argmax() == pictures.digits()[1][Inputs().digit] == 3
    assert CASE.scene("net")["inputs"].get("unit") is None


@claim("cnn", 2)
def test_a_unit_of_the_second_convolution_depends_on_64_pixels(said):
    net, seen = load(models.TINY), torch.zeros(28, 28, dtype=torch.bool)
    for seed in SEEDS:
        x = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(seed))
        x.requires_grad_()
        second: Any = net.layers[:4](x)  # pyright: ignore
        (slope,) = torch.autograd.grad(second[0, :, 6, 7].sum(), x)
        seen |= slope[0, 0] != 0
    rows, columns = seen.nonzero().T
    sides = [int(v.max() - v.min() + 1) for v in (rows, columns)]
    said("8×8 = 64", *sides, sides[0] * sides[1])
    unit = walk_of(Inputs()).unit
    said("4장에서 3×3", *unit["patch"].shape)
    said("36", unit["kernel"].size)
    said("4×4", 4, 4)
    said("196", 14 * 14)
    said.named("합성곱 2, 풀링 1")
    assert walk_of(Inputs()).maps[2][0].size == 196


# 3: shift


@claim("cnn", 3)
def test_moving_before_and_after_is_the_same_only_without_pooling(said):
    image = torch.as_tensor(models.picture(Inputs()))[None, None]
    kernel = torch.as_tensor(SOBEL)[None, None]

    def layer(x: torch.Tensor, pool: int) -> torch.Tensor:
        return F.max_pool2d(F.conv2d(F.pad(x, [1] * 4, mode="circular"), kernel), pool)

    for k in range(28):
        moved = layer(image.roll(k, 3), 1)
        assert torch.allclose(moved, layer(image, 1).roll(k, 3), atol=1e-12)
        halved = layer(image, 2).roll(k // 2, 3)
        assert torch.allclose(layer(image.roll(k, 3), 2), halved, atol=1e-12) == (k % 2 == 0)
    said("2×2", 2, 2)
    said("1로", 1)
    for seed in SEEDS:  # any picture, any kernel, any move
        draw = torch.Generator().manual_seed(seed)
        image = torch.rand(1, 1, 28, 28, generator=draw, dtype=torch.float64)
        kernel = torch.randn(1, 1, 3, 3, generator=draw, dtype=torch.float64)
        k = int(torch.randint(1, 28, (1,), generator=draw))
        assert torch.allclose(layer(image.roll(k, 3), 1), layer(image, 1).roll(k, 3), atol=1e-12)


@claim("cnn", 3)
def test_shared_weights_and_accuracy_under_moves(said):
    count = sum(p.numel() for p in torch.nn.Conv2d(1, 4, 3).parameters())
    said("40", count)
    said("4장", 4)
    said("28×28", 28, 28)
    said("2,461,760", 784 * 3136 + 3136)
    assert (count, 784 * 3136 + 3136) == (shift.shared_weights(), shift.dense_weights())
    tiny, dense = cards()[models.TINY], cards()[models.DENSE]
    value = {name: 100 * tiny.metrics[name]["value"] for name in ("accuracy", "accuracy, moved 3")}
    other = {name: 100 * dense.metrics[name]["value"] for name in value}
    said("3픽셀", 3)
    said("98.7 %에서 81.2", *value.values())
    said("97.0 %에서 46.4", *other.values())
    said("6배", round(dense.parameters / tiny.parameters))


# 4: the receptive field


@claim("cnn", 4)
def test_fields_and_jumps(said):
    stack = receptive.measure("classifier")
    last = stack.slopes[-1] > 0
    rows = np.flatnonzero(last.any(1))
    said("27", rows[-1] - rows[0] + 1)
    said("5개", len(stack.names))
    x = torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(1)).requires_grad_()
    maps = load(models.LARGE).maps(x)[-1]  # pyright: ignore
    firsts = []
    for at in (4, 5):
        (slope,) = torch.autograd.grad(maps[:, :, at, 3].sum(), x, retain_graph=True)
        firsts.append(int(slope.abs().sum((0, 1, 3)).nonzero()[0]))
    said("4픽셀", firsts[1] - firsts[0])


@claim("cnn", 4)
def test_dilation_sees_further_and_the_middle_counts_more(said):
    sides = {}
    for name in ("threes", "dilated"):
        slope = receptive.measure(name).slopes[2]
        rows = np.flatnonzero(slope.any(1))
        sides[name] = rows[-1] - rows[0] + 1
    said("15픽셀", sides["dilated"])
    said("7픽셀", sides["threes"])
    said("3×3 합성곱 3개", 3, 3, 3)
    said.named("1, 2, 4")
    assert [d for _, _, d in receptive.STACKS["dilated"]] == [1, 2, 4]
    slope = receptive.measure("classifier").slopes[-1][:27, :27]
    middle = slope[9:18, 9:18].mean()
    edge = np.concatenate([slope[:3].ravel(), slope[-3:].ravel()]).mean()
    assert middle > 3 * edge


# 5: a kernel learns


@cache
def losses(rate: float, steps: int = 50, seed: int = 0) -> list[float]:
    """Return the losses of a kernel that torch trains."""
    image = torch.as_tensor(learn.halve(models.picture(Inputs())))[None, None]
    target = F.conv2d(image, torch.as_tensor(SOBEL)[None, None])
    start = learn.START * np.random.default_rng(seed).standard_normal((3, 3))
    kernel = torch.as_tensor(start)[None, None].requires_grad_()
    found = []
    for _ in range(steps + 1):
        loss = ((F.conv2d(image, kernel) - target) ** 2).sum() / 2
        found.append(loss.item())
        (slope,) = torch.autograd.grad(loss, kernel)
        kernel = (kernel - rate * slope).detach().requires_grad_()
    return found


@claim("cnn", 5)
def test_a_kernel_learns_and_its_loss_falls(said):
    found = losses(Inputs().rate)
    said("107", found[0])
    said("50", learn.STEPS)
    said("0.1", 0.1)
    assert found[-1] < 0.1
    assert all(losses(Inputs().rate, seed=seed)[-1] < 1 for seed in SEEDS)
    for seed in SEEDS:
        draw = np.random.default_rng(seed)
        image, target = draw.normal(size=(14, 14)), torch.as_tensor(draw.normal(size=(12, 12)))
        kernel = torch.as_tensor(draw.normal(size=(3, 3)))[None, None].requires_grad_()
        error = F.conv2d(torch.as_tensor(image)[None, None], kernel)[0, 0] - target
        (slope,) = torch.autograd.grad((error**2).sum() / 2, kernel)
        step = learn_step(image, kernel.detach().numpy()[0, 0], target.numpy(), 0.0)
        assert np.allclose(step["gradient"], slope[0, 0], atol=1e-11)
        seen = correlate2d(image, error.detach().numpy(), "valid")
        assert np.allclose(seen, slope[0, 0], atol=1e-11)


@claim("cnn", 5)
def test_a_rate_over_two_by_lambda_diverges(said):
    image = torch.as_tensor(learn.halve(models.picture(Inputs())))[None, None]

    def loss(kernel: torch.Tensor) -> torch.Tensor:
        return (F.conv2d(image, kernel.view(1, 1, 3, 3)) ** 2).sum() / 2

    hessian = torch.autograd.functional.hessian(loss, torch.zeros(9, dtype=torch.float64))
    limit = 2 / torch.linalg.eigvalsh(hessian)[-1].item()  # pyright: ignore
    said("2/λ = 0.0219", 2, limit)
    said("0.03", CASE.scene("learn")["tries"]["rate"])
    said("0.02", 0.02)
    for seed in SEEDS:
        assert losses(0.03, 20, seed)[-1] > 1e4
        assert losses(0.02, 200, seed)[-1] < 0.1


# 6: why this class


@claim("cnn", 6)
def test_integrated_gradients_add_up_and_the_plain_ones_lie_on_paper(said):
    inputs = Inputs()
    image = models.picture(inputs)
    maps = why.explanations(inputs.net, image.tobytes(), inputs.label)
    said("81", 100 * why.on_paper(maps, image))
    said("3이라고", models.read(inputs.net, image)[0])
    net, x = load(inputs.net), digit(inputs.digit)
    gap = (net(x) - net(torch.zeros_like(x)))[0, 3].item()
    total = maps["integrated"]["map"].sum().item()
    assert abs(total - gap) < 0.01 * abs(gap)
    others = []  # how far each method's sum is from the law, over ten digits
    for row in range(0, 100, 10):
        x = digit(row)
        with torch.no_grad():
            gap = (net(x) - net(torch.zeros_like(x)))[0, 3].item()
        for way in ("integrated", "gradient", "occlusion"):
            shares = explain(net, x, 3, way)["map"]  # pyright: ignore
            others.append((way, abs(shares.sum().item() - gap) / abs(gap)))
    assert all(off < 0.01 for way, off in others if way == "integrated")
    assert all(off > 0.01 for way, off in others if way != "integrated")
    said.named("f(0)")


@claim("cnn", 6)
def test_asked_about_an_eight_the_sum_is_below_zero(said):
    net, x = load(Inputs().net), digit(Inputs().digit)
    gap = (net(x) - net(torch.zeros_like(x)))[0, 8].item()
    said("6.43", -gap)
    said("8의", CASE.scene("why")["tries"]["label"])
    for row in range(3, 100, 10):
        for label in (0, 8):
            shares = integrated_gradients(net, digit(row), label)  # pyright: ignore
            assert (shares[digit(row)[0, 0] == 0] == 0).all() and shares.abs().sum() > 0
    said.named("0")


# 7: the film


@claim("cnn", 7)
def test_the_film_s_figures(said):
    tiny, large = cards()[models.TINY], cards()[models.LARGE]
    said("4,266개", tiny.parameters)
    said("98.67", 100 * tiny.metrics["accuracy"]["value"])
    said("103,978", large.parameters)
    said("99.59", 100 * large.metrics["accuracy"]["value"])
    record = film.record()
    said("10개", len(record["moments.step"]))
    at = record["moments.step"].tolist().index(335)
    said("335단계 뒤에는 96.13", 335, 100 * record["moments.accuracy"][at])
    first, last = record["moments.confusion"][0], record["moments.confusion"][-1]
    assert np.sort(first.sum(0))[-3:].sum() > 0.8 * first.sum()  # three answers for most
    wrong = last.copy()
    np.fill_diagonal(wrong, 0)
    said("133", wrong.sum())
    label, answer = np.unravel_index(wrong.argmax(), wrong.shape)
    said("4를 9로", label, answer)
    said("9개", wrong.max())
    assert (wrong == wrong.max()).sum() == 1 and Inputs().pair == (label, answer)


# 8: transposed


@claim("cnn", 8)
def test_overlaps_of_a_transposed_convolution(said):
    ones = torch.ones(1, 1, 4, 4)
    found = {k: F.conv_transpose2d(ones, torch.ones(1, 1, k, k), stride=2)[0, 0] for k in (3, 4)}
    said("4×4 입력을 보폭 2로 찍으면 9×9", 4, 4, 2, *found[3].shape)
    said("3×3", 3, 3)
    said("1개, 어떤 칸에는 4개", found[3].min(), found[3].max())
    inner = found[4][3:-3, 3:-3]
    said("4개", inner.max())
    assert inner.min() == inner.max() == 4 and found[3][2:-2, 2:-2].unique().numel() > 1
    said("2가 4를", 2, 4)
    said("커널 4에 보폭 2", 4, 2)
    said("1이어도", 1)
    for k in range(1, 7):
        for s in range(1, 5):
            out = F.conv_transpose1d(torch.ones(1, 1, 12), torch.ones(1, 1, k), stride=s)[0, 0]
            assert (out[k - 1 : len(out) - k + 1].unique().numel() == 1) == (k % s == 0)
    uneven = F.conv_transpose2d(ones, torch.tensor([[1.0, 2, 0, 0]] * 4)[None, None], stride=2)[
        0, 0, 3:-3, 3:-3
    ]
    assert uneven.unique().numel() > 1  # overlaps are even, weights are not
    dcgan = load("dcgan-mnist")
    up = [m for m in dcgan.modules() if isinstance(m, torch.nn.ConvTranspose2d)]
    strided = [m for m in up if m.stride == (2, 2)]
    assert strided and all(m.kernel_size == (4, 4) for m in strided)
