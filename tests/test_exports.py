"""What a topic gives to take along: a pytest file that compares two servers, a project that runs without the site."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sites import Site

from explorer.compare import DEFAULT_NOISE, NOISE, compare
from explorer.parity import parity_file, quoted
from explorer.project import project_zip
from explorer.topics import Exchange, Request, Response, Scenario, Topic

TOPIC = "hello-world"
BIN = Path(sys.executable).parent
CALM = "dict"
"""A scenario of the topic whose answers differ in nothing but the newline at their end."""
LOUD = "string"
"""One whose answers differ in media type and body."""

HOSTILE = [
    '"""\nimport os\nos._exit(3)\n"""',
    "'); raise SystemExit(3)  #",
    "\\",
    "\\'\\\"",
    "{{ 7*7 }}{% raw %}{# #}",
    "line\r\nbreak \u2028 \u202e \x00 \x7f",
    "Zürich 🙂 \ud800",
]

BLOCKER = """
import importlib.abc, os, sys
from importlib.metadata import packages_distributions

asked = {line.split("==")[0] for line in open("requirements.txt").read().split()}
known = packages_distributions()


class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        owners = known.get(name.partition(".")[0])
        if owners and not {owner.lower().replace("_", "-") for owner in owners} & asked:
            raise ModuleNotFoundError(f"{name} is not in requirements.txt", name=name)


sys.meta_path.insert(0, Blocker())
"""
"""A pytest plugin that makes the environment as poor as one that holds the project's requirements alone."""


def topic_of(site: Site, slug: str = TOPIC) -> Topic:
    return site.state.live.current.topics[slug]


def environment(**more: str) -> dict[str, str]:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | more


