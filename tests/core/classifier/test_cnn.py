"""The classifier: shapes, consistency, and equality with the same net written out."""

import pytest
import torch
import torch.nn.functional as F

from core.inputs import InputError
from core.models.classifier.cnn import Classifier, Config, loss, predict


def built(config: Config | None = None) -> Classifier:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Classifier(config or Config())
        for module in model.modules():  # statistics that are not the untrained 0 and 1
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.uniform_(-0.2, 0.2)  # pyright: ignore
                module.running_var.uniform_(0.5, 1.5)  # pyright: ignore
        return model.eval()


X = torch.rand(6, 1, 28, 28, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_shapes():
    model = built()
    assert [tuple(m.shape[1:]) for m in model.maps(X)] == [
        (32, 14, 14),
        (32, 14, 14),
        (64, 7, 7),
        (128, 7, 7),
    ]
    assert model.features(X).shape == (6, 128) and model(X).shape == (6, 10)
    p = predict(model, X)
    assert torch.allclose(p.sum(1), torch.ones(6), atol=1e-6) and p.min() >= 0


@torch.no_grad()
def test_equals_the_net_written_out():
    model = built().double()
    x = X.double()
    for i, stage in enumerate(model.stages):
        parts = list(stage)  # pyright: ignore
        if i == 2:
            x, parts = F.max_pool2d(x, 2), parts[1:]
        convolution, norm = parts[0], parts[1]
        x = F.conv2d(x, convolution.weight, stride=2 if i == 0 else 1, padding=2 if i == 0 else 1)
        shape = (1, -1, 1, 1)
        x = (x - norm.running_mean.view(shape)) / (norm.running_var.view(shape) + norm.eps).sqrt()
        x = (x * norm.weight.view(shape) + norm.bias.view(shape)).clamp_min(0)
    logits = x.mean((2, 3)) @ model.head.weight.T + model.head.bias
    assert (model(X.double()) - logits).abs().max() < 1e-10


@torch.no_grad()
def test_a_batch_does_not_matter():
    model = built()
    alone = torch.cat([model(x[None]) for x in X])
    assert torch.allclose(model(X), alone, atol=1e-5)


def test_loss_equals_cross_entropy_by_hand():
    model = built().double()
    labels = torch.arange(6)
    value, parts = loss(model, X.double(), labels)
    p = predict(model, X.double())
    assert abs(value.item() + p[labels, labels].log().mean().item()) < 1e-5
    assert 0 <= parts["accuracy"] <= 1


def test_it_is_small():
    assert sum(p.numel() for p in Classifier(Config()).parameters()) < 250_000


@pytest.mark.parametrize("change", [{"width": 0}, {"features": 0}, {"classes": 1}], ids=str)
def test_bad_configs_are_refused(change):
    with pytest.raises(InputError):
        Config(**change)
