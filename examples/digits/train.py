"""Train a small network on scikit-learn's handwritten digits and log its curves.

`python examples/digits/train.py --lr 0.1` records a run by itself; under `gittrack run -- python …`
it joins the run of the wrapper.
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import gittrack


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate")
    parser.add_argument("--hidden", type=int, default=32, help="units of the hidden layer")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def main() -> None:
    given = options()
    images, digits = load_digits(return_X_y=True)
    train_x, val_x, train_y, val_y = train_test_split(
        images / 16, digits, test_size=0.25, stratify=digits, random_state=given.seed
    )
    model = MLPClassifier(
        (given.hidden,),
        solver="sgd",
        learning_rate_init=given.lr,
        batch_size=given.batch,
        momentum=given.momentum,
        random_state=given.seed,
    )
    with gittrack.start_run(experiment="digits", params=vars(given)):
        for epoch in range(1, given.epochs + 1):
            model.partial_fit(train_x, train_y, classes=np.arange(10))
            chances = model.predict_proba(val_x)
            metrics = {
                "train_loss": model.loss_,
                "val_loss": log_loss(val_y, chances),
                "val_acc": accuracy_score(val_y, chances.argmax(axis=1)),
            }
            gittrack.log_metrics(metrics, step=epoch)
            if epoch % 10 == 0:
                print(
                    f"epoch {epoch:2d}  " + "  ".join(f"{key} {value:.4f}" for key, value in metrics.items())
                )
        counts = confusion_matrix(val_y, chances.argmax(axis=1), labels=np.arange(10))
        table = {
            "digit": list(range(10)),
            **{f"read as {read}": counts[:, read].tolist() for read in range(10)},
        }
        gittrack.log_table(table, "confusion.csv")


if __name__ == "__main__":
    main()
