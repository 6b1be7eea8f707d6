"""Runs the commands of tutorials and how-to pages as a reader would, page by page.

A fenced block says in its first line what it is:

  ```sh run                         run it; every command must succeed
  ```sh run shows="some text"       and what it prints must contain the text
  ```sh run background shows="…"    leave it running, as in a second terminal, and go on once it prints the text
  ```sh skip="why"                  not run, and why
  ```text, ```java, …               no commands

A block without any of these fails the check. The blocks of a page run in order in one bash, in an empty folder
that shows the repository's files; what a page started ends with it.

  python3 .ci/doc_test.py                    all pages
  python3 .ci/doc_test.py docs/how-to-x.md   these pages
  python3 .ci/doc_test.py --check            only whether every block says what it is
  python3 .ci/doc_test.py --keep DIR …       what the pages make stays in DIR/tutorial-x/desk
"""

import argparse
import dataclasses
import glob
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST_BLOCK = 1800
PORTS = (8080, 1883)

# A failed command is told on a descriptor of its own: status, line, command.
PRELUDE = r"""
set -eE -o pipefail
tell_failure() {
  printf 'failed %s %s %s\n' "$1" "$2" "${3%%$'\n'*}" >&TOLD
  exit "$1"
}
trap 'tell_failure "$?" "$LINENO" "$BASH_COMMAND"' ERR
"""


@dataclasses.dataclass
class Block:
    page: str
    line: int  # of its first command
    code: str
    background: bool
    shows: str


class Failure(Exception):
    """What went wrong, with page and line."""


def blocks(page):
    """The blocks of a page to run, and (line, reason) of those that are not."""
    run, skipped = [], []
    opened = None
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r" *(```+|~~~+)(.*)$", line)
        if opened is None and fence:
            opened = (number, fence.group(1), fence.group(2).strip(), [])
        elif opened and fence and fence.group(1) == opened[1] and not fence.group(2).strip():
            begin, _, information, lines = opened
            opened = None
            language, _, rest = information.partition(" ")
            if not language or (language in ("sh", "bash", "shell", "console") and not re.match(r"run\b|skip=", rest)):
                raise Failure(f'{page}:{begin}: say what this block is: ```sh run, ```sh skip="why", or ```text')
            if language != "sh" or not rest:
                continue
            marks = re.fullmatch(r'(?:run( background)?(?: shows="([^"]+)")?|skip="([^"]+)")', rest)
            if not marks or (marks.group(1) and not marks.group(2)):
                raise Failure(f"{page}:{begin}: cannot read '{rest}'; .ci/doc_test.py says what may stand there")
            if marks.group(3):
                skipped.append((begin, marks.group(3)))
            else:
                run.append(Block(page, begin + 1, "\n".join(lines), bool(marks.group(1)), marks.group(2) or ""))
        elif opened:
            opened[3].append(line)
    if opened:
        raise Failure(f"{page}:{opened[0]}: this block has no end")
    return run, skipped


