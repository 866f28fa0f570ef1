"""Which names of numbers in output are metrics; pure."""

from __future__ import annotations

_TEXT = """
time times date eta elapsed remaining duration took seconds secs sec ms minutes hours
timestamp ts uptime runtime speed throughput fps it/s wps ups wpb bsz
pid ppid port version v_num level lineno line code status exit errno id uuid uid index idx rank
local_rank world_size node nodes gpu gpus cpu cpus cuda device devices worker workers num_workers
thread threads n_jobs host seed random_state size batch batch_size batches epochs steps
total count length len max_mem mem memory ram data data_time params parameters params_count
fold trial split attempt try of in at to after for from by with and is was are has had have using on than
the a an over per least most warning note hint info debug found loaded saved took finished completed
"""
_NOT_METRICS = frozenset(_TEXT.split())
_ENDS = (
    "_time",
    " time",
    "_memory",
    "_mem",
    "_id",
    "_size",
    "_seconds",
    "_ms",
    "_sec",
    "per_second",
    "runtime",
)
_STARTS = ("num_", "num ", "number of ", "n_", "max_", "consumed", "time_", "eta_", "gpu_", "cpu_", "cuda")


def is_metric(name: str) -> bool:
    """Whether a number of this name, found in output, is a metric: no time, size, count or setting."""
    plain = name.strip(" '\"").lower()
    if not plain or plain in _NOT_METRICS or plain.startswith(_STARTS) or plain.endswith(_ENDS):
        return False
    words = plain.split()
    return len(words) == 1 or not _NOT_METRICS.intersection(words)
