"""Laws of the loss: what a schedule will give before it is run."""
