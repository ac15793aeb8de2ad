"""The reader of syllables: its code points, its loss, and what it reads of true type."""

import torch
import torch.nn.functional as F

from core.data.hangul import jamo
from core.models.reader.net import PARTS, Config, Reader, loss


def test_its_answers_name_the_syllable_of_its_likeliest_parts():
    model = Reader(Config(width=4)).eval()
    for syllable in "가한뷁힣":
        with torch.no_grad():
            model.head.weight.zero_()
            model.head.bias.zero_()
            starts = (0, PARTS[0], PARTS[0] + PARTS[1])
            for start, part in zip(starts, jamo(syllable)):
                model.head.bias[start + part] = 1
        assert model.read(torch.zeros(1, 1, 64, 64)) == syllable
    assert PARTS == (19, 21, 28)  # of Unicode's composed syllables


def test_its_loss_is_the_sum_of_three_cross_entropies():
    model = Reader(Config(width=4)).eval()
    x = torch.rand(3, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    parts = torch.tensor([jamo(one) for one in "한글이"])
    total, found = loss(model, x, parts)
    a, b, c = model(x).split(PARTS, 1)
    each = [F.cross_entropy(y, parts[:, i]) for i, y in enumerate((a, b, c))]
    assert torch.allclose(total, torch.stack(each).sum())
    right = [one == wanted for one, wanted in zip(model.read(x), "한글이")]
    assert found["read"].item() * 3 == sum(right)
