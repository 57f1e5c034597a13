"""What does one experiment consist of? Its config file, checked whole before anything runs.

One TOML file tells an experiment. Unknown keys, wrong types and impossible combinations are refused together, each
with file, line and key. The values below are the keyword arguments of the functions that do the work.
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from newsangle.labels.patterns import TARGET, expand
from newsangle.runs.contrast_config import check_contrasts


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    return pattern


def _no_random(name: Any) -> Any:
    if name == "random":
        raise ValueError(
            "a random split puts copies of one story on both sides and flatters every model; the report shows by how "
            "much, choose group, outlet or time for the scores"
        )
    return name


Pattern = Annotated[str, AfterValidator(_compiles)]

SEEDED_MODELS = ("lda",)  # topic models that take seed words
TopicModel = Literal["lda", "nmf", "sklearn_lda", "gensim_lda", "gensim_nmf", "gensim_lsi"]
ClassifierName = Literal[
    "majority",
    "keyword_rules",
    "complement_nb",
    "logreg",
    "linear_svc",
    "nb_svm",
    "lsa",
    "average",
    "tfidf_lsa",
    "per_target",
    "target_words",
    "per_target_average",
]
TARGET_MODELS = ("per_target", "target_words", "per_target_average")  # senseless without targets
MetricName = Literal["macro_f1", "accuracy"]
FigureName = Literal[
    "frame_share_by_outlet",
    "frame_share_by_week",
    "scores_by_model",
    "confusion_matrix",
    "reliability",
    "stance_by_target",
    "topic_outlet_heatmap",
    "topic_frame",
    "topic_scores",
    "choose_k",
    "top_words",
    "contrast_words",
    "contrast_topics",
]
Ngrams = Annotated[tuple[int, int], Field(strict=False, description="shortest and longest n-gram")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


IngestColumn = Literal["text", "html", "article_id", "title", "outlet", "date", "author", "url", "language", "origin"]


class Table(BaseModel):
    """A table of the config: unknown keys stop the run, nothing is coerced into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FilterConfig(Table):
    """Which articles are about the question (the others still teach topics when `topics.articles = "all"`)."""

    pattern: Pattern | None = Field(default=None, description="regular expression, counted in title + '. ' + text")
    min_matches: int = Field(1, ge=1, description="how often the pattern must match at least")
    min_chars: int = Field(0, ge=0, description="shortest text in characters")
    unique_texts: bool = Field(False, description="of equal texts only the first article")
    outlets: list[str] | None = Field(default=None, description="keep these outlets only")
    since: str | None = Field(default=None, description="first date, YYYY-MM-DD")
    until: str | None = Field(default=None, description="last date, YYYY-MM-DD")


class PassagesConfig(Table):
    """How articles become passages: cut into whole sentences, or exactly the passages that a frame file lists."""

    frame: str | None = Field(default=None, description="CSV with article_id, start, end, sha1; instead of cutting")
    min_words: int = Field(40, ge=1)
    max_words: int = Field(80, ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_words > self.max_words:
            raise ValueError(f"min_words = {self.min_words} is above max_words = {self.max_words}")
        return self


class CorpusConfig(Table):
    """Which articles: a row of the table of corpora, or a file of your own with its columns named."""

    source: str | None = Field(default=None, description="name of a corpus (newsangle list)")
    path: str | None = Field(
        default=None, description="your own CSV, TSV, JSONL, JSON or Parquet file, relative to this file"
    )
    columns: dict[Literal["article_id", "title", "text", "outlet", "date", "url"], str] = Field(
        default_factory=dict, description="our column = the file's column"
    )
    encoding: str | None = Field(default=None, description="encoding of the file (default utf-8)")
    delimiter: str | None = Field(default=None, description='sign between the columns of a CSV (default ",")')
    date_format: str | None = Field(default=None, description="such as M/D/YYYY, where dates are not YYYY-MM-DD")
    filter: FilterConfig | None = None
    passages: PassagesConfig = PassagesConfig()

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.source is None) == (self.path is None):
            raise ValueError("give either source (a corpus by name) or path (a file of your own)")
        return self


class IngestConfig(Table):
    """How `newsangle ingest --config` reads raw files; the command line stands above it, and a run doesn't read it."""

    columns: dict[IngestColumn, str] = Field(default_factory=dict, description="our column = the files' column")
    encoding: str | None = Field(default=None, description="of files that don't declare one (default utf-8)")
    delimiter: str | None = Field(default=None, description='sign between the columns of a CSV (default ",")')
    format: str | None = Field(default=None, description="of standard input and of files of unknown ending")
    date_format: str | None = Field(default=None, description="such as M/D/YYYY, where dates are not YYYY-MM-DD")
    language: str | None = Field(default=None, description="keep articles in this language only, as en")


