from functools import partial

from glissando.studies.fingerprint import fingerprint


def helper():
    return 1


def other_helper():
    return 2


class Training:
    def __init__(self, part):
        self.part = part

    def __call__(self, schedule, seed, resume, report):
        return self.part()


def calls_helper(schedule, seed, resume, report):
    return helper()


def closes_over(part):
    def train(schedule, seed, resume, report):
        return part()

    return train


def test_what_a_function_holds_counts():
    digests = {
        fingerprint(train)
        for train in (
            calls_helper,
            helper,
            closes_over(helper),
            closes_over(other_helper),
            Training(helper),
            Training(other_helper),
            Training(helper).__call__,
            partial(closes_over, helper),
        )
    }
    assert len(digests) == 7


def test_the_same_again_is_the_same():
    assert fingerprint(closes_over(helper)) == fingerprint(closes_over(helper))
    assert fingerprint(Training(helper)) == fingerprint(Training(helper).__call__)


def test_a_change_of_a_helper_in_the_module_counts(monkeypatch):
    before = fingerprint(calls_helper)
    monkeypatch.setitem(globals(), "helper", other_helper)
    assert fingerprint(calls_helper) != before


def test_a_function_typed_at_a_prompt():
    def typed(number):
        names = {"__name__": "__main__"}
        exec(f"def train(schedule, seed, resume, report):\n    return {number}", names)
        return names["train"]

    assert fingerprint(typed(1)) == fingerprint(typed(1)) != fingerprint(typed(2))
