"""Files of claim lines through a policy.

Lines stream: a batch of rows is read, grouped into requests, determined and written before the
next one is read, so memory is bounded by a batch and not by the file. The answer for a line is
the one that `Policy.determine` gives for its request. `answer` is the same without files: an
Arrow table of whole requests in, an Arrow table of answers out; `run_on_spark`, a file's on a
cluster.
"""

from medpolicy.batch.run import Summary, run
from medpolicy.batch.spark import run_on_spark
from medpolicy.batch.tables import Answered, answer

__all__ = ["Answered", "Summary", "answer", "run", "run_on_spark"]
