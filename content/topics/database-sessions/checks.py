"""Facts that no request to the demos shows: connections, threads, and what is left of a closed session."""

import asyncio
import gc
import json
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import requires
from typing import Annotated, Any
from warnings import catch_warnings, simplefilter

import anyio.to_thread
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.pool import QueuePool, StaticPool

Message = MutableMapping[str, Any]


class Base(DeclarativeBase):
    """The models of the checks."""


class Employee(Base):
    """Somebody at a desk."""

    __tablename__ = "employee"

    desk: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class EmployeeOut(BaseModel):
    """An employee in an answer."""

    model_config = ConfigDict(from_attributes=True)

    name: str


def _one_connection() -> Engine:
    """Return an engine whose pool holds one connection and gives up at once when it is taken."""
    anywhere = {"check_same_thread": False}
    options = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.01}
    return create_engine("sqlite://", poolclass=QueuePool, connect_args=anywhere, **options)


def _with_ada() -> Engine:
    """Return an engine with one employee, whose database all threads share."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Employee(desk=7, name="Ada"))
        session.commit()
    return engine


def _checked_out(engine: Engine) -> int:
    """Return how many connections of the pool are in use."""
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


def _get(app: FastAPI, path: str = "/", look: Callable[[Message], None] = lambda _: None) -> tuple[int, Any]:
    """Send a GET request as an ASGI server would, look at each message, and return status and JSON of the answer."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        look(message)
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    asyncio.run(app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def _error(call: Callable[..., object], *arguments: Any) -> Exception:
    """Return what a call raises."""
    try:
        call(*arguments)
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def check_no_sessions() -> None:
    """Neither framework requires a library for databases."""
    needs = [line.lower() for package in ("flask", "fastapi", "starlette") for line in requires(package) or ()]
    assert needs
    assert not [line for line in needs if line.startswith(("sqlalchemy", "sqlmodel", "flask-sqlalchemy"))]


def check_lazy() -> None:
    """A session takes a connection from the pool when it is first used, and returns it with `commit`."""
    engine = _one_connection()
    with Session(engine) as session:
        assert _checked_out(engine) == 0
        session.execute(text("select 1"))
        assert _checked_out(engine) == 1
        session.commit()
        assert _checked_out(engine) == 0


def check_leak() -> None:
    """A session that was used and is not closed keeps its connection; where the pool is empty, the next one fails."""
    engine = _one_connection()
    kept = Session(engine)
    kept.execute(text("select 1"))
    with Session(engine) as session:
        error = _error(session.execute, text("select 1"))
        assert isinstance(error, TimeoutError)
        assert "QueuePool limit of size 1 overflow 0 reached" in str(error)
    kept.close()
    with Session(engine) as session:
        assert session.execute(text("select 1")).scalar() == 1


def check_pool_size() -> None:
    """An engine's pool gives out 15 connections and waits 30 seconds for the sixteenth; 40 threads run views."""
    pool = create_engine("sqlite:///never-opened.db").pool
    assert isinstance(pool, QueuePool)
    assert (pool.size(), pool._max_overflow, pool.timeout()) == (5, 10, 30)

    async def threads() -> float:
        return anyio.to_thread.current_default_thread_limiter().total_tokens

    assert asyncio.run(threads()) == 40


def check_held_by_a_stream() -> None:
    """A stream holds the connection of the session until its end, a task that uses the session as well."""
    app, engine, held = FastAPI(), _one_connection(), list[int]()

    def get_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    Db = Annotated[Session, Depends(get_session)]

    def use(session: Session) -> str:
        session.execute(text("select 1"))
        held.append(_checked_out(engine))
        return "1"

    @app.get("/stream")
    def stream(session: Db) -> StreamingResponse:
        return StreamingResponse(use(session) for _ in range(2))

    @app.get("/task")
    def task(session: Db, tasks: BackgroundTasks) -> int:
        tasks.add_task(use, session)
        return 1

    for path in ("/stream", "/task"):
        _get(app, path, lambda message: held.append(_checked_out(engine)))
        held.append(_checked_out(engine))
    while_streaming, with_a_task = [0, 1, 1, 1, 1, 1, 0], [0, 0, 1, 0]
    assert held == while_streaming + with_a_task


def check_expired_in_async() -> None:
    """After a commit an AsyncSession cannot load an attribute by itself, unless `expire_on_commit=False`."""

    async def read(**options: bool) -> str:
        engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        try:
            async with AsyncSession(engine, **options) as session:
                employee = Employee(desk=7, name="Ada")
                session.add(employee)
                await session.commit()
                return employee.name
        finally:
            await engine.dispose()

    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)  # a coroutine is left that nobody awaits
        error = repr(_error(asyncio.run, read()))
        gc.collect()
    assert "MissingGreenlet" in error
    assert asyncio.run(read(expire_on_commit=False)) == "Ada"