class Reader:
    """Someone who follows a page: a bash in a folder of its own. What it started ends with close()."""

    def __init__(self, folder):
        self.folder = folder
        desk = folder / "desk"
        desk.mkdir()
        for entry in ROOT.iterdir():
            if not entry.name.startswith(".") and entry.name not in ("target", "crosslm-data"):
                (desk / entry.name).symlink_to(entry)
        self.told, theirs = os.pipe()
        environment = dict(os.environ, PATH=f"{desk}:{os.environ['PATH']}")
        self.shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile"], cwd=desk, env=environment, stdin=subprocess.PIPE, pass_fds=[theirs],
            start_new_session=True, stdout=subprocess.DEVNULL, stderr=open(folder / "shell", "w", encoding="utf-8"))
        os.close(theirs)
        self.told_by = theirs
        self.say(PRELUDE)

    def say(self, text):
        try:
            self.shell.stdin.write(text.replace("TOLD", str(self.told_by)).encode())
            self.shell.stdin.flush()
        except BrokenPipeError:
            pass  # It is gone; whoever waits for its answer says so.

    def follow(self, block):
        script, output = self.folder / f"{block.line}.sh", self.folder / f"{block.line}.out"
        output.touch()
        code = "\n" * (block.line - 1) + block.code + "\n"
        if block.background:
            script.write_text(code, encoding="utf-8")
            self.say(f"(trap - ERR; exec TOLD>&-; source '{script}') > '{output}' 2>&1 < /dev/null &\n")
            self.wait_for(block, output)
        else:
            script.write_text(code, encoding="utf-8")
            self.say(f"source '{script}' > '{output}' 2>&1 < /dev/null; echo done >&TOLD\n")
            self.wait_until_done(block, output)
            if block.shows not in output.read_text(encoding="utf-8", errors="replace"):
                raise failed(block, block.line, f"it does not print '{block.shows}'", output)

    def wait_until_done(self, block, output):
        ready, _, _ = select.select([self.told], [], [], LONGEST_BLOCK)
        if not ready:
            raise failed(block, block.line, f"it takes more than {LONGEST_BLOCK} s", output)
        answer = os.read(self.told, 4096).decode(errors="replace").strip()
        if answer != "done":
            told = re.match(r"failed (\d+) (\d+) (.*)", answer)
            if told:
                raise failed(block, int(told.group(2)), f"status {told.group(1)} of: {told.group(3)}", output)
            raise failed(block, block.line, "the shell has ended", output, self.folder / "shell")

    def wait_for(self, block, output):
        end = time.monotonic() + LONGEST_BLOCK
        while block.shows not in output.read_text(encoding="utf-8", errors="replace"):
            if time.monotonic() > end or not self.is_running():
                raise failed(block, block.line, f"it ended, or does not print '{block.shows}'", output)
            time.sleep(0.2)

    def is_running(self):
        """Whether the shell's last background job runs."""
        self.say("if kill -0 $! 2> /dev/null; then echo yes >&TOLD; else echo no >&TOLD; fi\n")
        return os.read(self.told, 4096).strip() == b"yes"

    def close(self):
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.shell.pid, sign)
            except ProcessLookupError:
                break
            end = time.monotonic() + 30
            while time.monotonic() < end and is_group(self.shell):
                time.sleep(0.1)
        os.close(self.told)


def is_group(shell):
    shell.poll()
    try:
        os.killpg(shell.pid, 0)
    except ProcessLookupError:
        return False
    return True


def failed(block, line, what, *outputs):
    last = [line for output in outputs for line in output.read_text(encoding="utf-8", errors="replace").splitlines()]
    return Failure("\n    ".join([f"{block.page}:{line}: {what}"] + last[-40:]))


def check_ports():
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as e:
                raise Failure(f"the pages need port {port} of this machine, but it is taken: {e}") from e


def follow(page, run, keep):
    if keep:
        folder = keep / pathlib.Path(page).stem
        folder.mkdir(parents=True)
    else:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="crosslm-doc-"))
    reader = Reader(folder)
    try:
        for block in run:
            reader.follow(block)
    finally:
        reader.close()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def main(arguments):
    parser = argparse.ArgumentParser(description="Runs the commands of tutorials and how-to pages.")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("pages", nargs="*")
    options = parser.parse_args(arguments)
    only_check = options.check
    pages = [os.path.relpath(page, ROOT) for page in map(os.path.abspath, options.pages)] or sorted(
        os.path.relpath(page, ROOT)
        for kind in ("tutorial", "how-to") for page in glob.glob(f"{ROOT}/docs/{kind}-*.md"))
    plan = {page: blocks(page) for page in pages}
    count = 0
    for page, (run, skipped) in plan.items():
        start = time.monotonic()
        if run and not only_check:
            check_ports()
            follow(page, run, options.keep)
            count += len(run)
        print(f"{page}: {len(run)} blocks {'to run' if only_check else 'ran'}, {time.monotonic() - start:.0f} s", flush=True)
        for line, reason in skipped:
            print(f"  {page}:{line} not run: {reason}")
    if not only_check:
        print(f"{count} blocks of {len(plan)} pages ran")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failure as e:
        sys.exit(str(e))