def unpack(data: bytes, folder: Path) -> Path:
    """Unpack a project and return its folder."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        archive.extractall(folder)
    (project,) = folder.iterdir()
    return project


def commands(project: Path, heading: str) -> list[str]:
    """The commands of the README under a heading."""
    part = (project / "README.md").read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [line for block in re.findall(r"```sh\n(.*?)```", part, re.S) for line in block.splitlines()]


def shell(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=60
    )


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(command: str, folder: Path, **more: str) -> Iterator[str]:
    """Run a server by its command of the README, but on a free port, and yield its address."""
    port = free_port()
    moved = re.sub(r"\b\d{4,5}\b", str(port), command)
    assert moved != command
    log = folder / f"log-{port}"
    env = environment(HOME=str(folder), **more)
    with log.open("wb") as output:
        process = subprocess.Popen(["bash", "-c", f"exec {moved}"], cwd=folder, env=env, stdout=output, stderr=output)
    try:
        await_port(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def project(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The topic's project as the site sends it."""
    return unpack(site.get(f"/topics/{TOPIC}/project.zip").content, tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def servers(project: Path) -> Iterator[list[tuple[str, str]]]:
    """Each side of the topic twice, as the addresses of two identical servers."""
    runs = commands(project, "Run")[:2]
    with ExitStack() as stack:
        addresses = [stack.enter_context(running(run, project)) for run in runs for _ in range(2)]
        yield [(addresses[0], addresses[1]), (addresses[2], addresses[3])]


def parity(site: Site, folder: Path, query: str = "") -> Path:
    answer = site.get(f"/topics/{TOPIC}/parity.py{query}")
    assert answer.status_code == 200, answer.text
    file = folder / "test_exported_parity.py"
    file.write_text(answer.text)
    return file


def run_parity(file: Path, left: str, right: str) -> subprocess.CompletedProcess[str]:
    return shell(f"python -m pytest -q {file.name}", file.parent, LEFT_URL=left, RIGHT_URL=right)


def test_the_file_passes_against_two_identical_servers(site: Site, servers: list[tuple[str, str]], tmp_path: Path):
    file = parity(site, tmp_path)

    for left, right in servers:
        done = run_parity(file, left, right)
        assert done.returncode == 0, done.stdout
        assert f"{len(topic_of(site).scenarios)} passed" in done.stdout


def test_the_file_fails_against_two_different_servers(site: Site, servers: list[tuple[str, str]], tmp_path: Path):
    done = run_parity(parity(site, tmp_path), servers[0][0], servers[1][0])

    assert done.returncode == 1, done.stdout
    assert re.search(
        r"header content-type\n +left +'text/html; charset=utf-8'\n +right +'application/json'", done.stdout
    )
    assert re.search(r"status\n +left +200\n +right +405", done.stdout)
    assert re.search(r"line 1 of the body\n +left +'Hello, World!'\n +right +'\"Hello, World!\"'", done.stdout)


def test_only_the_scenarios_named_are_sent_in_the_topics_order(site: Site):
    file = site.get(f"/topics/{TOPIC}/parity.py?scenario={CALM}&scenario={LOUD}&scenario={CALM}").text

    assert list(requests(file)) == [s.id for s in topic_of(site).scenarios if s.id in (CALM, LOUD)]


def test_a_noise_rule_decides_what_is_a_difference(site: Site, servers: list[tuple[str, str]], tmp_path: Path):
    left, right = servers[0][0], servers[1][0]
    every = "".join(f"&noise={rule.id}" for rule in NOISE if rule.id != "trailing-newline")

    assert run_parity(parity(site, tmp_path, f"?scenario={CALM}"), left, right).returncode == 0
    strict = run_parity(parity(site, tmp_path, f"?scenario={CALM}{every}"), left, right)
    assert strict.returncode == 1
    assert re.search(r"newline at the end\n +left +True\n +right +False", strict.stdout)
    none = run_parity(parity(site, tmp_path, f"?scenario={CALM}&noise="), left, right).stdout
    assert "header Server" in none
    assert "header content-length" in none


def test_a_rule_can_be_switched_by_hand(site: Site, servers: list[tuple[str, str]], tmp_path: Path):
    file = parity(site, tmp_path, f"?scenario={CALM}")
    file.write_text(file.read_text().replace('    "trailing-newline"', '    # "trailing-newline"'))

    assert run_parity(file, servers[0][0], servers[1][0]).returncode == 1


def test_a_file_without_addresses_says_what_it_needs(site: Site, tmp_path: Path):
    done = run_parity(parity(site, tmp_path, f"?scenario={CALM}"), "", "http://127.0.0.1:1")

    assert done.returncode == 1
    assert "Set LEFT_URL and RIGHT_URL" in done.stdout


def test_the_file_is_a_download(site: Site):
    answer = site.get(f"/topics/{TOPIC}/parity.py")

    assert answer.headers["content-type"] == "text/x-python; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="test_hello_world_parity.py"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["x-content-type-options"] == "nosniff"
    head = site.head(f"/topics/{TOPIC}/parity.py")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"/topics/{TOPIC}/parity.py?scenario={CALM}&scenario=../../etc/passwd", 422, "no scenario with this id"),
        (f"/topics/{TOPIC}/parity.py?scenario=%3Cscript%3E", 422, "no scenario with this id"),
        (f"/topics/{TOPIC}/parity.py?scenario=", 422, "no scenario with this id"),
        (f"/topics/{TOPIC}/parity.py?noise=date%0Aimport%20os", 422, "no such rule"),
        (f"/topics/{TOPIC}/parity.py?noise=nothing", 422, "no such rule"),
        ("/topics/nowhere/parity.py", 404, "no topic"),
        ("/topics/nowhere/project.zip", 404, "no topic"),
        ("/topics/..%2f..%2fetc/project.zip", 404, ""),
        ("/topics/%22;x/project.zip", 404, "no topic"),
    ],
)
def test_unknown_ids_are_refused_and_not_repeated(site: Site, path: str, status: int, says: str):
    answer = site.get(path)

    assert answer.status_code == status
    assert says in answer.text
    assert not re.search(r"passwd|<script>|import os", answer.text)
    assert "content-disposition" not in answer.headers


def requests(text: str) -> dict[str, Any]:
    """The requests of an exported file, read without running it."""
    (value,) = (
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "REQUESTS"
    )
    assert isinstance(value, ast.Dict)
    return {
        ast.literal_eval(key): {word.arg: ast.literal_eval(word.value) for word in call.keywords}
        for key, call in zip(value.keys, value.values, strict=True)
        if key is not None and isinstance(call, ast.Call)
    }


