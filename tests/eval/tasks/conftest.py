"""What the tests of the tasks share: data sets of a few articles of our own, and an engine that says what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pullquote.eval.engines import extractive
from pullquote.eval.runner import run
from pullquote.eval.tasks.base import Setup, Task
from pullquote.eval.tasks.folds import prepare_folds
from pullquote.eval.types import AnswerFn, CaseResult, Engine, TaskReport
from pullquote.index.store import Store
from pullquote.index.types import Sentence
from pullquote.qa.types import Answer, AnswerSentence, AsOf, Citation, Coverage, Evidence, Support, Usage

# -- the engine -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """What is answered: a sentence for each place cited, or one ``text`` that cites all of them; nothing cited: a refusal."""

    cited: tuple[str, ...] = ()
    """Words that stand in one sentence of the store each."""
    text: str = ""
    confidence: float = 0.1
    read: tuple[str, ...] = ()
    """The evidence, best first, named by words as well."""
    misquoted: bool = False


@dataclass(frozen=True)
class Scripted:
    """An engine that replies to each question as it was told, as far as articles are not left out, and refuses all others."""

    replies: Mapping[str, Reply]

    def __call__(self, store: Store, leave_out: Collection[str]) -> AnswerFn:
        return lambda question: answered(store, question, self.replies.get(question, Reply()), leave_out)


def answered(store: Store, question: str, reply: Reply, leave_out: Collection[str]) -> Answer:
    cited, read = (
        [s for words in many if (s := sentence_with(store, words)).article_id not in leave_out]
        for many in (reply.cited, reply.read)
    )
    metas = store.catalog.metas_of(s.article_id for s in (*cited, *read))
    citations = [
        Citation(n, metas[s.article_id], s.span, s.text.upper() if reply.misquoted else s.text) for n, s in enumerate(cited, 1)
    ]
    support = Support("supported", 1.0, "told so")
    sentences = [AnswerSentence(c.quote, (c,), support) for c in citations]
    if reply.text and citations:
        sentences = [AnswerSentence(reply.text, tuple(citations), support)]
    return Answer(
        question=question,
        standalone_question=question,
        status="answered" if sentences else "abstained",
        sentences=tuple(sentences),
        evidence=tuple(Evidence(n, metas[s.article_id], s, -n) for n, s in enumerate(read, 1)),
        confidence=reply.confidence,
        as_of=AsOf(None, None, None),
        coverage=Coverage(0, (), None, None),
        engine="scripted",
        model=None,
        usage=Usage(0),
        settings_hash="",
    )


def sentence_with(store: Store, words: str) -> Sentence:
    """Return the first sentence with these words. Raises ``LookupError``: there is none."""
    for meta in store.catalog.metas():
        for sentence in store.catalog.sentences_of(meta.id):
            if words in sentence.text:
                return sentence
    raise LookupError(f"no sentence has {words!r}")


# -- the folders ----------------------------------------------------------------------------------


@dataclass
class Lab:
    """A folder with data sets, stores made of them, and runs of tasks."""

    folder: Path
    runs: int = field(default=0)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def setup(self, engine: Engine = extractive, sample: int | None = None) -> Setup:
        return Setup(self.data, self.folder / "build", engine, sample)

    def run(self, task: Task, engine: Engine = extractive, *, sample: int | None = None, errors: int = 0) -> TaskReport:
        """Run a task, from nothing but the stores that are there; so many cases have to fail."""
        self.runs += 1
        (report,) = run([task], self.setup(engine, sample), work=self.folder / f"work-{self.runs}", workers=1).tasks
        assert report.skipped is None
        failed = [case.error for case in report.cases if case.error]
        assert len(failed) == errors, failed
        return report

    def told(self, task: Task, replies: Mapping[str, Reply], *, errors: int = 0) -> TaskReport:
        """Run a task with an engine that gives these replies."""
        return self.run(task, Scripted(replies), errors=errors)

    reply = staticmethod(Reply)

    scripted = staticmethod(Scripted)

    @staticmethod
    def cites(*words: str, **more: Any) -> Reply:
        return Reply(words, **{"confidence": 0.9, **more})

    @staticmethod
    def answers(store: Store) -> Callable[[Reply], Answer]:
        """Return what makes an answer of a reply."""
        return lambda reply: answered(store, "Who?", reply, ())

    @staticmethod
    def case(report: TaskReport, case_id: str) -> CaseResult:
        (found,) = (case for case in report.cases if case.case_id == case_id)
        return found

    def write(self, name: str, *records: object) -> None:
        """Write a file below the data folder, one line a record; a JSON file is one record."""
        self.text(name, "".join(json.dumps(record) + "\n" for record in records))

    def text(self, name: str, text: str) -> None:
        path = self.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def polnear(self) -> None:
        """Two dev articles with three questions, one train article with one."""
        self.text("polnear/metadata.tsv", "compartment\tfilename\tpublisher\tpublication_date\tauthor\ttitle\n")
        for name, text in {"dev/text/bridge": BRIDGE, "dev/text/harbour": HARBOUR, "train/text/school": SCHOOL}.items():
            self.text(f"polnear/{name}.txt", text)
        self.write("polnear/polnear_attribution_qa.dev.jsonl", *POLNEAR_DEV)
        # A thousand questions are drawn from train, so there are as many; those that ask nothing are no cases.
        filler = [SPOKEN | {"id": f"filler-{n}", "doc": "school", "content_spans": [[0, 1]]} for n in range(999)]
        self.write("polnear/polnear_attribution_qa.train.jsonl", POLNEAR_TRAIN, *filler)

    def wikinews(self) -> None:
        """One article with two questions: a speaker who is named, and one who is a pronoun there."""
        ends = [at + 1 for at, letter in enumerate(FERRY) if letter == "."]
        starts = [0, *(end + 1 for end in ends[:-1])]
        article = {"id": "ferry", "title": "Ferry stopped", "date": "2026-03-01", "url": "https://a.example/ferry", "text": FERRY}
        self.write("gum_wikinews/gum_docs.json", [article | {"sentences": list(zip(starts, ends, strict=True))}])
        row = {"doc": "ferry", "answers": ["Lena Voss", "Voss"], "content_span": [0, 1], "source_span": [0, 1], "genre": "news"}
        named = {"id": "w1", "question": WHO_PROPELLER, "gold_sentences": [1], "source_kind": "named", "needs_coref": False}
        pronoun = {"id": "w2", "question": WHO_SAILS, "gold_sentences": [2], "source_kind": "pronoun", "needs_coref": True}
        self.write("gum_wikinews/gum_attribution_qa.jsonl", row | named, row | pronoun)

    def clapnq(self) -> None:
        """Six passages with a question each that it answers and one that it does not, and one whose answer nobody marked."""
        rows: dict[bool, list[object]] = {True: [], False: []}
        for number, (title, sentences, asked, marked, unanswered) in enumerate(PASSAGES, 1):
            passage = {"title": title, "text": " ".join(sentences), "sentences": sentences}
            gold = [sentences[at] for at in marked]
            rows[True].append(
                {"id": f"a{number}", "input": asked, "passages": [passage], "output": [{"selected_sentences": gold}]}
            )
            rows[False].append({"id": f"u{number}", "input": unanswered, "passages": [passage], "output": [{"answer": ""}]})
        rows[True].append({**rows[True][0], "id": "a7", "input": "where is the kell bridge", "output": [{"answer": ""}]})  # type: ignore[dict-item]
        self.write("clapnq/answerable_dev.jsonl", *rows[True])
        self.write("clapnq/unanswerable_dev.jsonl", *rows[False])

    def mtrag(self) -> None:
        """Four conversations over one passage, one of each kind."""
        found = [{"document_id": "b-0", "text": "The night bus runs from Sund to Brask at one.", "title": "Buses"}]
        rows = {
            "ANSWERABLE": "When does the night bus run?",
            "UNANSWERABLE": "What does a ticket for the night bus cost?",
            "UNDERSPECIFIED": "And that one?",
            "PARTIAL": "When and how fast does the night bus run?",
        }
        row = {"Collection": "govt", "Multi-Turn": ["N/A"], "Question Type": ["Factoid"], "contexts": found}
        for number, (kind, text) in enumerate(rows.items(), 1):
            rows[kind] = row | {  # type: ignore[assignment]
                "task_id": f"c{number}<::>1", "answerability": [kind], "input": [{"speaker": "user", "text": text}],
                "targets": [{"speaker": "agent", "text": "At one."}],
            }  # fmt: skip
        self.write("mtrag_un/tasks_dev.jsonl", *rows.values())

    def realtimeqa(self) -> None:
        """Three articles and two quiz questions; the answer to the second is in none."""
        texts = {
            "chess": CHESS,
            "comet": "A comet passed close to the sun on Tuesday.",
            "train": "The night train was cancelled.",
        }
        row = {"url": None, "published_at": "2026/01/08"}
        self.write("realtimeqa/articles_dev.jsonl", *(row | {"id": n, "title": n.title(), "text": t} for n, t in texts.items()))
        asked = {"question_date": "2026-01-09", "articles": ["chess", "comet"]}
        first = {
            "question_id": "q1",
            "question_sentence": WHICH_CITY,
            "choices": ["Rome", "Oslo", "Lima", "Bern"],
            "answer": ["1"],
        }
        other = {"question_id": "q2", "question_sentence": "Who paid?", "choices": ["Ada", "Bo", "Cy", "Di"], "answer": ["2"]}
        self.write("realtimeqa/questions_dev.jsonl", asked | first, asked | other)


BRIDGE = (
    "Ada Pell reopened the Kell bridge on Monday. “The new deck will last for eighty years,” Pell told the crowd.\n"
    "Jon Wick, the engineer, said the repairs cost four million crowns. Nobody was hurt during the works."
)
HARBOUR = "The harbour at Sund closed on Friday. Mira Holt said the dredging had damaged two piers.\nBoats now land at Brask."
SCHOOL = "Otto Lang said the school in Brask needs eleven more teachers. Parents have asked for smaller classes."
FERRY = "The Orm ferry stopped on Sunday. “We have no spare propeller”, captain Lena Voss said. She hopes to sail again in May."
CHESS = "Oslo will host the winter chess cup in March. The city won against two others, the federation said."
WHO_PROPELLER = 'Who said "We have no spare propeller"?'
WHO_SAILS = "Who hopes to sail again in May?"
WHICH_CITY = "Which city will host the winter chess cup?"

SPOKEN = {"self_contained": True, "source_kind": "named", "answer_head": "Lang", "answer": "Otto Lang"}


def place(text: str, words: str) -> list[list[int]]:
    start = text.index(words)
    return [[start, start + len(words)]]


POLNEAR_DEV = (
    SPOKEN
    | {
        "id": "cost", "doc": "bridge", "answer": "Jon Wick, the engineer", "answer_head": "Wick",
        "content_spans": place(BRIDGE, "the repairs cost four million crowns"),
        "question": "Who said the repairs cost four million crowns?", "question_kw": "Who repairs cost four million crowns?",
        "question_kw3": "Who repairs cost crowns?",
    },
    SPOKEN
    | {
        "id": "deck", "doc": "bridge", "answer": "Pell", "answer_head": "Pell",
        "content_spans": place(BRIDGE, "The new deck will last for eighty years"),
        "question": 'Who said "The new deck will last for eighty years"?', "question_kw": "", "question_kw3": "",
    },
    SPOKEN
    | {
        "id": "piers", "doc": "harbour", "answer": "Mira Holt", "answer_head": "Holt",
        "content_spans": place(HARBOUR, "the dredging had damaged two piers"),
        "question": "Who said the dredging had damaged two piers?", "question_kw": "", "question_kw3": "",
    },
)  # fmt: skip
POLNEAR_TRAIN = SPOKEN | {
    "id": "teachers", "doc": "school", "question": "Who said the school in Brask needs eleven more teachers?",
    "content_spans": place(SCHOOL, "the school in Brask needs eleven more teachers"),
}  # fmt: skip
PASSAGES = (
    (
        "Kell bridge",
        ["The Kell bridge spans the river Orm .", "It was built by Ines Ormond in 1931 .", "Its deck was renewed in 2026 ."],
        "who built the kell bridge", (1,), "who painted the kell bridge",
    ),
    (
        "Orm lighthouse",
        ["The Orm lighthouse stands on a rock .", "Its lamp can be seen from thirty miles .", "A keeper lived there to 1974 ."],
        "how far can the lamp of the orm lighthouse be seen", (1,), "who was the first keeper of the orm lighthouse",
    ),
    (
        "Brask bakery",
        ["Brask is a bakery that was founded in 1880 .", "It makes rye bread and plum cake .", "It has twelve shops in Sund ."],
        "what does the brask bakery make", (0, 1), "who owns the brask bakery",
    ),
    (
        "Holt's comet",
        ["Holt's comet was found by Mira Holt .", "It returns every seventy years .", "Its tail is made of dust and gas ."],
        "how often does holt's comet return", (1,), "how heavy is holt's comet",
    ),
    (
        "Sund orchestra",
        ["The Sund orchestra has ninety players .", "It was led by Otto Lang for ten years .", "It plays in an old mill ."],
        "where does the sund orchestra play", (2,), "how much is a ticket for the sund orchestra",
    ),
    (
        "Vale marsh",
        ["The Vale marsh is home to cranes .", "Farmers drained half of it in 1902 .", "Today no one may build there ."],
        "when was the vale marsh drained", (1,), "how deep is the vale marsh",
    ),
)  # fmt: skip


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab for the real engine on data that it has to be fitted on by folds first: that takes seconds, so it is done once."""
    lab = Lab(tmp_path_factory.mktemp("fitted"))
    lab.polnear()
    lab.clapnq()
    lab.mtrag()
    lab.realtimeqa()
    prepare_folds(lab.setup())
    return lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab with no data; tests of one module share its stores."""
    return Lab(tmp_path_factory.mktemp("lab"))
