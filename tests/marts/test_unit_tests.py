"""dbt's own unit tests of the models."""

from pipelines.dbt_build import build, manifest
from pipelines.home import Home


def test_every_unit_test_of_the_project_passes(copy_of_streets: Home) -> None:
    declared = {test["name"]: test["model"] for test in manifest()["unit_tests"].values()}
    assert declared
    # dbt runs them with the models that they try.
    results = build(copy_of_streets, "--select", *sorted(set(declared.values())))
    answers = {row.name: (row.status, row.message) for row in results if row.unique_id.startswith("unit_test.")}
    assert answers.keys() == declared.keys()
    assert {name: answer for name, answer in answers.items() if answer[0] != "pass"} == {}
