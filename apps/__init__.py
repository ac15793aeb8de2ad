"""The tabs and the hub that joins them; `TABS` is the hub's order and nothing else."""

TABS = (
    "cnn",
    "rnn",
    "hopfield",
    "vae",
    "pixelcnn",
    "gan",
    "progan",
    "biggan",
    "pix2pix",
    "flow",
    "ebm",
    "attention",
    "world",
    "ddpm",
    "compare",
)
