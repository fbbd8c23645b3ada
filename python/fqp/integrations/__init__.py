"""Callbacks for training loops of other people: torch, lightning, keras, deepxde, jax.

Each is a module of its own, which imports its framework: ``from fqp.integrations.torch import Watch``.
"""
