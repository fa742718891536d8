"""What the command line says of lists that were not at work."""

import pytest

from darkfigure.data.inactive import read_inactive
from darkfigure.errors import SettingsError


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["F: year=2014"], {"F": [{"year": [2014]}]}),
        (["F:year=2010-2012"], {"F": [{"year": range(2010, 2013)}]}),
        (["F:year=2010..2011|2014"], {"F": [{"year": [2010, 2011, 2014]}]}),
        (
            ["F:year=2014, region=north west|s"],
            {"F": [{"year": [2014], "region": ["north west", "s"]}]},
        ),
        (["F:code=01", "F:year=2014"], {"F": [{"code": ["01"]}, {"year": [2014]}]}),
    ],
)
def test_text_is_read(texts, expected) -> None:
    assert read_inactive(texts) == expected


@pytest.mark.parametrize("text", ["F", "F:", "F:year", ":year=2014", "F:year=", "F:year=2014,"])
def test_text_that_cannot_be_read(text) -> None:
    with pytest.raises(SettingsError, match="expected a list, and the strata"):
        read_inactive([text])
