"""The schedules that an adapter follows, by the name of what they set, and their plateaus."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from glissando.adapters.shared.names import other_name
from glissando.adapters.shared.resume import (
    Policy,
    ScheduleMismatch,
    check_policy,
    form,
    resumed_from,
)
from glissando.errors import ScheduleError, hint, shown
from glissando.plateau import MetricDriven, OnPlateau, PlateauState, plateau_of
from glissando.rules import COUNT
from glissando.schedule import Schedule
from glissando.text.data import from_data
from glissando.text.permissions import imports_of
from glissando.value import entries

AnySchedule = Schedule | OnPlateau
"""What can be followed: a schedule, or one that a metric moves."""

Schedules = AnySchedule | Mapping[str, AnySchedule]
"""What users give: a schedule, or several by the name of what they set."""


class ParamSchedules:
    """The schedules that an adapter follows, how they are saved, and how they are loaded.

    The adapter counts the steps: here nothing does.

    Args:
        schedule: a schedule, one on a plateau, or several by the name of what they set.
        where: what messages call the adapter.
        main: the name of what a single schedule sets.

    Raises:
        ScheduleError: there is something else among them, or nothing.

    Attributes:
        built: what the adapter was built with, by name.
        followed: what is followed now, by name: after a resume it may be another.
        states: what the plateaus remember, by name.
    """

    def __init__(self, schedule: object, where: str, main: str = "lr") -> None:
        named: dict[str, Any] = by_name(schedule, main)
        for name, value in named.items():
            if not isinstance(value, AnySchedule):
                raise ScheduleError(
                    f"{where}: `{name}` must be a schedule, got {shown(value)}{hint(value)}"
                )
        if not named:
            raise ScheduleError(f"{where}: `schedule` must name something to set, got {{}}")
        self.where = where
        self.main = None if isinstance(schedule, Mapping) else main
        self.built: dict[str, AnySchedule] = named
        self.followed: dict[str, AnySchedule] = named
        self.states = _first(named)
        self._earlier = (0, self.states)  # a step, and what the plateaus remembered before it

    @property
    def names(self) -> list[str]:
        """What is scheduled."""
        return list(self.followed)

    @property
    def alone(self) -> bool:
        """Whether it is a single schedule, which has no name in what is saved."""
        # with on_mismatch="keep", what is followed may have been saved from several
        return self.main is not None and list(self.followed) == [self.main]

    @property
    def schedule(self) -> AnySchedule | dict[str, AnySchedule]:
        """What is followed now: the schedule, or the schedules by name."""
        return self.followed[self.names[0]] if self.alone else dict(self.followed)

    @property
    def monitors_metric(self) -> bool:
        """Whether any of the schedules is on a plateau."""
        return bool(self.states)

    def check_names(self, known: Sequence[str], why: str) -> None:
        """Raise if a schedule sets anything else than `known`, since `why`."""
        for name in self.names:
            if name not in known:
                raise ScheduleError(
                    f"{self.where}: `{name}` cannot follow a schedule, since {why}"
                    f"{other_name(name, known) or '.'} What can: {', '.join(known)}"
                )

    def check_monitors(self, metric: str) -> None:
        """Raise if no schedule is on a plateau that could monitor `metric`."""
        if not self.monitors_metric:
            raise ScheduleError(
                f"{self.where}: no schedule monitors {metric}; put one on a plateau: "
                "gl.Plateau(...).on(schedule)"
            )

    def rate(self, name: str, step: int) -> float:
        """Return the value of a name at a step, moved by its plateau if it is on one."""
        followed = self.followed[name]
        if isinstance(followed, Schedule):
            return float(followed(step))
        observed, earlier = self._earlier
        return float(followed(step, (earlier if step < observed else self.states)[name]))

    def rates(self, step: int) -> dict[str, float]:
        """Return all values at a step, by name."""
        return {name: self.rate(name, step) for name in self.followed}

    def observe(self, metric: Any, step: int) -> None:
        """Let every plateau observe one more metric, after `step` updates.

        Raises:
            ScheduleError: `metric` is no number, or no schedule is on a plateau.
        """
        self.check_monitors(f"a metric, got {shown(metric)}")
        states = {
            name: followed.update(self.states[name], metric, step)
            for name, followed in self.followed.items()
            if isinstance(followed, OnPlateau)
        }
        if step != self._earlier[0]:
            self._earlier = step, self.states
        self.states = states

    def finish(self, done: int, *, steps: int | None = None, at: int | None = None) -> None:
        """End what is open-ended, in every schedule that has such a part.

        Args:
            done: the updates done; what they used does not change.
            steps: how long the whole shall be; see `Schedule.finish`.
            at: the step at which the part shall end; give this or `steps`.

        Raises:
            ScheduleError: no schedule is open-ended, it cannot end there, or it would have
                ended before `done`. Nothing changed then.
        """
        finished = {
            name: _finished(followed, done, steps, at, f"{self.where}: `{name}`")
            for name, followed in self.followed.items()
            if bare(followed).open_part is not None
        }
        if not finished:
            raise ScheduleError(
                f"{self.where}: no schedule is open-ended, or it was finished already; make an "
                "open-ended part with .open_ended()"
            )
        self.followed = self.followed | finished

    def anew(self) -> "ParamSchedules":
        """Return the same, as it was built."""
        fresh = copy.copy(self)
        fresh.followed, fresh.states = self.built, _first(self.built)
        fresh._earlier = (0, fresh.states)
        return fresh

    def state_dict(self, step: int) -> dict[str, Any]:
        """Return `{"step": k, "schedule": ...}`, and `"plateau"` if there is one.

        It holds plain values only. A single schedule is its JSON form, several are a dictionary of
        forms by name, and so is what the plateaus remember.
        """
        forms = {name: _form(followed, step) for name, followed in self.followed.items()}
        state: dict[str, Any] = {"step": step}
        state["schedule"] = forms[self.names[0]] if self.alone else forms
        if self.states:
            state["plateau"] = {name: s.to_data() for name, s in self.states.items()}
        return state

    def load_state_dict(self, state: object, on_mismatch: Policy = "raise") -> int:
        """Go on from what `state_dict` returned, and return its step.

        Args:
            state: what was saved.
            on_mismatch: what to do if it was saved with another schedule; see `ScheduleMismatch`.
                A plateau whose settings are the same goes on from what it remembers, and another
                one begins anew; `"rewarm"` begins it anew, too.

        Raises:
            ScheduleMismatch: it was saved with another schedule, and `on_mismatch` is `"raise"`.
            ScheduleError: this is no saved state. Whatever is raised, nothing changed.
        """
        check_policy(on_mismatch)
        try:
            return self._load(state, on_mismatch)
        except RecursionError:
            raise ScheduleError(f"{self.where}: the saved state is nested too deep") from None

    def _load(self, state: object, on_mismatch: Policy) -> int:
        step, saved, remembered = self._read(state)
        if on_mismatch == "raise" and set(saved) not in (set(self.built), set(self.followed)):
            raise ScheduleMismatch(
                f"{self.where}: the checkpoint was saved with schedules of {', '.join(saved)}, but "
                f"there are schedules of {', '.join(self.built)}. Pass on_mismatch='keep' to go "
                "on with the saved ones, or 'replace', 'continue' or 'rewarm' with the new ones",
                None,
                bare(next(iter(self.built.values()))),
                step,
            )
        followed: dict[str, AnySchedule] = {}
        states: dict[str, PlateauState | None] = {}
        for name in saved if on_mismatch == "keep" else self.built:
            if name not in saved:
                followed[name] = self.built[name]
                continue
            data, state_then = saved[name], remembered.get(name)
            try:  # a state of these very schedules, after an earlier resume
                found = self._resumed(name, data, state_then, self.followed[name], step, "raise")
            except (KeyError, ScheduleMismatch):
                new = self.built.get(name)
                found = self._resumed(name, data, state_then, new, step, on_mismatch)
            followed[name], states[name] = found
        self.followed = followed
        self.states = _first(followed)
        self.states |= {name: state for name, state in states.items() if state is not None}
        self._earlier = (0, self.states)
        return step

    def _read(self, state: object) -> tuple[int, dict[str, Any], dict[str, PlateauState]]:
        """Return the step, and by name the forms and what the plateaus remember."""
        if not isinstance(state, Mapping) or set(state) - {"plateau"} != {"step", "schedule"}:
            got = f"with {shown(list(state))}" if isinstance(state, Mapping) else shown(state)
            raise ScheduleError(
                f"{self.where}: a saved state must be what state_dict() returned, got one {got}: "
                "is it that of another scheduler?"
            )
        step = int(COUNT.check(state["step"], f"{self.where}: the step in the saved state"))
        saved, plateaus = state["schedule"], state.get("plateau", {})
        for key, value in (("schedule", saved), ("plateau", plateaus)):
            if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
                raise ScheduleError(f"{self.where}: `{key}` in the saved state is {shown(value)}")
        if not saved:
            raise ScheduleError(f"{self.where}: there is no schedule in the saved state")
        if "type" in saved:
            saved = {self.main or "lr": saved}
        remembered: dict[str, PlateauState] = {}
        for name, data in plateaus.items():
            _, plateau, _ = _split(saved.get(name))
            if plateau is None:
                raise ScheduleError(
                    f"{self.where}: `plateau` in the saved state has {name}, of which it has no "
                    "schedule on a plateau"
                )
            remembered[name] = plateau.memory.from_data(data)
        return step, dict(saved), remembered

    def _resumed(
        self,
        name: str,
        data: Any,
        state: PlateauState | None,
        new: AnySchedule | None,
        step: int,
        policy: Policy,
    ) -> tuple[AnySchedule, PlateauState | None]:
        """Return what to go on with from a saved form, and what its plateau remembers.

        What is to begin anew remembers None.
        """
        where = f"{self.where}: `{name}`"
        factor = 1.0 if state is None else state.factor
        base, plateau, after = _split(data)
        if new is None:  # kept, although nothing of that name was built
            return _wrapped(from_data(base), plateau, after), state
        schedule = bare(new)
        wanted = (new.plateau, new.after) if isinstance(new, OnPlateau) else (None, 0)
        if (plateau, after) == wanted or policy == "keep":
            found = resumed_from(base, schedule, step, policy, where=where)
            anew = policy == "rewarm" and _differs(found, base)
            return _wrapped(found, plateau, after), None if anew else state
        if policy == "raise":
            raise ScheduleMismatch(
                f"{where}: the checkpoint was saved after {step} updates under another plateau.\n"
                f"  saved: {_described(plateau, after)}\n"
                f"  new:   {_described(*wanted)}\n"
                f"  The saved one has taken the rate to {factor:.6g} of its schedule's.\n"
                "Pass on_mismatch='keep' to go on with the saved one, 'replace' to begin the new "
                "one, 'continue' to begin it at the present rate, or 'rewarm' to begin the new "
                "schedule at its own step 0.",
                None,
                schedule,
                step,
            )
        if policy == "continue" and factor != 1 and not _is_function(base):
            base = (from_data(base, allow_imports=imports_of(schedule)) * factor).to_data()
        found = resumed_from(base, schedule, step, policy, where=where)
        return _wrapped(found, *wanted), None


def by_name(schedule: Any, main: str = "lr") -> dict[str, Any]:
    """Return schedules by the names of what they set; a single one sets `main`."""
    return dict(schedule) if isinstance(schedule, Mapping) else {main: schedule}


def bare(followed: AnySchedule) -> Schedule:
    """Return a schedule without its plateau."""
    return followed.schedule if isinstance(followed, OnPlateau) else followed


def _first(followed: Mapping[str, AnySchedule]) -> dict[str, PlateauState]:
    return {name: value.init() for name, value in followed.items() if isinstance(value, OnPlateau)}


def _finished(
    followed: AnySchedule, done: int, steps: int | None, at: int | None, where: str
) -> AnySchedule:
    """Return a schedule with an end for its open-ended part, which is not before `done`."""
    schedule = bare(followed)
    finished = schedule.finish(steps=steps, at=at)
    _, after = schedule.open_part or (0, 0)
    end = at if steps is None else steps - after
    if end is not None and end < done:
        raise ScheduleError(
            f"{where}: an open-ended part cannot end at step {int(end)}: {done} updates are "
            f"done. Give at={done} or more"
            + (f", or steps={done + int(after)} or more" * (steps is not None))
        )
    return followed.replace(schedule=finished) if isinstance(followed, OnPlateau) else finished


def _form(followed: AnySchedule, step: int) -> dict[str, Any]:
    if isinstance(followed, Schedule):
        return form(followed, step)
    return followed.to_data() | {"schedule": form(followed.schedule, step)}


def _split(data: Any) -> tuple[Any, MetricDriven[Any] | None, int]:
    """Return the form of the schedule, and the plateau that it was on."""
    if not isinstance(data, Mapping) or data.get("type") != "on_plateau":
        return data, None, 0
    found = entries(OnPlateau, data)
    return found["schedule"], plateau_of(found["plateau"]), found.get("after", 0)


def _is_function(data: Any) -> bool:
    return isinstance(data, Mapping) and data.get("type") == "function"


def _differs(schedule: Schedule, data: Any) -> bool:
    allowed = imports_of(schedule)
    return not _is_function(data) and schedule != from_data(data, allow_imports=allowed)


def _wrapped(schedule: Schedule, plateau: MetricDriven[Any] | None, after: int) -> AnySchedule:
    return schedule if plateau is None else OnPlateau(schedule, plateau, after)


def _described(plateau: MetricDriven[Any] | None, after: int) -> str:
    return "none" if plateau is None else f"{plateau!r}, after {after} updates"
