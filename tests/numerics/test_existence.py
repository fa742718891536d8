import numpy as np
import pytest

from darkfigure.numerics.existence import check_model
from darkfigure.numerics.hierarchy import closure, hierarchical_models
from numerics.tables import ARTIFICIAL, KOSOVO, PALEMBANG, counts

EVERYWHERE = np.ones(8, dtype=bool)

# Chan, Silverman & Vincent (2021), section 3.3: [12,13,23] not identifiable, [12,3] no
# estimate, [13,23] fine
CODES = [([0b011, 0b101, 0b110], 2), ([0b011], 1), ([0b101, 0b110], 0)]


@pytest.mark.parametrize(("terms", "code"), CODES)
def test_status_codes_of_the_artificial_table(terms, code):
    status = check_model(counts(ARTIFICIAL), closure(terms, 3), EVERYWHERE)
    assert status.code == code


def test_palembang_has_one_pair_too_many():
    # the fit of [12,13] runs off to N = 1.2e11 with a flat deviance: it has no estimate
    status = check_model(counts(PALEMBANG), closure([0b011, 0b101], 3), EVERYWHERE)
    assert not status.exists


def test_every_kosovo_model_but_the_saturated_has_an_estimate():
    possible = np.ones(16, dtype=bool)
    y = counts(KOSOVO)
    codes = [check_model(y, m, possible).code for m in hierarchical_models(4, 3, possible)]
    assert set(codes) == {0}
    saturated = np.ones(16, dtype=bool)
    assert check_model(y, saturated, possible).code == 2


def test_hereditary_rule():
    """If a model has an estimate, so has the one without a pair that does overlap."""
    possible = np.ones(16, dtype=bool)
    rng = np.random.default_rng(5)
    for _ in range(30):
        y = rng.poisson(0.7, 16)
        pairs = [t for t in range(16) if bin(t).count("1") == 2]
        chosen = [t for t in pairs if rng.random() < 0.5]
        if not check_model(y, closure(chosen, 4), possible).exists:
            continue
        for pair in chosen:
            overlap = sum(y[w] for w in range(1, 16) if w & pair == pair)
            if overlap:
                less = closure([t for t in chosen if t != pair], 4)
                assert check_model(y, less, possible).exists
