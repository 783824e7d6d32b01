"""The blocklist of common and breached passwords: built at set-up from a package, asked offline.

`python -m idp.people.credentials.common_passwords build SOURCE TARGET` reads one password a line,
commonest first, and writes a Bloom filter to TARGET and the commonest words beside it.
"""

import hashlib
import sys
from functools import lru_cache
from itertools import islice
from pathlib import Path

from rbloom import Bloom

from idp.people.credentials.rules import WordLists, folded

_FALSE_POSITIVES = 1e-6
_WORD_MIN_LENGTH = 5
_WORDS_KEPT = 20_000


class BlocklistMissing(Exception):
    """The filter was not built; without it no password can be accepted."""


def _hashed(text: object) -> int:
    digest = hashlib.sha1(str(text).encode("utf-8", "surrogatepass"), usedforsecurity=False)
    return int.from_bytes(digest.digest()[:16], "big", signed=True)


def words_file(filter_file: Path) -> Path:
    """Return where the commonest words stand beside a filter."""
    return filter_file.with_suffix(".words.txt")


def build(source: Path, target: Path) -> int:
    """Write the filter and the words; return how many passwords the filter knows."""
    passwords = source.read_text("utf-8", "replace").splitlines()
    known = Bloom(max(len(passwords), 1), _FALSE_POSITIVES, _hashed)
    known.update(folded(password) for password in passwords)
    target.parent.mkdir(parents=True, exist_ok=True)
    words = (folded(p) for p in passwords if len(p) >= _WORD_MIN_LENGTH)
    words_file(target).write_text("\n".join(islice(words, _WORDS_KEPT)), "utf-8")
    known.save(str(target))
    return len(passwords)


@lru_cache(maxsize=4)
def load(filter_file: Path, common_words: int, service_words: tuple[str, ...] = ()) -> WordLists:
    """Read the filter; BlocklistMissing says how to build it.

    common_words: how many of the commonest count; service_words: count as well.
    """
    if not filter_file.exists():
        raise BlocklistMissing(f"{filter_file} is missing: `python3 dev.py run` builds it")
    known = Bloom.load(str(filter_file), _hashed)
    lines = words_file(filter_file).read_text("utf-8").splitlines()
    words = frozenset((*lines[:common_words], *map(folded, service_words)))
    return WordLists(lambda text: folded(text) in known, words)


if __name__ == "__main__":
    _, _command, given_source, given_target = sys.argv
    sys.stdout.write(f"{build(Path(given_source), Path(given_target))} passwords\n")
