"""The law: whatever cell is asked for, the number computed once more is the published one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.home import Home
from tests.explain.asking import ask, is_exact
from tests.explain.cells import choices


def test_every_cell_of_the_simulated_home_is_recomputed_exactly(tiny_home: Home) -> None:
    drawn_from = choices(tiny_home)
    cells = st.sampled_from(drawn_from).flatmap(
        lambda choice: st.tuples(st.just(choice.table), st.sampled_from(choice.keys), st.sampled_from(choice.columns))
    )

    @settings(max_examples=60, derandomize=True, deadline=None, database=None)
    @given(cells)
    def law(cell: tuple[str, tuple[object, ...], str]) -> None:
        table, key, column = cell
        told = ask(tiny_home, table, *key, column)
        assert is_exact(told), told.recomputed.sentence

    law()
