"""Suites of the examples, run on the examples' servers: what the scripts beside this file share."""

import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, namedtuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = ROOT / "target" / "release"
SUITES = ROOT / "target" / "suites"
PYTHON = ROOT / ".venv" / "bin" / "python"

START_SECONDS = 30
RUN_SECONDS = 600

# An example whose server is a member of the workspace; `environment` is what its suite needs.
Example = namedtuple("Example", "name environment")
Fault = namedtuple("Fault", "name rule description")
Run = namedtuple("Run", "outcomes status output")

EXAMPLES = [
    Example("payments", {"API_TOKEN": "demo"}),
    Example("booking", {"COLLEAGUE_TOKEN": "mira", "MANAGER_TOKEN": "manager", "ORGANIZER_TOKEN": "oskar"}),
]
SEVERITY = ["passed", "inconclusive", "blocked", "failed"]


class Failure(Exception):
    """The reason why a script can't go on."""


def add_options(parser):
    """What all scripts can be told: which programs, which examples."""
    parser.add_argument("--built", type=path, default=BUILT, metavar="DIR", help="where the programs are (target/release)")
    parser.add_argument("--example", action="append", metavar="NAME", choices=[one.name for one in EXAMPLES], help="only this one (may be repeated)")  # fmt: skip
    parser.add_argument("--keep-suites", action="store_true", help="don't generate suites that are there already")


def path(text):
    return pathlib.Path(text).resolve()


def chosen(options):
    """The examples that are asked for, once all programs are there."""
    examples = [one for one in EXAMPLES if one.name in (options.example or [one.name])]
    programs = [program(options, example) for example in examples]
    for file in (options.built / "crossfield", *programs, PYTHON):
        if not file.exists():
            raise Failure(f"{file} is missing: run `make {pathlib.Path(sys.argv[0]).name}`")
    return examples


def program(options, example):
    return options.built / f"{example.name}-server"


def list_faults(server):
    listed = subprocess.run([server, "--list-faults"], capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        raise Failure(f"{server.name} --list-faults failed:\n{listed.stderr}")
    faults = []
    for line in listed.stdout.splitlines():
        if line.strip():
            name, rule, description = (line.split("\t") + ["", ""])[:3]
            faults.append(Fault(name, rule, description))
    if not faults:
        raise Failure(f"{server.name} --list-faults names none")
    return faults


def generate(options, example):
    """Writes the suite of an example."""
    suite = SUITES / example.name
    if options.keep_suites and suite.exists():
        return
    # Cases of an earlier run would be kept: everything starts from nothing.
    shutil.rmtree(suite, ignore_errors=True)
    suite.parent.mkdir(parents=True, exist_ok=True)
    rules = pathlib.Path("rules") / f"{example.name}.rules.yaml"
    print(f"crossfield generate {rules} -o {suite.relative_to(ROOT)}")
    call = [options.built / "crossfield", "generate", rules, "-o", suite]
    made = subprocess.run(call, cwd=ROOT, check=False)
    if made.returncode != 0:
        raise Failure(f"crossfield generate ended with status {made.returncode}")


def run_suite(example, url, in_order=True):
    """Runs the suite of an example on a server: in the order of its files, or in a random one on two workers."""
    with tempfile.TemporaryDirectory(prefix="crossfield-") as work:
        report = pathlib.Path(work) / "report.jsonl"
        call = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        call += ["-p", "no:randomly"] if in_order else ["-n", "2"]
        environment = os.environ | example.environment | {
            "API_BASE_URL": url,
            "CROSSFIELD_REPORT": str(report),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            ran = subprocess.run(
                [*call, "."], cwd=SUITES / example.name, env=environment, timeout=RUN_SECONDS, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                encoding="utf-8", errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Run({}, f"none after {RUN_SECONDS} s", "")
        return Run(read_report(report), ran.returncode, ran.stdout)


def read_report(report):
    """Outcomes by case id, in the order in which the cases were run."""
    if not report.exists():
        return {}
    outcomes = {}
    for line in report.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        known = outcomes.get(record["case"])
        # A case that is reported twice counts with the worse of the two.
        if known is None or SEVERITY.index(record["outcome"]) > SEVERITY.index(known["outcome"]):
            outcomes[record["case"]] = record
    return outcomes


def not_passed(run):
    """What didn't pass, a line each."""
    for case, record in sorted(run.outcomes.items()):
        if record["outcome"] != "passed":
            yield f"{record['outcome']}: {case} ({record['rule']}): {first_line(record.get('message'))}"


def is_green(run):
    return run.status == 0 and run.outcomes and not any(not_passed(run))


class Server:
    """A server on a free port, for as long as the `with` block lasts."""

    def __init__(self, program, *options):
        self.call = [program, "--listen", "127.0.0.1:0", *options]

    def __enter__(self):
        # A server that reads its token from there would refuse the suite's.
        environment = {name: value for name, value in os.environ.items() if name != "API_TOKEN"}
        self.process = subprocess.Popen(
            self.call, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
        said = queue.Queue()
        # Reads on to the end: a full pipe would stop the server.
        threading.Thread(target=lambda: [*map(said.put, self.process.stdout), said.put(None)], daemon=True).start()
        heard = []
        deadline = time.monotonic() + START_SECONDS
        try:
            while True:
                line = said.get(timeout=max(0, deadline - time.monotonic()))
                if line is None:
                    break
                heard.append(line)
                _, found, url = line.partition("listening on ")
                if found:
                    self.url = url.strip()
                    return self
        except queue.Empty:
            pass
        except BaseException:
            self.__exit__()
            raise
        self.__exit__()
        raise Failure(f"{' '.join(map(str, self.call))} does not listen:\n{''.join(heard)}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def tally(run):
    counts = Counter(record["outcome"] for record in run.outcomes.values())
    words = [f"{counts[outcome]} {outcome}" for outcome in SEVERITY if counts[outcome]]
    if run.status != 0:
        words.append(f"pytest ended with status {run.status}")
    return ", ".join(words) or "no case was run"


def first_line(text):
    return next(iter((text or "").splitlines()), "")


def indented(text):
    return "".join(f"    {line}\n" for line in text.splitlines())


def run_script(main):
    """Calls `main`; its status, or that of the reason why it couldn't go on."""
    name = pathlib.Path(sys.argv[0]).name
    # Rows appear while the next ones are worked out, in a pipe too.
    sys.stdout.reconfigure(line_buffering=True)
    try:
        return main()
    except (Failure, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
