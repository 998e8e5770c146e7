# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for a state, with a deadline and a failure text that helps."""

import time


class LabTimeout(AssertionError):
    """What was waited for did not come."""


def wait_until(predicate, what, deadline=5.0, poll=0.005, detail=None):
    """Call predicate until it is true, and return its value.

    what says in words what is waited for. An OSError, LookupError or
    AssertionError out of predicate counts as "not yet". After deadline
    seconds LabTimeout tells what was last seen and, if given, what detail()
    returns (a log, a table).
    """
    end = time.monotonic() + deadline
    last = None
    while True:
        try:
            last = predicate()
            if last:
                return last
        except (OSError, LookupError, AssertionError) as error:
            last = error
        if time.monotonic() >= end:
            break
        time.sleep(poll)
    text = f"not within {deadline:g} s: {what}; last seen: {last!r}"
    if detail is not None:
        text += f"\n{detail()}"
    raise LabTimeout(text)
