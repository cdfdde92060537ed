"""Explanations: where a published number comes from, down to the meter read, and the number computed once more.

`registry.EXPLAINERS` says which columns can be explained; a capability that publishes further figures adds its
explainer there. An explainer reads the published generation, and the lake behind it for raw reads and for what
validation did; the arithmetic is that of `models.explain`.
"""
