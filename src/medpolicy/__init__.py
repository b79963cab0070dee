"""Clinical medical policy as code.

    policy = medpolicy.load("policies/some-policy")
    policy.determine(request).to_dict()

A policy is a folder of data, or of versions of it; software never denies.
"""

from medpolicy.determination import Determination, Disposition, LineDetermination, Missing, Reason
from medpolicy.determine import Policy
from medpolicy.problems import MedpolicyError, PolicyError, Problem, RequestError
from medpolicy.record import Request, read_request
from medpolicy.versions import VersionedPolicy, load

__version__ = "0.1.0"

__all__ = [
    "Determination",
    "Disposition",
    "LineDetermination",
    "MedpolicyError",
    "Missing",
    "Policy",
    "PolicyError",
    "Problem",
    "Reason",
    "Request",
    "RequestError",
    "VersionedPolicy",
    "__version__",
    "load",
    "read_request",
]
