"""What a callback prints with `verbose=1`."""


class VerboseLog:
    """Prints a line an epoch, of the steps from its first to its last.

    Args:
        verbose: 0 prints nothing.
    """

    def __init__(self, verbose: int) -> None:
        self.verbose = verbose
        self._span: list[tuple[int, dict[str, float]]] = []

    def begin(self, epoch: int, more: str, values: dict[str, float]) -> None:
        """Print the line of an epoch that has the same values all along."""
        self._print(f"Epoch {epoch + 1}{more}: {_text(values, values)}")

    def start(self, step: int, source: str) -> None:
        """Print where training starts, if not at 0."""
        if step:
            self._print(f"Starting at step {step}, by {source}")

    def step(self, step: int, values: dict[str, float]) -> None:
        """Take down the values that a step used."""
        self._span = [*self._span[:1], (step, values)]

    def went_back(self, epoch: int) -> None:
        """Print that the model has its best weights again."""
        self._print(f"Epoch {epoch + 1}: the weights of the best epoch are back")

    @property
    def last(self) -> dict[str, float] | None:
        """The values of the epoch's last step so far."""
        return self._span[-1][1] if self._span else None

    def end(self, epoch: int) -> None:
        """Print the line of an epoch whose values went by steps, if there is one to print."""
        # After the epoch: Keras ends its progress bar only when every on_epoch_end is through.
        if self._span:
            (first, start), (last, end) = self._span[0], self._span[-1]
            steps = f"step {first}" if first == last else f"steps {first}-{last}"
            self._print(f"Epoch {epoch + 1}, {steps}: {_text(start, end)}")
        self._span = []

    def _print(self, line: str) -> None:
        if self.verbose:
            print(line, flush=True)


def _text(start: dict[str, float], end: dict[str, float]) -> str:
    words = []
    for name, value in start.items():
        rates = f"{value:.6g}" if value == end[name] else f"{value:.6g} -> {end[name]:.6g}"
        words.append(f"{name.replace('_', ' ')} {rates}")
    return ", ".join(words)
