"""Keras with fqp's callback.

    python3 keras_callback.py [run.html]
"""

import sys

import numpy as np

try:
    import keras

    from fqp.integrations.keras import FqpCallback
except ImportError as error:
    sys.exit(f"this example needs Keras: {error}")

x = np.linspace(-1, 1, 200, endpoint=False, dtype="float32")[:, None]
y = np.sin(np.pi * x) + 0.5 * np.sin(5 * np.pi * x)
model = keras.Sequential([keras.layers.Dense(100, activation="tanh"), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")

callback = FqpCallback(x, y, page=sys.argv[1] if sys.argv[1:] else "run.html", title="A Keras run")
model.fit(x, y, batch_size=100, epochs=200, verbose=0, callbacks=[callback])
print(callback.monitor.verdict())
