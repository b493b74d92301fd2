"""What is measured: all tasks, by name, in the order in which they are run."""

from __future__ import annotations

from pullquote.eval.tasks.abstention import Abstention
from pullquote.eval.tasks.attribution import Attribution
from pullquote.eval.tasks.base import Task
from pullquote.eval.tasks.boundaries import Boundaries
from pullquote.eval.tasks.citation import Citation
from pullquote.eval.tasks.dated import Dated
from pullquote.eval.tasks.disagreement import Disagreement
from pullquote.eval.tasks.gate import Gate
from pullquote.eval.tasks.grounding import Grounding
from pullquote.eval.tasks.hostile import Hostile
from pullquote.eval.tasks.quotes import Quotes
from pullquote.eval.tasks.retrieval import Retrieval
from pullquote.eval.tasks.seed import Seed
from pullquote.eval.tasks.smoke import Smoke
from pullquote.eval.tasks.statements import Statements

_ALL: tuple[Task, ...] = (
    Smoke(),
    Seed(),
    Boundaries(),
    Statements(),
    Attribution(),
    Retrieval(),
    Citation(),
    Abstention(),
    Dated(),
    Grounding(),
    Gate(),
    Hostile(),
    Disagreement(),
    Quotes(),
)
TASKS: dict[str, Task] = {task.name: task for task in _ALL}