def hostile_topic(topic: Topic) -> Topic:
    scenarios = [
        Scenario(text, "malformed", text, text, Request("POST", f"/{text}", text, (("X", text),), text), {})
        for text in HOSTILE
    ]
    return replace(topic, title=HOSTILE[0], scenarios=tuple(scenarios))


def test_hostile_texts_are_values_and_nothing_else(site: Site):
    topic = hostile_topic(topic_of(site))

    text = parity_file(topic, topic.scenarios)

    assert requests(text) == {
        value: {"method": "POST", "target": f"/{value}?{value}", "headers": [f"X: {value}"], "body": value}
        for value in HOSTILE
    }
    plain = parity_file(topic, ())
    kinds = [[type(node) for node in ast.parse(source).body] for source in (text, plain)]
    assert kinds[0] == kinds[1]
    assert not set(text) & set("\u202e\u2028\x00\x7f\r")


@given(st.text())
@settings(max_examples=200)
def test_a_literal_is_the_text(text: str):
    assert ast.literal_eval(quoted(text)) == text
    assert "\n" not in quoted(text)


def test_what_is_generated_is_formatted_and_lint_free(site: Site, tmp_path: Path):
    for topic in site.state.live.current.topics.values():
        unpack(project_zip(topic), tmp_path / topic.slug)
    hostile = hostile_topic(topic_of(site))
    (tmp_path / "test_hostile.py").write_text(parity_file(hostile, hostile.scenarios[:-1]), encoding="utf-8")
    ours = [*tmp_path.glob("*.py"), *tmp_path.glob("*/*/tests/*.py"), *tmp_path.glob("*/*/parity/*.py")]
    assert len(ours) > 3 * len(site.state.live.current.topics)
    assert_tidy(ours)


def assert_tidy(files: list[Path]) -> None:
    for command in (["format", "--check", "--diff"], ["check"]):
        done = subprocess.run([BIN / "ruff", *command, "--isolated", *files], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def exported(topic: Topic, noise: frozenset[str], folder: Path) -> ModuleType:
    path = folder / "test_in_process.py"
    path.write_text(parity_file(topic, topic.scenarios[:1], noise))
    return module(path, "exported_parity")


def told(file: ModuleType, left: Exchange, right: Exchange) -> list[str]:
    assert left.response
    assert right.response
    answers = [file.Answer(r.status, [*r.headers], r.body) for r in (left.response, right.response)]
    return [*file.differences(*answers)]


NOISES = [DEFAULT_NOISE, frozenset(), frozenset(rule.id for rule in NOISE)]
NOISES += [frozenset(rule.id for rule in NOISE if rule.id != off.id) for off in NOISE]


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: str(len(noise)))
def test_the_file_judges_as_the_site_does(site: Site, tmp_path: Path, noise: frozenset[str]):
    """What the site calls different fails, what it calls the same passes; between them is form, and either may be."""
    catalog = site.state.live.current
    file = exported(topic_of(site), noise, tmp_path)
    marks = set()
    for runs in catalog.results.runs.values():
        for run in runs:
            left, right = run.plain[:2]
            mark = compare(left, right, noise).mark
            found = told(file, left, right)
            assert mark != "different" or found, run.scenario
            assert mark != "same" or not found, (run.scenario, found)
            assert told(file, left, left) == []
            marks.add(mark)
    assert "different" in marks


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.one_of(
    st.builds(lambda value, indent: json.dumps(value, indent=indent).encode(), JSON, st.sampled_from([None, 1])),
    st.text(max_size=20).map(str.encode),
    st.binary(max_size=8),
    st.sampled_from([b'{"a": 1, "a": 2}', b'{"a": 2}', b"[1]\n", b"[1]", b"[1.0]", b"[true]", b""]),
)
TYPES = st.sampled_from(["application/json", "text/plain", "application/problem+json", "image/png", ""])


