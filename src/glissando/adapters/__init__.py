"""Adapters: what makes a framework's own trainer follow a schedule, one module each."""
