"""Jobs computed at once, with what they need: no store, no processes."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsangle.runs.jobs import Job


def computed(job: "Job", known: dict[str, Any], done: dict[str, Any] | None = None) -> dict[str, Any]:
    """The values of a job. `known`: values of stages that aren't computed; `done`: keeps values by the job's key."""
    from newsangle.runs.stages import STAGES

    done = {} if done is None else done
    if job.stage in known:
        return known[job.stage]
    if job.key not in done:
        upstream = {name: computed(needed, known, done) for name, needed in job.needs.items()}
        done[job.key] = STAGES[job.stage](job.part, job.files, upstream)
    return done[job.key]
