"""Times of build-report and of R on the same analyses, as a table in Markdown. against-r.sh runs it.

    PROGRAM=target/release/build-report STATISTICS=target/release/deps/statistics-… python3 measure.py [--rounds N]

STATISTICS is the built benchmark `statistics`, which measures inside the process; without it that row is left out.

Each figure is the median of whole processes, the first of which is not counted. The two sides take turns, so that what else
the machine does falls on both. The numbers of both sides are compared first; if one differs by more than 1e-8, nothing is measured.
"""
import argparse
import datetime
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REVIEW = HERE.parent.parent / "analyses/iv-msc-safety"
COPIES = 50  # of the review, to tell what one costs inside the program


def run(*command, env=None, output=subprocess.DEVNULL):
    """Seconds on the wall and of the processor that a command takes."""
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=subprocess.PIPE, env=env)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} failed:\n{errors.decode(errors='replace')}")
    return wall, usage.ru_utime + usage.ru_stime


def text(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def stamp(path):
    """What tells two states of a file apart, or None where it is not there."""
    try:
        return path.stat().st_mtime_ns, path.stat().st_ino
    except FileNotFoundError:
        return None


def wait_for(path, before, process):
    """Waits until a file is there and another than before."""
    while stamp(path) in (None, before):
        if process.poll() is not None:
            sys.exit(f"watch ended:\n{process.stderr.read().decode(errors='replace')}")
        time.sleep(0.001)


def processor_time(pid):
    """Seconds that a process has worked; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """A folder to work in, a copy of the review, and the runs of each side by name."""

    def __init__(self, program, statistics, folder, has_r):
        self.program, self.statistics, self.folder, self.has_r = program, statistics, folder, has_r
        self.review = folder / "review"
        shutil.copytree(REVIEW, self.review)
        self.many = folder / "many"
        for copy in range(COPIES + 1):
            shutil.copytree(REVIEW, self.many / f"{copy:03}")
        self.runs = {}

    def note(self, name, seconds):
        self.runs.setdefault(name, []).append(seconds)

    def compare(self):
        numbers = {name: self.folder / name for name in ("ours.jsonl", "r.json")}
        with open(numbers["ours.jsonl"], "w") as file:
            run(self.program, "eval", "--quiet", self.review, output=file)
        with open(numbers["r.json"], "w") as file:
            run("Rscript", HERE / "statistics.R", self.review, "--exact", output=file)
        done = subprocess.run([sys.executable, HERE / "compare.py", *numbers.values()], capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        return done.stdout.splitlines()[0]

    def change_a_cell(self, turn):
        table = self.review / "data/ae_by_category.csv"
        cells = ("aggregate,8,29,", "aggregate,7,29,")
        before = table.read_text()
        after = before.replace(cells[turn % 2], cells[(turn + 1) % 2], 1)
        assert before != after
        table.write_text(after)

    def computed(self):
        """The seconds of the analyses alone, on one thread, once the review is read: as R measures itself."""
        if not self.statistics:
            return
        env = dict(os.environ, RAYON_NUM_THREADS="1")
        command = (self.statistics, "--inside", self.review, "50")
        lines = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.split()
        # on one thread the processor works no longer than the wall says
        seconds = statistics.median(map(float, lines))
        self.note("computed", (seconds, seconds))

    def inside(self):
        """What one review more costs in one process and on one thread: read, checked, computed, printed."""
        env = dict(os.environ, RAYON_NUM_THREADS="1")
        one = run(self.program, "eval", "--quiet", self.many / "000", env=env)
        all_of_them = run(self.program, "eval", "--quiet", self.many, env=env)
        return tuple((many - few) / COPIES for many, few in zip(all_of_them, one))

    def watched(self):
        """Seconds from a change of a cell to the report, with `watch` at work."""
        out = self.folder / "watched"
        shutil.rmtree(out, ignore_errors=True)
        manifest = out / self.version() / "manifest.json"
        command = [self.program, "watch", "--quiet", str(self.review), "--out", str(out)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            wait_for(manifest, None, process)
            for step in range(8):
                time.sleep(0.5)
                before, processor, start = stamp(manifest), processor_time(process.pid), time.perf_counter()
                self.change_a_cell(step)
                wait_for(manifest, before, process)
                wall = time.perf_counter() - start
                time.sleep(0.2)
                # the first two set what a process has not set before
                if step >= 2:
                    self.note("watched", (wall, processor_time(process.pid) - processor))
            process.terminate()

    def version(self):
        """The review's id and version, as a path."""
        lines = (self.review / "review.yaml").read_text().splitlines()
        keys = dict(line.split(": ", 1) for line in lines if line.startswith(("id: ", "version: ")))
        return Path(keys["id"]) / keys["version"].strip('"')

    def round(self, turn):
        out = self.folder / "out"
        for _ in range(5):
            self.note("eval", run(self.program, "eval", "--quiet", self.review))
            self.note("inside", self.inside())
            self.computed()
        for _ in range(3):
            shutil.rmtree(out, ignore_errors=True)
            self.note("build", run(self.program, "build", "--quiet", self.review, "--out", out))
        for step in range(4):
            self.change_a_cell(step)
            self.note("rebuild", run(self.program, "build", "--quiet", self.review, "--out", out))
        self.watched()
        for _ in range(5):
            self.note("idle", run(self.program, "build", "--quiet", self.review, "--out", out))
        if not self.has_r:
            return
        report = self.folder / "report.pdf"
        self.note("r eval", run("Rscript", HERE / "statistics.R", self.review))
        inside = text("Rscript", str(HERE / "statistics.R"), str(self.review), "--inside", "2")
        for line in inside.splitlines():
            elapsed, processor = map(float, line.split())
            self.note("r inside", (elapsed, processor))
        self.note("r build", run("Rscript", HERE / "render.R", self.review, report))
        self.change_a_cell(0)
        self.note("r rebuild", run("Rscript", HERE / "render.R", self.review, report))
        self.change_a_cell(1)

    def median(self, name, of=0):
        runs = self.runs.get(name)
        return statistics.median(run[of] for run in runs) if runs else None


def shown(seconds):
    if seconds is None:
        return "–"
    for unit, size, digits in (("s", 1.0, 1), ("ms", 1e-3, 1)):
        if seconds >= size:
            value = seconds / size
            return f"{value:.{digits if value < 100 else 0}f} {unit}"
    return f"{seconds * 1e6:.0f} µs"


def times(ratio):
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}"


