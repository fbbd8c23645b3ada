"""A loop of JAX and optax, watched by one line in it.

    python3 jax_optax.py [run.html]
"""

import sys

try:
    import jax
    import jax.numpy as jnp
    import optax

    from fqp.integrations.jax import Watch
except ImportError as error:
    sys.exit(f"this example needs JAX and optax: {error}")

x = jnp.linspace(-1, 1, 201)[:-1, None]
y = jnp.sin(jnp.pi * x) + 0.5 * jnp.sin(5 * jnp.pi * x)


def apply(params, points):
    return jnp.tanh(points @ params["w"] + params["b"]) @ params["a"]


one, two, three = jax.random.split(jax.random.PRNGKey(1), 3)
params = {"w": 3 * jax.random.normal(one, (1, 100)), "b": jax.random.normal(two, (100,)),
          "a": jax.random.normal(three, (100, 1)) / 100}
optimizer = optax.adam(1e-3)
state = optimizer.init(params)


@jax.jit
def update(params, state):
    loss, gradient = jax.value_and_grad(lambda p: jnp.mean((apply(p, x) - y) ** 2))(params)
    changes, state = optimizer.update(gradient, state)
    return optax.apply_updates(params, changes), state, loss


watch = Watch(apply, x, y, title="A JAX loop", page=sys.argv[1] if sys.argv[1:] else "run.html")
watch(0, params)
for step in range(1, 2001):
    params, state, loss = update(params, state)
    watch(step, params, loss)
watch.finish()
print(watch.monitor.verdict())
