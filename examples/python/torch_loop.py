"""A plain PyTorch loop, watched by one line in it.

    python3 torch_loop.py [run.html]
"""

import sys

try:
    import torch

    from fqp.integrations.torch import Watch
except ImportError as error:
    sys.exit(f"this example needs PyTorch: {error}")

torch.manual_seed(1)
x = torch.linspace(-1, 1, 201)[:-1, None]
y = torch.sin(torch.pi * x) + 0.5 * torch.sin(5 * torch.pi * x)
model = torch.nn.Sequential(torch.nn.Linear(1, 100), torch.nn.Tanh(), torch.nn.Linear(100, 100), torch.nn.Tanh(),
                            torch.nn.Linear(100, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

watch = Watch(model, x, y, record="log:30", title="A PyTorch loop", page=sys.argv[1] if sys.argv[1:] else "run.html")
watch(0)
for step in range(1, 601):
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    watch(step, loss)
watch.finish()

print(watch.monitor.verdict())
for c in watch.monitor.crossings():
    print(f"  {c.label:>3} {c.unit}: {'not yet' if c.step is None else f'step {c.step}'}")
