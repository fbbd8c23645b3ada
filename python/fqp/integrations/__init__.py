"""Callbacks for training loops of other people: torch, lightning, keras, deepxde, jax.

Each is a module of its own that imports its framework when it is imported: ``from fqp.integrations.torch import Watch``.
"""
