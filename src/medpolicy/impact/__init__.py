"""What another version of a policy would mean for the lines of a claims file.

Both versions answer the whole file, by columns as `medpolicy batch` does, in one reading. What
differs is counted: *flips*, lines with another disposition, by what they were and become; and,
apart, lines whose disposition stays while the result of the criteria, the criterion, the missing
facts or the flags differ.

**What if.** Claims are of the past, and a new version is in force from some day on. Each by its
own dates, nearly every line would change, and that says nothing of the rules. So each version
answers as if it were in force on every day (`medpolicy.impact.pair.always`): before its first
day all is as on that day, and after its last as on the last. A folder of versions stands for its
newest. By date instead, each line is answered as `medpolicy batch` answers it, by the version in
force on its day, and a single version by its own dates.

**What leaves.** Counts, rates, plots and examples leave, and no count of 1 to 10 (or below
another threshold) can be worked out from them: see `medpolicy.impact.suppression`. The threshold
is that of CMS, which lets no cell below 11 leave. Counts are of lines, since a claims file does
not say which requests are one person's. An example is no line of the file: a single line, with
its code, its month and its facts, is a cell of one. It is a code with two answers, and it is
shown only where at least as many lines have them as the threshold says. So no request's id, no
date of a person and no fact leaves. The file of flipped lines does name them. It is for use
inside, to look lines up, and is written only where it is asked for.
"""

from medpolicy.impact.pair import Pair, read_pair
from medpolicy.impact.report import Report
from medpolicy.impact.run import Files, run

__all__ = ["Files", "Pair", "Report", "read_pair", "run"]
