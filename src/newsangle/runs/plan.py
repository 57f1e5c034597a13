"""Which jobs does an experiment need? Config in, graph of jobs out; points of `vary` share what they have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsangle.corpus.sources import SOURCES
from newsangle.runs.config import CorpusConfig, ExperimentConfig, TaskConfig
from newsangle.runs.contrast_plan import contrast_jobs
from newsangle.runs.experiment import Experiment
from newsangle.runs.jobs import Job
from newsangle.runs.task_plan import TaskJobs, plan_task


@dataclass(frozen=True)
class PointPlan:
    """The jobs of one point of `vary`: topics (if any), those of each task, each contrast, on one corpus."""

    label: str
    config: ExperimentConfig
    corpus: Job
    topics: Job | None
    topic_quality: Job | None
    seed_words: Job | None
    passage_topics: Job | None
    task_jobs: Mapping[str, TaskJobs]
    contrast_words: Mapping[str, Job]
    contrast_topics: Mapping[str, Job]

    @property
    def tasks(self) -> dict[str, Job]:
        """By task, the job that combines its models."""
        return {name: jobs.task for name, jobs in self.task_jobs.items()}

    @property
    def checks(self) -> dict[str, Job]:
        """By task, the job that checks it, where there is one."""
        return {name: jobs.checks for name, jobs in self.task_jobs.items() if jobs.checks is not None}

    @property
    def jobs(self) -> list[Job]:
        """Everything that this point needs; what takes longest and what others wait for come first."""
        on_tasks = [job for jobs in self.task_jobs.values() for job in jobs.all]
        on_topics = (self.topics, self.topic_quality, self.seed_words, self.passage_topics)
        contrasts = (*self.contrast_words.values(), *self.contrast_topics.values())
        return [self.corpus, *on_tasks, *[job for job in on_topics if job is not None], *contrasts]


def plan(experiment: Experiment, corpus_files: Mapping[str, Path]) -> list[PointPlan]:
    """Which jobs does each point of the experiment need? `corpus_files`: the fetched file of each named corpus."""
    points = []
    shared: dict[str, tuple[Job, dict[str, TaskJobs]]] = {}  # files are hashed once, not once a point
    for label, config in experiment.points:
        on_tasks = config.model_copy(update={"topics": None, "features": None, "contrast": None, "vary": {}})
        same = on_tasks.model_dump_json(warnings=False)
        if same not in shared:
            corpus = _corpus_job(experiment, config.corpus, corpus_files)
            shared[same] = (
                corpus,
                {
                    name: plan_task(name, task, _task_files(experiment, task, config), corpus, config.seed)
                    for name, task in sorted(config.tasks.items())
                },
            )
        points.append(_plan_point(label, config, *shared[same]))
    return points


def _plan_point(label: str, config: ExperimentConfig, corpus: Job, task_jobs: Mapping[str, TaskJobs]) -> PointPlan:
    tasks = {name: jobs.task for name, jobs in task_jobs.items()}
    if config.topics is None:
        contrasts = contrast_jobs(config, corpus, tasks, None, None)
        return PointPlan(label, config, corpus, None, None, None, None, task_jobs, *contrasts)
    topics = config.topics
    matrix = Job(
        "matrix",
        {
            "features": config.features.model_dump(mode="json"),
            "articles": topics.articles,
            "held_out": topics.held_out,
            "seed": config.seed,
        },
        needs={"corpus": corpus},
        title="document-term matrices",
    )
    read = Job("word_numbers", {}, needs={"corpus": corpus, "matrix": matrix}, title="articles as numbers of words")
    settings = {"model": topics.model, "n_topics": topics.n_topics, "options": topics.options}

    seeds = config.fit_seeds

    def fit(on: str, number: int, seeding: Mapping[str, list[str]] = topics.seeding, sample: int | None = None) -> Job:
        seed = seeds[number]
        told = " without seed words" if topics.seeding and not seeding else ""
        taught = f"{on} articles" if sample is None else f"sample {sample + 1} of the articles"
        title = f"{topics.model}{told}, {topics.n_topics} topics, seed {seed}, {taught}"
        # As pairs: the order of the names numbers the topics, and a hash of JSON forgets the order of keys.
        given = {
            "seed": seed,
            "on": on,
            "sample": sample,
            "seed_words": [[name, words] for name, words in seeding.items()],
        }
        return Job("topics", settings | given, needs={"matrix": matrix}, title=title)

    fits = {f"fit{i}": fit("all", i) for i in range(topics.seeds)}
    # What is drawn to score fits (halves of articles, random words) is the same for all seeds of fits.
    settings_of_scores = {"model": topics.model, "alpha": topics.alpha, "seed": config.seed, "fit_seed": seeds[0]}
    scores = Job(
        "topic_scores",
        settings_of_scores,
        needs={"corpus": corpus, "matrix": matrix, "word_numbers": read, **fits, "train": fit("train", 0)},
        title=f"{topics.model}: held-out perplexity, coherence, diversity",
    )
    others = {f"train{i}": fit("train", i + 1) for i in range(topics.seeds - 1)}  # the first is in the scores
    samples = {f"sample{i}": fit("all", 0, sample=i) for i in range(topics.bootstrap)}
    quality = Job(
        "topic_quality",
        settings_of_scores,
        needs={"matrix": matrix, "scores": scores, **fits, **others, **samples},
        title=f"{topics.model}, {topics.n_topics} topics: stability, exclusivity, flags",
    )
    seeded = None
    if topics.seeding:
        seeded = Job(
            "seed_words",
            settings_of_scores,
            needs={
                "matrix": matrix,
                "fit": fits["fit0"],
                "unseeded": fit("all", 0, {}),
                "unseeded_train": fit("train", 0, {}),
            },
            title=f"{topics.model}: with and without seed words",
        )
    passages = Job(
        "passage_topics",
        {"alpha": topics.alpha},
        needs={"corpus": corpus, "matrix": matrix, "fit": fits["fit0"]},
        title=f"{topics.model}: topics of passages",
    )
    contrasts = contrast_jobs(config, corpus, tasks, matrix, fits["fit0"])
    on_passages = passages if tasks else None
    return PointPlan(label, config, corpus, scores, quality, seeded, on_passages, task_jobs, *contrasts)


def _corpus_job(experiment: Experiment, config: CorpusConfig, corpus_files: Mapping[str, Path]) -> Job:
    path = experiment.file(config.path) if config.path else corpus_files[str(config.source)]
    files = {"articles": path}
    known = {} if config.path else {"articles": SOURCES[str(config.source)].sha256}
    options: dict[str, Any] = {"encoding": config.encoding, "date_format": config.date_format}
    options |= {"columns": dict(config.columns) or None, "delimiter": config.delimiter}
    options["filter"] = config.filter.model_dump(mode="json") if config.filter else None
    if config.passages.frame:
        files["frame"] = experiment.file(config.passages.frame)
    else:
        options |= {"min_words": config.passages.min_words, "max_words": config.passages.max_words}
    kinds = {name: path.suffix.lower() for name, path in files.items()}  # how its bytes are read
    part = {"source": config.source, "options": options, "kinds": kinds}
    return Job("corpus", part, files, title="corpus and passages", hashes=known)


def _task_files(experiment: Experiment, task: TaskConfig, config: ExperimentConfig) -> dict[str, Path]:
    files = {}
    if task.labels is not None:
        files["labels"] = experiment.file(task.labels.file)
    if task.rows is not None:
        files["rows"] = experiment.file(task.rows.file)
    elif config.corpus.passages.frame:
        files["frame"] = experiment.file(config.corpus.passages.frame)  # it may tell the strata of the sample
    return files
