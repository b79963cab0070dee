"""Clinical medical policy as code.

    policy = medpolicy.load("policies/some-policy")
    policy.determine(request).to_dict()

A policy is a folder of data; software never denies.
"""

from medpolicy.determination import Determination, Disposition, LineDetermination, Missing, Reason
from medpolicy.determine import Policy, load
from medpolicy.problems import MedpolicyError, PolicyError, Problem, RequestError
from medpolicy.record import Request, read_request

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
    "__version__",
    "load",
    "read_request",
]
