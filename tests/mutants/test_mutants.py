"""That each mutant still takes out what it names; ./test --mutants runs the tests against it."""

from tests.mutants.__main__ import ROOT
from tests.mutants.catalogue import MUTANTS
from tests.support.together import Cases


def test_every_guard_is_where_its_mutant_takes_it_out() -> None:
    cases = Cases()
    for mutant in MUTANTS:
        with cases.case(mutant.name):
            assert all((ROOT / test).exists() for test in mutant.tests), mutant.tests
            for change in mutant.changes:
                assert (ROOT / change.path).read_text(encoding="utf-8").count(change.old) == 1, change
    cases.conclude()
