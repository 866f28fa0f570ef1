"""MLflow on top of Git: what MLflow's entry points load. Only here may `mlflow` be imported.

`mlflow.set_tracking_uri("gittrack:.")` sends the calls of MLflow into runs of a repository. What a call
answers, what it refuses and with which error code is as MLflow's own database store has it; the few
differences are listed in `docs/mlflow.md`.

- a run of MLflow is a run of ours: live while its process has it, committed when it ends;
- an experiment is the `experiment` of runs; what else is known of one are files in `.mlflow/` of the runs
  branch (`experiments`);
- a logged model (MLflow 3) is a run of ours too, of an id `m-…`;
- what our runs have no word for are tags below `gittrack.mlflow.` (`marks`), which MLflow never sees.
"""