class FeaturesConfig(Table):
    """How articles become the document-term matrix that topics are learned from."""

    stop_words: Literal["english", "none"] = "english"
    min_df: int = Field(5, ge=1, description="in how many articles a term must occur at least")
    max_df: float = Field(0.5, gt=0, le=1, description="in what share of the articles at most")
    phrases: bool = Field(False, description="words that are hardly ever apart become one term: ain_issa, deir_ez_zor")


class TopicsConfig(Table):
    """Which topics: model, number, seeds, and which articles teach them."""

    model: TopicModel = "lda"
    n_topics: int = Field(30, ge=1)
    articles: Literal["all", "selected"] = Field("all", description="all articles, or those that pass the filter")
    seeds: int = Field(5, ge=1, description="how many seeds are fitted to show the spread")
    first_seed: int | None = Field(
        default=None,
        ge=0,
        description="seed of the first fit, the others count on from it (default: the experiment's); varied, it fits "
        "anew and leaves split and matrix as they are",
    )
    bootstrap: int = Field(0, ge=0, description="samples of the articles that are fitted too; 0: none, better 5")
    held_out: float = Field(0.2, gt=0, lt=1, description="share of the articles held out for perplexity")
    alpha: float = Field(0.1, gt=0, description="document-topic prior of the held-out evaluator")
    seed_words: dict[Name, Annotated[list[str], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="topic name = words that guide it; models that take none (all but lda) are fitted without",
    )
    options: dict[str, int | float | str | bool] = Field(
        default_factory=dict, description="further keyword arguments of the model's function"
    )

    @model_validator(mode="after")
    def _room_for_seeds(self) -> Self:
        if len(self.seed_words) > self.n_topics:
            raise ValueError(
                f"seed_words name {len(self.seed_words)} topics, n_topics = {self.n_topics}: raise n_topics"
            )
        return self

    @property
    def seeding(self) -> dict[str, list[str]]:
        """The seed words that the model is given: none where it takes none."""
        return self.seed_words if self.model in SEEDED_MODELS else {}


class LabelsConfig(Table):
    """Where the codes are: file, column, and who coded."""

    file: str = Field(description="CSV with article_id, start, end, sha1, the codes and (if sampled) pi")
    column: str
    coded_by: str = Field(description="who coded, in words that stand wherever a result is shown")
    voice_column: str | None = Field(default=None, description="column that says who voices the stance: author, quoted")


class RowsConfig(Table):
    """Which passage × target rows a task predicts, where not simply every passage."""

    file: str = Field(description="CSV with article_id, start, end, sha1 (and the target column)")


class RuleConfig(Table):
    """One keyword rule: fires in a sentence where all of `all` match and none of `none`."""

    label: str
    all: list[str] = Field(min_length=1)
    none: list[str] = Field(default_factory=list)


class RulesConfig(Table):
    """The keyword rules: the class of the most firing sentences wins, ties go to the rule written first."""

    default: str
    aliases: dict[Name, Pattern] = Field(default_factory=dict, description="patterns usable as {name}")
    rules: list[RuleConfig] = Field(min_length=1)


class TextConfig(Table):
    """Which n-grams the classifiers read."""

    word_ngrams: Ngrams = (1, 2)
    char_ngrams: Ngrams = (3, 5)
    min_df: int = Field(2, ge=1)
    char_weight: float = Field(0.5, ge=0, description="weight of the character block beside the word block's 1")


class TaskConfig(Table):
    """One classification task: what is asked of each passage, by which codes, models and split."""

    question: str
    classes: list[Name] = Field(min_length=2)
    class_names: dict[str, str] = Field(default_factory=dict, description="how classes are called in the report")
    residual: str | None = Field(
        default=None, description="the class that means none of the others; not drawn by outlet"
    )
    labels: LabelsConfig | None = None
    rows: RowsConfig | None = None
    target_column: str | None = Field(default=None, description="column of the target, for tasks on passage × target")
    targets: dict[Name, Pattern] = Field(default_factory=dict, description="target = regular expression of its names")
    target_names: dict[str, str] = Field(default_factory=dict, description="how targets are called in the report")
    models: list[ClassifierName] = Field(min_length=1)
    options: dict[ClassifierName, dict[str, int | float | str | bool]] = Field(default_factory=dict)
    metric: MetricName = Field("macro_f1", description="options and the model are chosen by it, inside each fold")
    split: Annotated[Literal["group", "outlet", "time"], BeforeValidator(_no_random)] = Field(
        "group", description="what the scores are of: new stories, an outlet left out, or the weeks to come"
    )
    gap_days: int = Field(7, ge=0, description="whole days between training and the period predicted, for split time")
    folds: int = Field(5, ge=3)
    checks: bool = Field(True, description="compare splits, and full with masked text; false saves their time")
    rules: RulesConfig | None = None
    text: TextConfig = TextConfig()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.rules is None and "keyword_rules" in self.models:
            raise ValueError("models names keyword_rules, but the task has no [rules]")
        trained = [m for m in self.models if m != "keyword_rules"]
        if self.labels is None and trained:
            raise ValueError(f"models names {trained[0]}, which learns from codes, but the task has no [labels]")
        if bool(self.targets) != (self.target_column is not None) or (self.targets and self.rows is None):
            raise ValueError("a task on targets needs target_column, [targets] and [rows] together")
        strange = [m for m in self.models if m in TARGET_MODELS and not self.targets]
        if strange:
            raise ValueError(f"models names {strange[0]}, which learns by target, but the task has no [targets]")
        if self.rules is not None:
            self._check_rules(self.rules)
        if self.residual is not None and self.residual not in self.classes:
            raise ValueError(f"residual = {self.residual!r} is not one of the classes {', '.join(self.classes)}")
        strangers = [name for name in self.class_names if name not in self.classes]
        if strangers:
            raise ValueError(f"class_names.{strangers[0]} is not one of the classes {', '.join(self.classes)}")
        return self

    def _check_rules(self, rules: RulesConfig) -> None:
        strange = [label for label in [rules.default, *(r.label for r in rules.rules)] if label not in self.classes]
        if strange:
            raise ValueError(f"the rules speak of {strange[0]!r}, which is not one of {', '.join(self.classes)}")
        for rule in rules.rules:
            for pattern in [*rule.all, *rule.none]:
                for target in self.targets or (TARGET,):
                    _compiles(expand(pattern, rules.aliases | self.targets, target if self.targets else None))


class ContrastConfig(Table):
    """What is compared word by word, and topic by topic: outlets, weeks, months, periods, or a task's classes."""

    by: str = Field(description="outlet, week, month, period, or the name of a task (its classes)")
    groups: list[str] | None = Field(
        default=None, min_length=2, description="which are compared: two with each other, more each with all others"
    )
    periods: dict[str, Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        default_factory=dict, description='with by = "period": name = [first day, last day]'
    )
    articles: Literal["selected", "all"] = Field("selected", description="those that pass the filter, or all")
    codes: Literal["predicted", "coded"] = Field("predicted", description="with a task: whose classes")
    target: str | None = Field(default=None, description="with a task on targets: toward whom")
    min_groups: int = Field(5, ge=2, description="in how many syndication groups a word must occur to be tested")
    min_side_groups: int = Field(10, ge=2, description="how many syndication groups an outlet, week … needs")
    exclude: list[str] = Field(default_factory=list, description="words that are left out, in lower case")
    draws: int = Field(1000, ge=100, description="bootstrap draws")


class ExperimentConfig(Table):
    """A whole experiment."""

    title: str
    question: str = Field(description="what the experiment asks, one sentence")
    seed: int = Field(0, ge=0)
    corpus: CorpusConfig
    # Not part of what is run, so not of a run's name either.
    ingest: IngestConfig | None = Field(default=None, exclude=True)
    features: FeaturesConfig = FeaturesConfig()
    topics: TopicsConfig | None = None
    tasks: dict[Name, TaskConfig] = Field(default_factory=dict)
    contrast: dict[Name, ContrastConfig] | None = Field(
        default=None,
        description="name = what is compared by its words; not given: outlets and each task's classes; {}: nothing",
    )
    figures: list[FigureName] | None = Field(default=None, description="which figures; all that apply, if not given")
    vary: dict[str, Annotated[list[Any], Field(min_length=1)]] = Field(
        default_factory=dict, description="what is compared: dotted key = list of values; the first is shown in detail"
    )

    @field_validator("contrast", mode="after")
    @classmethod
    def _contrasts_fit(
        cls, contrasts: dict[str, ContrastConfig] | None, info: ValidationInfo
    ) -> dict[str, ContrastConfig] | None:
        if "tasks" in info.data:  # where the tasks are at fault, that is told first
            check_contrasts(contrasts or {}, info.data["tasks"])
        return contrasts

    @property
    def fit_seeds(self) -> list[int]:
        """The seeds that the topics are fitted with, the first one's fit is shown; none without topics."""
        if self.topics is None:
            return []
        first = self.seed if self.topics.first_seed is None else self.topics.first_seed
        return [first + i for i in range(self.topics.seeds)]

    @model_validator(mode="after")
    def _something_to_do(self) -> Self:
        if "topics" in self.tasks:
            raise ValueError("a task can't be called topics: its results would be taken for those of [topics]")
        if self.topics is None and not self.tasks:
            raise ValueError("an experiment needs [topics] or at least one [tasks.NAME]")
        return self
