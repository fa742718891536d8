"""Published tables as arrays, for tests of functions that take arrays.

Sources stand with each; the library's own copies (dk.load) are tested against the same totals
in tests/data/test_datasets.py.
"""

import numpy as np

# Ball, Shin & Yang (2018): three documents b, c, d on women held at Palembang, 1945.
PALEMBANG = {"001": 41, "010": 5, "100": 5, "110": 54, "101": 6, "111": 12}

# Ball, Betts, Scheuren, Dudukovich & Asher (2002): EXH, ABA, OSCE, HRW, Kosovo 1999.
KOSOVO = {
    "1000": 1131,
    "0100": 845,
    "0010": 936,
    "0001": 306,
    "1100": 177,
    "1010": 228,
    "1001": 106,
    "0110": 217,
    "0101": 31,
    "0011": 123,
    "1110": 181,
    "1101": 18,
    "1011": 42,
    "0111": 32,
    "1111": 27,
}
# Chan, Silverman & Vincent (2021), Table 2: constructed so that existence and uniqueness fail.
ARTIFICIAL = {"100": 40, "010": 30, "001": 20, "110": 6}

# Hook, Albright & Cross (1980), as in Madigan & York (1997), Biometrika 84:19.
SPINA_BIFIDA = {
    "001": 60,
    "010": 49,
    "011": 4,
    "100": 247,
    "101": 112,
    "110": 142,
    "111": 12,
}


def counts(table: dict[str, int]) -> np.ndarray:
    """Counts over subsets; the first letter of a history is the first list (bit 0)."""
    k = len(next(iter(table)))
    out = np.zeros(1 << k, dtype=np.int64)
    for history, count in table.items():
        out[int(history[::-1], 2)] += count
    return out
