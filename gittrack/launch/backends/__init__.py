"""Where a job runs: on this machine, or on an engine such as Slurm, Ray, Dask or Kubernetes.

A submitted job is always the same process, `gittrack exec`: it makes a work tree at the snapshot of the code
and an environment, runs the command, and records it under the id that the submitter chose. `base` has the
values and the protocol, `all_backends` the registry, `submission` what a submitter calls.
"""
