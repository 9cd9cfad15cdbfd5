"""What a hyperparameter's name says about its use: one table of roles, and one of names that are left alone.

A name is compared in lower snake case and in full, so ``initial_lr`` has a role and ``lr_plot_colour`` has none.
"""

from __future__ import annotations

import re
from collections.abc import Collection

ROLES: tuple[tuple[str, str], ...] = (
    ("learning_rate", r"((base|max|peak|init|initial|start)_)?(lr|learning_rate)(_init)?|lr0|eta0"),
    ("min_learning_rate", r"(min|final|end)_(lr|learning_rate)"),
    ("momentum", r"momentum|mom|beta_?1|mu"),
    ("second_moment", r"beta_?2|rho"),
    ("batch_size", r"(train_)?(mini_?)?batch(_size)?|bs"),
    (
        "epochs",
        r"(n_|num_|max_|train_|training_|n_train_|num_train_)?(epochs?|iters?|iterations|steps)"
        r"|(n|max|num)_iter|train_steps",
    ),
    ("width", r"(n_)?(hidden|embd?|units)|(hidden|model|embed(ding)?|mlp|ff)_(size|dim|units|width)|d_model|width"),
    ("depth", r"(n_|num_)?(hidden_)?layers?|(n_|num_)(hidden_)?blocks|depth|max_depth"),
    ("heads", r"(n_|num_)heads?"),
    ("weight_decay", r"weight_decay|wd|l2(_(reg|penalty|lambda|coef|strength))?|decay_weight"),
    ("l1", r"l1(_(reg|penalty|lambda|coef|strength|ratio))?"),
    ("regularisation", r"lam|lambda_|reg(ulari[sz]ation)?(_(strength|coef|lambda))?|ridge|penalty_weight|c"),
    ("dropout", r"(p_)?drop(out)?(_(rate|prob|p))?|(attn|resid|embd)_(p)?drop(out)?"),
    ("label_smoothing", r"(label_)?smoothing(_(rate|eps))?"),
    ("init_scale", r"(init(ial)?|weight)_(scale|std|gain|sd)|init_range|initializer_range"),
    ("noise", r"(input|gradient|grad|train|augmentation|exploration)_noise(_(std|scale|level))?"),
    ("temperature", r"temperature|temp|tau|t_init"),
    ("exploration", r"epsilon|eps_greedy|exploration(_(rate|prob|c|constant))?|explore(_(rate|prob))?|ucb_c"),
    ("initial_value", r"(initial|init|optimistic)_(values?|estimates?|q)|q_?init|optimism"),
    ("discount", r"gamma|discount(_factor)?"),
    ("clip", r"(max_)?(grad(ient)?_)?(clip|norm)(_(norm|value|threshold|grad))?|grad_clip|clip_range"),
    ("warmup", r"warm_?up(_(steps|iters|epochs|frac(tion)?))?"),
    ("decay", r"(lr_|learning_rate_)?decay(_rate)?|(ema|polyak)(_decay)?|lr_gamma"),
    ("patience", r"patience|early_stopping(_patience)?|n_iter_no_change"),
    ("tolerance", r"tol(erance)?"),
    ("trees", r"n_estimators|num_trees|n_trees|num_boost_round"),
    ("min_leaf", r"min_(samples|data)_(in_)?(leaf|split)"),
    ("neighbours", r"n_neighbou?rs"),
)
"""Role -> names that have it, as a regular expression; the first that fits counts."""

DENIED = (
    r".*seeds?|seed_.*|random_state|n_seeds|rng.*",  # who changes the seed changes the luck
    r"(n_|num_)?splits?|(max_|num_)?new_tokens|top_[kp]|.*_prompts?",
    r".*(split|fraction|frac|holdout|folds?|cv|test_size|val(idation)?_size|train_size|train_ratio|test_ratio)",
    r"(n_|num_|max_)?(eval|test|val|valid|validation|log|print|plot|save|report|checkpoint).*",
    r".*(_every|_interval|_period|_freq(uency)?|_path|_dir|_folder|_file|_name|url|port|device|workers|threads)",
    r"(n_|num_)?(runs|trials|repeats|repetitions|replications|problems|tasks|episodes|arms|actions|bandits)",
    r"horizon|n_pulls|rounds|n_rounds|reward_.*|(data_|label_|observation_)?noise(_(std|scale|level|sd))?",
    r"(n_|num_)?(samples|examples|points|features|classes|outputs|inputs|informative|dimensions?|dims?|train|targets)",
    r"(n_|num_)?(vocab|block|context|sequence|seq)_?(size|len|length)|vocab|dtype|verbose|dpi|fig.*|.*_id|axis|size",
    r"metric|direction|version|debug|help|ddof|keepdims|indent|exist_ok|parents",
)
"""Names that decide what is measured or how it is shown, not the method: changing them would change the evaluation."""

_DATA_OWNERS = (
    r"(load|make|generate|create|get|build|prepare|simulate|read|sample)_(\w+_)?"
    r"(data(set)?s?|split|splits|problem|environment|env|testbed|tasks?|batch|blobs|regression|classification)",
    r"\w*(environment|env|testbed|problem|dataset|data_?loader)|(\w+_)?data(_?sets)?",
)
"""Functions, classes and callees that load or make data."""

DENIED_OWNERS = (
    *_DATA_OWNERS,
    r"(generate|infer|predict|decode|visuali[sz]e|render)\w*|\w*seeds?",
    r"evaluate\w*|eval\w*|test\w*|plot\w*|draw\w*|summar\w*|save\w*|print\w*|log(_\w+|g\w*)?|score\w*|train_test_split",
)
"""Functions, classes and callees that belong to data or evaluation: nothing in them is a knob."""

_STEP_SIZE = re.compile(r"step_?size|alpha|eta")
"""Names that are a learning rate in gradient descent, and elsewhere something else."""

_ROLES = tuple((role, re.compile(pattern)) for role, pattern in ROLES)
_DENIED = tuple(re.compile(pattern) for pattern in DENIED)
_MAKERS = tuple(re.compile(pattern) for pattern in _DATA_OWNERS)
_DENIED_OWNERS = tuple(re.compile(pattern) for pattern in DENIED_OWNERS)


def snake_case(name: str) -> str:
    """``hiddenSize``, ``HIDDEN_SIZE`` and ``--hidden-size`` as ``hidden_size``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip("-_ "))
    return spaced.replace("-", "_").lower()


def role_of(name: str, steps: Collection[str] = ()) -> str:
    """The role of a hyperparameter with this name, or an empty text.

    ``steps`` are the names in snake case with which the code takes gradient steps, see ``steps.step_names``: a
    ``step_size``, ``alpha`` or ``eta`` is a learning rate only when it is one of them.
    """
    plain = snake_case(name)
    if _STEP_SIZE.fullmatch(plain):
        return "learning_rate" if plain in steps else ""
    return next((role for role, pattern in _ROLES if pattern.fullmatch(plain)), "")


def is_data_maker(name: str) -> bool:
    """Whether a function or class of this name loads or makes data."""
    return any(pattern.fullmatch(snake_case(name)) for pattern in _MAKERS)


def is_denied(name: str, owner: str = "") -> bool:
    """Whether a change of ``name`` in the function, class or call ``owner`` would change the evaluation."""
    plain, around = snake_case(name), snake_case(owner)
    return any(pattern.fullmatch(plain) for pattern in _DENIED) or any(
        pattern.fullmatch(around) for pattern in _DENIED_OWNERS
    )
