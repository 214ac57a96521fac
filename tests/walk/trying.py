"""What walks through methods share: a run begun, waited for, and every page of its result photographed."""

from __future__ import annotations

from walking import Walking


class Trying(Walking):
    """One window in which methods are run."""

    def begin_run(self, method):
        """Start what is filled in and return the run once it is there."""
        known = set(
            self.eyes.ask(lambda: [each.name for each in self.window.studio.workspace.runs])
        )
        self.hands.key("ctrl+Return")

        def new():
            runs = self.window.studio.workspace.runs
            return next(
                (each for each in runs if each.name not in known and method in each.name), None
            )

        self.hands.wait_for(lambda: new() is not None, method, 60)
        return self.eyes.ask(new)

    def tabs(self):
        return self.window.results.page.tabs

    def finish(self, run, number, name, seconds=400.0):
        hands = self.hands
        hands.wait_for(lambda: run.state.value in {"done", "failed"}, name, seconds)
        assert run.state.value == "done", run.error()
        hands.click("Runs", row=run.name[:4])
        hands.key("ctrl+shift+r")
        hands.rest(2.0)
        pages = self.eyes.ask(lambda: self.tabs().count())
        for k in range(pages):
            self.eyes.ask(lambda k=k: self.tabs().setCurrentIndex(k))
            hands.rest(1.0)
            hands.photograph(f"{number}-{name}-{k:02d}")

    def try_it(self, words, method, number):
        """Load the method's own example, photograph the form, run it and photograph the result."""
        hands = self.hands
        self.choose_method(words)
        hands.key("ctrl+shift+Return")
        form = self.eyes.ask(lambda: self.window.form)
        hands.wait_for(form.example_button.isEnabled, f"the example of {method}", 120)
        hands.rest(2.0)
        hands.photograph(f"{number}-form-{method}")
        self.finish(self.begin_run(method), number, method)
