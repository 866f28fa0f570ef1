from __future__ import annotations

import math

import pytest

from gittrack.tracking.metric_lines import MetricLines, segments

LOSS = {"loss": 0.3}
FOUND: list[tuple[str, int | None, dict[str, float]]] = [
    ("epoch 3 loss=0.1 acc: 0.9", 3, {"loss": 0.1, "acc": 0.9}),
    ("step: 100 | loss: 0.25 | lr 1e-3", 100, {"loss": 0.25, "lr": 0.001}),
    ("[Epoch 3/10] train_loss=0.5", 3, {"train_loss": 0.5}),
    ("Epoch 5 loss 0.5 acc 0.9", 5, {"loss": 0.5, "acc": 0.9}),
    ("loss=-1.5e-3 epoch=4", 4, {"loss": -0.0015}),
    ("| epoch   1 | loss 9.5 | ppl 730.2 | wps 1000", 1, {"loss": 9.5, "ppl": 730.2}),
    ("iter 0: loss 10.9424, time 12345.67ms, mfu -100.00%", 0, {"loss": 10.9424}),
    ("step 250: train loss 1.9, val loss 2.1", 250, {"train_loss": 1.9, "val_loss": 2.1}),
    ("Epoch [1/5], Step [100/600], Loss: 0.3", 700, {"Loss": 0.3}),
    ("Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.300", 60640, {"Loss": 2.3}),
    (
        "Epoch [1][10/100]\tlr: 1.0e-03, eta: 0:10:00, time: 0.500, memory: 1000, loss: 0.3",
        110,
        {"lr": 0.001, **LOSS},
    ),
    (
        "Epoch: [0][10/5005]\tTime  0.312 ( 0.520)\tLoss 6.9e+00 (6.9e+00)\tAcc@1   0.39 (  0.1)",
        10,
        {"Loss": 6.9, "Acc@1": 0.39},
    ),
    (
        " iteration       10/     100 | elapsed time per iteration (ms): 123.4 | lm loss: 1.0E+01 |",
        10,
        {"lm_loss": 10.0},
    ),
    (
        "[11/24 10:00:00 d2.utils.events]: eta: 0:10:00  iter: 19  loss_cls: 1.2  max_mem: 2000M",
        19,
        {"loss_cls": 1.2},
    ),
    (
        "10/10 [==============================] - 1s 5ms/step - loss: 0.3 - accuracy: 0.9",
        None,
        {**LOSS, "accuracy": 0.9},
    ),
    (
        "10/10 ━━━━━━━━━━━━━━━━━━━━ 1s 5ms/step - accuracy: 0.9000 - loss: 0.3",
        None,
        {"accuracy": 0.9, **LOSS},
    ),
    ("Epoch 3:  12%|█▏        | 12/100 [00:01<00:07, 11.9it/s, loss=0.3]", 312, LOSS),
    (" 12%|█▏        | 12/100 [00:01<00:07, loss=0.3, acc=0.5]", 12, {**LOSS, "acc": 0.5}),
    (
        "Epoch 1: 100%|██████████| 12/12 [00:01<00:00,  8.30it/s, v_num=0, train_loss=0.500]",
        24,
        {"train_loss": 0.5},
    ),
    (
        "[10]\tvalid_0's auc: 0.9\tvalid_0's binary_logloss: 0.3",
        10,
        {"valid_0_auc": 0.9, "valid_0_binary_logloss": 0.3},
    ),
    ("[10] valid_0's auc: 0.9", 10, {"valid_0_auc": 0.9}),
    ("[0]\ttrain-auc:0.91\ttest-auc:0.88", 0, {"train-auc": 0.91, "test-auc": 0.88}),
    (
        "0:\tlearn: 0.6801\ttest: 0.69\tbest: 0.69 (0)\ttotal: 50ms\tremaining: 5s",
        0,
        {"learn": 0.6801, "test": 0.69, "best": 0.69},
    ),
    ('{"epoch": 1, "loss": 0.3}', 1, LOSS),
    ('{"loss": 0.3, "cut', None, LOSS),
    ('{"step": 7, "train": {"loss": 0.3}, "time": 17, "msg": "x", "ok": true}', 7, {"train.loss": 0.3}),
    (
        "{'loss': 0.3, 'learning_rate': 5e-05, 'epoch': 0.5}",
        None,
        {**LOSS, "learning_rate": 5e-05, "epoch": 0.5},
    ),
    ("{'eval_loss': 0.3, 'eval_runtime': 1.2, 'eval_samples_per_second': 100.1}", None, {"eval_loss": 0.3}),
    ("Test set: Average loss: 0.0512, Accuracy: 9850/10000 (98%)", None, {"Average_loss": 0.0512}),
    ("Iteration 1, loss = 2.30258", 1, {"loss": 2.30258}),
    ("Iteration 7, inertia 123.4.", 7, {"inertia": 123.4}),
    ("2026-11-24 10:00:00,123 INFO trainer: epoch 2 loss=0.3", 2, LOSS),
    ("2026-11-24 10:00:00,123 - root - INFO - val_loss: 0.4", None, {"val_loss": 0.4}),
    ("INFO:root:loss=0.3", None, LOSS),
    ("\x1b[32mEpoch 4\x1b[0m loss: \x1b[1m0.3\x1b[0m", 4, LOSS),
    ("Final accuracy: 0.97.", None, {"Final_accuracy": 0.97}),
    ("test accuracy = 0.97", None, {"test_accuracy": 0.97}),
    ("Saving model with val_loss=0.31 to out/model.pt", None, {"val_loss": 0.31}),
    ("round 3: reward 12.5", 3, {"reward": 12.5}),
    ("loss: -inf", None, {"loss": -math.inf}),
]
NOTHING = [
    "",
    "Loaded 50000 images in 3.2 s",
    "Training for 10 epochs",
    "Listening on http://127.0.0.1:8080/?a=1",
    "version: 1.2.3",
    "torch version 2.1",
    "Time: 3.2 s",
    "time: 3.2",
    "Memory: 12.3 GB",
    "Progress: 97%",
    "Accuracy: 97.5%",
    "throughput: 1000 samples/s",
    "3/10",
    "seed=42 batch_size=64 num_workers=4",
    "10:23:45 started",
    "SGD(lr=0.1, momentum=0.9)",
    "Namespace(lr=0.1, epochs=3)",
    "model.bin: 100%|####| 440M/440M [00:05<00:00, 80MB/s]",
    "3/10 [==>...........................] - ETA: 1s - loss: 0.5",
    "Note: 3 samples skipped",
    "found 3 files",
    "server on port: 8080",
    "The best accuracy so far was: 0.93",
    "[W Context.cpp:70] Warning: 3",
    '{"level": 30, "pid": 17}',
    "100.64.0.1:6379",
]