@pytest.fixture(scope="module")
def default_file(site: Site, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return exported(topic_of(site), DEFAULT_NOISE, tmp_path_factory.mktemp("default"))


@given(BODIES, BODIES, TYPES, TYPES)
@settings(max_examples=300, deadline=None)
def test_any_two_bodies_are_judged_as_the_site_does(
    default_file: ModuleType, one: bytes, other: bytes, one_type: str, other_type: str
):
    left, right = (
        Exchange(side, side, Request(), Response(200, (("Content-Type", kind),), body, len(body)))
        for side, kind, body in (("left", one_type, one), ("right", other_type, other))
    )
    mark = compare(left, right).mark
    found = told(default_file, left, right)
    assert mark != "different" or found
    assert mark != "same" or not found


def test_the_readme_sets_up_what_is_tested_here(project: Path):
    assert "pip install -r requirements.txt" in commands(project, "Set up")
    pins = dict(line.split("==") for line in (project / "requirements.txt").read_text().split())
    assert pins == {name: version(name) for name in pins}
    assert {"flask", "werkzeug", "fastapi", "starlette", "pydantic", "gunicorn", "uvicorn", "pytest"} <= set(pins)
    assert not {"explorer", "typer", "ruff", "httpx2", "python-multipart"} & set(pins)
    table = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert table["name"] == TOPIC
    assert table["dependencies"] == [f"{n}=={version(n)}" for n in ("fastapi", "flask", "gunicorn", "uvicorn")]


def test_the_servers_of_the_readme_answer(project: Path, servers: list[tuple[str, str]]):
    curls = commands(project, "Run")[2:]
    assert len(curls) == 2
    for curl, (address, _) in zip(curls, servers, strict=True):
        target = shlex.split(curl)[-1].partition("//")[2].partition("/")[2]
        with urllib.request.urlopen(f"{address}/{target}", timeout=10) as answer:
            assert (answer.status, b"Hello, World!" in answer.read()) == (200, True)


def test_the_tests_of_the_readme_pass_and_the_comparison_fails(
    site: Site, project: Path, servers: list[tuple[str, str]]
):
    (test,) = commands(project, "Test")
    done = shell(f"{test} -q", project)
    assert done.returncode == 0, done.stdout
    assert f"{2 * len(topic_of(site).scenarios)} passed" in done.stdout

    (compared,) = commands(project, "Compare")
    for original, (address, _) in zip(("http://127.0.0.1:5000", "http://127.0.0.1:8000"), servers, strict=True):
        assert original in compared
        compared = compared.replace(original, address)
    done = shell(compared, project)
    assert done.returncode == 1
    assert "header content-type" in done.stdout


def test_a_container_runs_a_command_that_answers_from_outside(project: Path):
    builds = [line for line in commands(project, "Containers") if line.startswith("docker build")]
    for number, build in enumerate(builds):
        dockerfile = (project / shlex.split(build)[3]).read_text()
        port = re.search(r"^EXPOSE (\d+)$", dockerfile, re.M)
        command = json.loads(re.search(r"^CMD (.+)$", dockerfile, re.M)[1])
        assert port
        assert port[1] in " ".join(command)
        assert f"-p {port[1]}:{port[1]} " in commands(project, "Containers")[2 * number + 1]
        assert any(part.startswith("0.0.0.0") for part in command)
        with running(shlex.join(command), project) as address:
            assert urllib.request.urlopen(f"{address}/text", timeout=10).status == 200
    assert len(builds) == 2


def test_a_test_of_the_project_sees_a_wrong_application(site: Site, tmp_path: Path):
    project = unpack(project_zip(topic_of(site)), tmp_path)
    for app in project.glob("*/app.py"):
        app.write_text(app.read_text().replace("Hello, World!", "Hello, Welt!!"))

    done = shell("python -m pytest -q", project)

    assert f"2 failed, {2 * len(topic_of(site).scenarios) - 2} passed" in done.stdout
    assert "'Hello, Welt!!' == 'Hello, World!'" in done.stdout


@pytest.mark.parametrize("slug", ["data-validation", "templates", "static-files", "http-methods", "logging"])
def test_a_project_needs_its_requirements_alone(site: Site, tmp_path: Path, slug: str):
    project = unpack(project_zip(topic_of(site, slug)), tmp_path / "project")
    (tmp_path / "blocker.py").write_text(BLOCKER)

    done = shell("python -m pytest -q -p blocker", project, PYTHONPATH=str(tmp_path))

    topic = topic_of(site, slug)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(topic.variants) * len(topic.scenarios)} passed" in done.stdout