def check_reopened() -> None:
    """A closed session that is used again takes a connection again, and nobody closes it a second time."""
    engine = _one_connection()
    with Session(engine) as session:
        session.execute(text("select 1"))
    assert _checked_out(engine) == 0
    assert session.execute(text("select 1")).scalar() == 1
    assert _checked_out(engine) == 1
    session.close()


def check_detached() -> None:
    """An object that was committed and whose session is closed cannot be read: DetachedInstanceError."""
    with Session(_with_ada()) as session:
        employee = Employee(desk=8, name="Grace")
        session.add(employee)
        session.commit()
    assert isinstance(_error(lambda: employee.name), DetachedInstanceError)


def check_forgotten_commit() -> None:
    """Without `commit` nothing is saved: closing rolls back, and says nothing."""
    engine = _with_ada()
    with Session(engine) as session:
        session.add(Employee(desk=8, name="Grace"))
        session.flush()
    with Session(engine) as session:
        assert session.get(Employee, 8) is None


def check_conflict() -> None:
    """With `scope="function"` a dependency can turn a commit that fails into a 409."""
    app, engine = FastAPI(), _with_ada()

    def get_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session
            try:
                session.commit()
            except IntegrityError:
                raise HTTPException(409, "The desk is taken.") from None

    @app.get("/")
    def view(session: Annotated[Session, Depends(get_session, scope="function")]) -> None:
        session.add(Employee(desk=7, name="Grace"))

    assert _get(app) == (409, {"detail": "The desk is taken."})


def check_returned_object() -> None:
    """FastAPI makes the JSON of a returned object before either scope closes the session."""
    engine = _with_ada()

    def get_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    for dependency in (Depends(get_session), Depends(get_session, scope="function")):
        app = FastAPI()

        def view(session: Annotated[Session, dependency]) -> Employee:
            employee = session.get_one(Employee, 7)
            session.commit()
            return employee

        app.get("/", response_model=EmployeeOut)(view)
        assert _get(app) == (200, {"name": "Ada"})


def check_memory_and_threads() -> None:
    """`create_engine("sqlite://")` gives each thread an empty database; `StaticPool` gives all of them the same."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)

    def count(engine: Engine) -> int:
        with Session(engine) as session:
            return session.query(Employee).count()

    assert count(engine) == 0
    with ThreadPoolExecutor(1) as other:
        error = other.submit(_error, count, engine).result()
        assert other.submit(count, _with_ada()).result() == 1
    assert isinstance(error, OperationalError)
    assert "no such table" in str(error)


def check_outside_of_a_context() -> None:
    """Flask-SQLAlchemy's `db.session` raises RuntimeError where no application context is."""
    db = SQLAlchemy()
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    assert "outside of application context" in str(_error(lambda: db.session.execute(text("select 1"))))
    with app.app_context():
        assert db.session.execute(text("select 1")).scalar() == 1
        db.session.remove()
        db.engine.dispose()