@pytest.mark.parametrize(("line", "step", "metrics"), FOUND)
def test_line_with_metrics(line: str, step: int | None, metrics: dict[str, float]) -> None:
    """What training loops print is understood."""
    assert tuple(MetricLines().read(line)) == (step, metrics)


@pytest.mark.parametrize("line", NOTHING)
def test_line_without_metrics(line: str) -> None:
    """Prose, times, percentages, sizes, counts, settings and ratios are no metrics."""
    assert MetricLines().read(line).metrics == {}


@pytest.mark.parametrize("line", ["Step 3 of 10", "Epoch 3 finished in 12.3 seconds", "Epoch 3/10"])
def test_step_alone(line: str) -> None:
    """A line may say no more than where the training is."""
    assert tuple(MetricLines().read(line)) == (3, {})


def test_step_of_an_earlier_line() -> None:
    """A step on a line of its own counts for the lines after it."""
    lines = MetricLines()
    lines.read("Epoch 3/10")
    lines.read("  5/10 [====>.....] - ETA: 0s - loss: 0.4")
    bar = lines.read("10/10 [==========] - 1s - loss: 0.3")
    assert (bar, lines.read("val_loss: 0.3").step) == ((3, {"loss": 0.3}), 3)


def test_nan() -> None:
    """A loss that is no number any more is worth knowing."""
    assert math.isnan(MetricLines().read("loss: nan").metrics["loss"])


def test_long_line() -> None:
    """A line of any length is read in no time."""
    assert MetricLines().read("loss=0.3 " + "a b 1 " * 100_000).metrics == {"loss": 0.3}


def test_segments() -> None:
    """A progress bar that redraws its line gives as many lines."""
    assert list(segments(b"a 1\rb 2\r\n\x08\x08c\xff\n")) == ["a 1", "b 2", "c\ufffd"]
