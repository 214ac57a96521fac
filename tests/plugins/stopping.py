"""A person who stops a method, at a moment that can be counted."""

import time


class StopAt:
    """A wish to stop that comes with the n-th question, counts them all, and knows when it came."""

    def __init__(self, after=10**9):
        self.after, self.asked, self.at = after, 0, None

    def __call__(self):
        self.asked += 1
        if self.asked >= self.after and self.at is None:
            self.at = time.perf_counter()
        return self.asked >= self.after