@pytest.fixture
def poor(site: Site, tmp_path: Path) -> Path:
    """The project with shell scripts; beside it what keeps a Python process to its requirements."""
    project = unpack(project_zip(topic_of(site, "deployment")), tmp_path / "project")
    asked = repr(str(project / "requirements.txt"))
    (tmp_path / "sitecustomize.py").write_text(BLOCKER.replace('"requirements.txt"', asked))
    return project


def test_the_shell_scripts_of_a_project_need_its_requirements_alone(poor: Path, tmp_path: Path):
    scripts = sorted(poor.glob("*/*.sh"))
    for script in scripts:
        command = script.read_text().partition("exec ")[2]
        with running(command, script.parent, PYTHONPATH=str(tmp_path)) as address:
            assert urllib.request.urlopen(f"{address}/seen", timeout=30).status == 200
    names = ["serve-gunicorn-asgi.sh", "serve-gunicorn.sh", "serve.sh", "serve.sh"]
    assert [script.name for script in scripts] == names


def test_a_shell_script_that_needs_more_would_be_seen(poor: Path, tmp_path: Path):
    requirements = poor / "requirements.txt"
    kept = [line for line in requirements.read_text().splitlines() if not line.startswith("uvicorn-worker==")]
    requirements.write_text("\n".join(kept))
    command = (poor / "fastapi" / "serve-gunicorn.sh").read_text().partition("exec ")[2]
    with (
        pytest.raises(AssertionError, match=r"uvicorn_worker is not in requirements\.txt"),
        running(command, poor / "fastapi", PYTHONPATH=str(tmp_path)),
    ):
        pass


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # tasks that fail, on purpose
def test_every_project_answers_as_its_tests_say(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for slug, topic in site.state.live.current.topics.items():
        project = unpack(project_zip(topic), tmp_path / slug)
        calling = module(project / "tests" / "calling.py", "calling")
        monkeypatch.setitem(sys.modules, "calling", calling)
        for path in (project / "tests").glob("test_*.py"):
            tests = module(path, path.stem)
            assert tests.CASES
            for name in tests.CASES:
                tests.test_answer(name)
        for name, loaded in [*sys.modules.items()]:  # the next project may have modules of the same names
            if (getattr(loaded, "__file__", None) or "").startswith(str(project)):
                del sys.modules[name]


def test_the_zip_holds_the_demos_as_they_are(site: Site):
    topic = topic_of(site, "static-files")
    with zipfile.ZipFile(BytesIO(project_zip(topic))) as archive:
        names = archive.namelist()
        for variant in topic.variants:
            for path in ("app.py", "static/app.css", "static/.notes.txt"):
                assert archive.read(f"static-files/{variant.id}/{path}") == (variant.folder / path).read_bytes()
    assert names == sorted(names)
    assert not [name for name in names if "notes.md" in name or "__pycache__" in name or ".." in name]
    assert all(name.startswith("static-files/") for name in names)


def test_the_zip_is_the_same_each_time_and_a_download(site: Site, monkeypatch: pytest.MonkeyPatch):
    first = site.get(f"/topics/{TOPIC}/project.zip")
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2_000_000_000))

    assert site.get(f"/topics/{TOPIC}/project.zip").content == first.content
    assert first.headers["content-type"] == "application/zip"
    assert first.headers["content-disposition"] == 'attachment; filename="hello-world.zip"'
    assert first.headers["cache-control"] == "no-store"
    assert site.head(f"/topics/{TOPIC}/project.zip").headers["content-length"] == str(len(first.content))
    with zipfile.ZipFile(BytesIO(first.content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_what_a_folder_links_to_outside_stays_there(content: Path, make_site: Callable[..., Site], tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = content / "topics" / TOPIC / "flask"
    (folder / "linked.txt").symlink_to(secret)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "app.pyc").write_bytes(b"secret")
    topic = topic_of(make_site(content=content))

    with zipfile.ZipFile(BytesIO(project_zip(topic))) as archive:
        assert sorted(n for n in archive.namelist() if "/flask/" in n) == [f"{TOPIC}/flask/app.py"]
        assert not [name for name in archive.namelist() if b"secret" in archive.read(name)]


STEPS = """
[variants."flask+again"]
title = "Flask once more"

[[scenarios]]
id = "cookie"
kind = "valid"
title = "A cookie and a saved value"
why = "Both come back."
path = "/seen/{word}"

[[scenarios.before]]
method = "POST"
path = "/mark"
save = { word = "/words/1" }

[scenarios.expect.flask]
status = 200
json = '{"visitor": "ada", "word": "two"}'

[scenarios.expect.fastapi]
status = 200
json = '{"visitor": "ada", "word": "two"}'
"""
FLASK = """
from flask import jsonify, request


@app.post("/mark")
def mark():
    answer = jsonify({"words": ["one", "two"]})
    answer.set_cookie("visitor", "ada")
    return answer


@app.get("/seen/<word>")
def seen(word):
    return {"visitor": request.cookies.get("visitor", ""), "word": word}
"""
FASTAPI = """
from typing import Annotated

from fastapi import Cookie, Form, Response


@app.post("/mark")
def mark(response: Response):
    response.set_cookie("visitor", "ada")
    return {"words": ["one", "two"]}


@app.post("/form")
def form(name: Annotated[str, Form()]):
    return name


@app.get("/seen/{word}")
def seen(word: str, visitor: Annotated[str, Cookie()] = ""):
    return {"visitor": visitor, "word": word}
"""


@pytest.fixture
def stepped(content: Path, make_site: Callable[..., Site], tmp_path: Path) -> Path:
    """The project of a topic with a third variant and a scenario of two steps."""
    folder = content / "topics" / TOPIC
    table = (folder / "topic.toml").read_text()
    (folder / "topic.toml").write_text(table + STEPS)
    for side, more in (("flask", FLASK), ("fastapi", FASTAPI)):
        app = folder / side / "app.py"
        app.write_text(app.read_text() + more)
    shutil.copytree(folder / "flask", folder / "flask+again")
    return unpack(make_site(content=content).get(f"/topics/{TOPIC}/project.zip").content, tmp_path / "unpacked")


def test_variants_and_steps_are_part_of_a_project(stepped: Path):
    done = shell("python -m pytest -q", stepped)
    assert done.returncode == 0, done.stdout
    (file,) = (stepped / "parity").iterdir()
    assert f"{3 * len(requests(file.read_text()))} passed" in done.stdout
    assert "python-multipart" in (stepped / "requirements.txt").read_text()
    assert (stepped / "Dockerfile.flask+again").is_file()
    runs = commands(stepped, "Run")[:3]
    assert [re.findall(r"\b\d{4,5}\b", run) for run in runs] == [["5000"], ["8000"], ["11000"]]
    assert_tidy([path for folder in ("tests", "parity") for path in (stepped / folder).glob("*.py")])


def test_the_file_sends_what_comes_before_a_request(stepped: Path):
    (file,) = (stepped / "parity").iterdir()
    runs = commands(stepped, "Run")

    with running(runs[0], stepped) as flask, running(runs[1], stepped) as fastapi, running(runs[2], stepped) as again:
        same = run_parity(file, flask, again)
        other = shell(f"python -m pytest -q {file.name} -k cookie", file.parent, LEFT_URL=flask, RIGHT_URL=fastapi)

    assert same.returncode == 0, same.stdout
    assert "1 passed" in other.stdout, other.stdout


def test_a_project_of_other_sides_runs_too(hostile_content: Path, make_site: Callable[..., Site], tmp_path: Path):
    site = make_site(content=hostile_content)
    project = unpack(site.get("/topics/calm/project.zip").content, tmp_path)

    done = shell("python -m pytest -q", project)

    assert "2 passed" in done.stdout, done.stdout
    runs = commands(project, "Run")[:2]
    assert [shlex.split(run)[0] for run in runs] == ["gunicorn", "uvicorn"]
    assert [shlex.split(run)[2] for run in runs] == ["left", "right"]


def test_a_demo_that_is_no_python_is_exported_as_it_is(hostile_content: Path, make_site: Callable[..., Site]):
    site = make_site(content=hostile_content)

    for slug in ("syntax-error", "null-byte", "import-error"):
        answer = site.get(f"/topics/{slug}/project.zip")
        with zipfile.ZipFile(BytesIO(answer.content)) as archive:
            source = (hostile_content / "topics" / slug / "left" / "app.py").read_bytes()
            assert archive.read(f"{slug}/left/app.py") == source
