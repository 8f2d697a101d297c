"""A character transformer, which other benchmarks train."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows, length, width = x.shape
        mixed = self.mix(x).view(rows, length, 3, self.heads, -1)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        seen = scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.out(seen.transpose(1, 2).reshape(rows, length, width))


class Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention = nn.Sequential(nn.LayerNorm(width), Attention(width, heads))
        self.perceptron = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(x)
        return x + self.perceptron(x)


class Transformer(nn.Module):
    """Predicts the next letter from those before it.

    Args:
        letters: how many letters there are.
        width: how many numbers stand for a letter.
        layers: how many blocks there are.
        heads: how many heads the attention of each has.
        context: how many letters it sees at most.
    """

    def __init__(self, letters: int, width: int, layers: int, heads: int, context: int) -> None:
        super().__init__()
        self.letter, self.place = nn.Embedding(letters, width), nn.Embedding(context, width)
        blocks = (Block(width, heads) for _ in range(layers))
        self.rest = nn.Sequential(*blocks, nn.LayerNorm(width), nn.Linear(width, letters))
        for embedding in (self.letter, self.place):
            nn.init.normal_(embedding.weight, std=0.02)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rest(self.letter(x) + self.place.weight)

    def loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of each letter of `y`, the next ones after `x`, in nats."""
        return cross_entropy(self(x.long()).flatten(0, 1), y.long().flatten())

    def loss_within(self, pieces: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of each letter of the pieces but the first."""
        return self.loss(pieces[:, :-1], pieces[:, 1:])

    @torch.inference_mode()
    def validation(self, pieces: torch.Tensor) -> float:
        """Return the mean loss of pieces that are held out."""
        batches = pieces.split(64)
        losses = [self.loss_within(batch).item() for batch in batches]
        return round(sum(losses) / len(losses), 5)