ROWS = [
    ("the numbers of 24 analyses, whole process", "eval", "r eval"),
    ("the same inside the process, once the data are read", "computed", "r inside"),
    ("the same with reading, checking and printing", "inside", "r inside"),
    ("the report as PDF, with its tables and figures", "build", "r build"),
    ("the report again after one changed cell", "rebuild", "r rebuild"),
    ("the same with `watch` at work", "watched", "r rebuild"),
    ("nothing to do", "idle", None),
]

GOALS = [
    ("numbers, whole process: 200 times", "eval", "r eval", 200.0),
    ("numbers, inside: 1,000 times", "computed", "r inside", 1000.0),
    ("report: 12 times", "build", "r build", 12.0),
    ("rebuild: 0.3 s", "watched", None, 0.3),
    ("nothing to do: 30 ms", "idle", None, 0.03),
]


def table(bench):
    yield "| what | build-report | R | ratio | ratio of processor time |"
    yield "|---|--:|--:|--:|--:|"
    for label, ours, theirs in ROWS:
        here, there = bench.median(ours), bench.median(theirs)
        if here is None:
            continue
        ratios = ["–", "–"]
        if there is not None:
            ratios = [times(bench.median(theirs, of) / bench.median(ours, of)) for of in (0, 1)]
        yield f"| {label} | {shown(here)} | {shown(there)} | {' | '.join(ratios)} |"


def goals(bench):
    for label, ours, theirs, goal in GOALS:
        here, there = bench.median(ours), bench.median(theirs)
        if here is None:
            yield f"not measured: {label}"
        elif theirs is None:
            yield f"{'met' if here <= goal else 'MISSED'}: {label} ({shown(here)})"
        elif there is not None:
            yield f"{'met' if there / here >= goal else 'MISSED'}: {label} ({times(there / here)})"


def machine(program, has_r):
    with open("/proc/cpuinfo") as info:
        names = [line.split(":")[1].strip() for line in info if line.startswith("model name")]
    versions = [text(program, "--version")]
    if has_r:
        packages = 'p <- c("metafor", "rmarkdown"); cat(R.version.string, paste(p, sapply(p, function(x) format(packageVersion(x)))), sep = ", ")'
        versions += [text("Rscript", "-e", packages), text("pandoc", "--version").splitlines()[0], text("pdflatex", "--version").splitlines()[0]]
    load = "/".join(f"{value:.1f}" for value in os.getloadavg())
    processor = names[0] if names else platform.processor()
    return f"{processor}, {os.cpu_count()} cores, load {load}; {datetime.date.today()}; {', '.join(versions)}."


def main():
    arguments = argparse.ArgumentParser(description="Times of build-report and of R on the same analyses.")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--without-r", action="store_true")
    options = arguments.parse_args()
    program = shutil.which(os.environ.get("PROGRAM", "build-report"))
    if program is None:
        sys.exit("PROGRAM names no program: build one with `cargo build --release`")
    program = str(Path(program).resolve())
    has_r = not options.without_r
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(program, os.environ.get("STATISTICS"), Path(folder), has_r)
        if has_r:
            print(bench.compare(), file=sys.stderr)
        run(program, "build", "--quiet", bench.review, "--out", Path(folder) / "warm")
        for turn in range(options.rounds):
            print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
            bench.round(turn)
        print("\n".join(table(bench)))
        print(f"\nMedians; rounds: {options.rounds}. {machine(program, has_r)}")
        print("\n".join(goals(bench)), file=sys.stderr)


if __name__ == "__main__":
    main()
