"""PyTorch Lightning with fqp's callback.

    python3 lightning_callback.py [run.html]
"""

import sys

try:
    import torch
    from lightning.pytorch import LightningModule, Trainer
    from torch.utils.data import DataLoader, TensorDataset

    from fqp.integrations.lightning import FqpCallback
except ImportError as error:
    sys.exit(f"this example needs Lightning: {error}")

x = torch.linspace(-1, 1, 201)[:-1, None]
y = torch.sin(torch.pi * x) + 0.5 * torch.sin(5 * torch.pi * x)


class Regression(LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(1, 100), torch.nn.Tanh(), torch.nn.Linear(100, 1))

    def forward(self, points):
        return self.net(points)

    def training_step(self, batch, index):
        points, targets = batch
        return ((self(points) - targets) ** 2).mean()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-3)


callback = FqpCallback(x, y, page=sys.argv[1] if sys.argv[1:] else "run.html", title="A Lightning run")
trainer = Trainer(max_epochs=200, callbacks=[callback], logger=False, enable_checkpointing=False, accelerator="cpu")
trainer.fit(Regression(), DataLoader(TensorDataset(x, y), batch_size=100, shuffle=True))
print(callback.monitor.verdict())
