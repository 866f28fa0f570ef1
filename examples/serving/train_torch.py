"""The same with a small network of PyTorch, kept as a program for `torch.export.load`."""

from __future__ import annotations

import numpy as np
import torch

import gittrack

EPOCHS = 200


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return self.layers(batch)


def main() -> None:
    torch.manual_seed(0)
    inputs = torch.rand(256, 4)
    wanted = inputs.sum(dim=1, keepdim=True)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    with gittrack.start_run(experiment="sums"):
        for epoch in range(EPOCHS):
            loss = torch.nn.functional.mse_loss(net(inputs), wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            gittrack.log_metric("loss", loss.item(), step=epoch)
        gittrack.log_model(net.eval(), "model", input_example=inputs[:3].numpy().astype(np.float32))


if __name__ == "__main__":
    main()
