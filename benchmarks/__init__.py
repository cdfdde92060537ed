"""Wall-clock figures, re-runnable; never assertions. Results go to benchmarks/results/."""
