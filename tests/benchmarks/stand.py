"""The bench itself: servers of its own with a market in them, and instruments."""

import cProfile
import http.client
import os
import pstats
import shutil
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from marketplace.services import account as accounts
from marketplace.services import processes
from marketplace.services.servers import Postgres, Valkey, wait_ready

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE = "bench"
SMALL = 50_000


class BenchPostgres(Postgres):
    """Like the embedded server, with the memory that a market of a million wants; its data may be lost."""

    def argv(self) -> list:
        more = {
            "shared_buffers": "1GB",
            "maintenance_work_mem": "512MB",
            "work_mem": "16MB",
            "max_wal_size": "8GB",
            "max_parallel_workers_per_gather": "0",
            "jit": "off",
        }
        return [*super().argv(), *(part for key, value in more.items() for part in ("-c", f"{key}={value}"))]


class Stand:
    """Starts the servers and stops them: `with Stand(size) as stand`. The data stays for the next run."""

    def __init__(self, size: int):
        self.size = size
        self.account = accounts.server_account()
        self.children, self.signals = {}, {}

    def __enter__(self):
        home = accounts.data_home(CHECKOUT / ".data" / "bench" / str(self.size), self.account)
        accounts.give(self.account, home)
        self.home = home
        self.folder = accounts.short_folder("foothold-bench-", self.account)
        self.logs = CHECKOUT / ".data" / "bench"
        self.postgres = BenchPostgres(
            home, self.folder, self.logs / "postgres.log", self.account, throwaway=True
        )
        self.valkey = Valkey(self.folder, self.folder, self.logs / "valkey.log", self.account, throwaway=True)
        for server in (self.postgres, self.valkey):
            self.children[server.name], self.signals[server.name] = server.spawn(), server.stop_signal
            wait_ready(server, self.children[server.name])
        self.postgres.make_database(DATABASE)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
            "FOOTHOLD_TESTING": "1",
            "DATABASE_URL": self.postgres.url(DATABASE),
            "REDIS_URL": self.valkey.url(0),
            "CELERY_BROKER_URL": self.valkey.broker_url(1),
        }
        return self

    def __exit__(self, *_):
        processes.stop_all(self.children, self.signals, 20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def serve(self) -> int:
        """Start the web server (one worker, so that its CPU is one process's); returns its port."""
        self.stop_serving()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        env = {**os.environ, "WEB_WORKERS": "1", "WEB_BIND": f"127.0.0.1:{port}", "LOG_LEVEL": "ERROR"}
        argv = [sys.executable, "-m", "gunicorn", "-c", "marketplace/services/gunicorn.conf.py"]
        argv += ["--access-logfile", "/dev/null", "tests.benchmarks.wsgi:application"]
        self.children["web"] = processes.spawn(argv, log=self.logs / "web.log", env=env, cwd=CHECKOUT)
        self.signals["web"] = 15
        processes.wait_until(lambda: _answers(port), 40)
        return port

    def stop_serving(self) -> None:
        if "web" in self.children:
            child = self.children.pop("web")
            processes.stop_all({"web": child}, {"web": 15}, 10)


def _answers(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 0.5).close()
        return True
    return False


class Bench:
    """What a measurement gets. `size`: projects and students in the market; `opened`: how many projects are open."""

    def __init__(self, stand: Stand):
        self.stand, self.size, self.opened = stand, stand.size, stand.size
        self.port = None
        self._floor = None

    # --- the market ----------------------------------------------------------------------------------------
    def fill(self, say, with_market: bool = True) -> None:
        """Make the tables, and the market unless it is there already."""
        from django.core.management import call_command
        from django.db import connection

        from accounts.skills.actions import load_skills

        call_command("migrate", verbosity=0, skip_checks=True)
        if not with_market:
            load_skills()
            return
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS bench_made (size int, at timestamptz)")
            cursor.execute(
                "SELECT 1 FROM bench_made WHERE size = %s AND at > now() - interval '3 days'", [self.size]
            )
            if cursor.fetchone():
                return
        started = time.monotonic()
        call_command("make_market", projects=self.size, students=self.size, force=False)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_made VALUES (%s, now())", [self.size])
            cursor.execute("VACUUM (ANALYZE)")
        say(f"the market took {time.monotonic() - started:.0f} s to make")

    @contextmanager
    def market(self, name: str):
        """Measure with all projects open, or with a read model in which only the newest 50,000 are."""
        from django.db import connection

        if name == "small":
            self._narrow(connection)
        try:
            self.port = self.stand.serve()
            self._floor = None
            yield
        finally:
            self.stand.stop_serving()
            if name == "small":
                self._search_path(connection, "public")
                self.opened = self.size

    def _narrow(self, connection) -> None:
        from projects.search import rebuilding, schema

        table = "projects_openproject"
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS small CASCADE")
            cursor.execute("CREATE SCHEMA small")
        self._search_path(connection, "small, public")
        with connection.cursor() as cursor:
            cursor.execute(schema.make(f"small.{table}"))
            cursor.execute(
                f"INSERT INTO small.{table} SELECT * FROM public.{table} ORDER BY published_at DESC, id DESC LIMIT %s",
                [SMALL],
            )
            for statement in schema.index(table):
                cursor.execute(statement)
            cursor.execute(f"VACUUM ANALYZE small.{table}")
            cursor.execute(
                "CREATE TABLE small.projects_searchword (LIKE public.projects_searchword INCLUDING ALL)"
            )
        rebuilding.rebuild_words()  # a market's words are counted in that market
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE small.projects_searchword")
        self.opened = SMALL

    def _search_path(self, connection, path: str) -> None:
        from projects.search import kept, tally

        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {DATABASE} SET search_path = {path}")
        connection.close()
        kept.forget()
        tally.forget()
        self.empty_store()

    def empty_store(self) -> None:
        """Drop all kept pages, counts and sessions."""
        from projects.search.generation import client

        client().flushdb()

    # --- CPU -------------------------------------------------------------------------------------------------
    def steady(self, call, times: int = 3, warm: int = 2, rounds: int = 5) -> float:
        """The median of some rounds of `pg_cpu`: for what is compared with a worst case, so that noise is not one."""
        costs = [self.pg_cpu(call, times, warm if turn == 0 else 0) for turn in range(rounds)]
        return statistics.median(costs)

    def pg_cpu(self, call, times: int = 20, warm: int = 2) -> float:
        """Milliseconds of CPU that this process's PostgreSQL backend takes for one `call()`."""
        for _ in range(warm):
            call()
        pid = self._backend()
        before = on_cpu(pid)
        for _ in range(times):
            call()
        return (on_cpu(pid) - before) / times

    def cpu(self, call, times: int = 20, warm: int = 2) -> float:
        """The same with the CPU of this process's Python added: client included."""
        for _ in range(warm):
            call()
        pid = self._backend()
        before = on_cpu(pid) + time.process_time() * 1000
        for _ in range(times):
            call()
        return (on_cpu(pid) + time.process_time() * 1000 - before) / times

    def _backend(self) -> int:
        from django.db import connection

        connection.ensure_connection()
        return connection.connection.info.backend_pid

    # --- floors ------------------------------------------------------------------------------------------------
    def twenty_rows(self, client: bool = False) -> float:
        """Milliseconds for fetching the cards of 20 projects by their keys; client: with Python's part."""
        if self._floor is None:
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("SELECT id FROM projects_openproject ORDER BY hashint8(id) LIMIT 400")
                ids = [pk for (pk,) in cursor.fetchall()]
            turn = iter(range(10**9))

            def fetch():
                start = next(turn) % 20 * 20
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT id, published_at, card_html FROM projects_openproject WHERE id = ANY(%s)",
                        [ids[start : start + 20]],
                    )
                    cursor.fetchall()

            self._floor = (self.pg_cpu(fetch, 200, 20), self.cpu(fetch, 200, 20))
        return self._floor[1 if client else 0]

    def bare(self, size: int, headers: dict | None = None) -> float:
        """Milliseconds of CPU of a page of `size` bytes that does nothing, over the same server."""
        return self.http_cpu(f"/bench/bare/{size}/", headers, times=300)

    # --- over HTTP -----------------------------------------------------------------------------------------------
    def get(self, address: str, headers: dict | None = None):
        """`(status, headers, body)` over a connection that is kept."""
        if getattr(self, "_line", None) is None or self._line.port != self.port:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            return self._ask(address, headers)
        except (http.client.HTTPException, ConnectionError):
            self._line.close()
            return self._ask(address, headers)

    def _ask(self, address: str, headers):
        self._line.request("GET", address, headers=headers or {})
        answer = self._line.getresponse()
        return answer.status, answer.headers, answer.read()

    def http_cpu(self, address, headers: dict | None = None, times: int = 100, warm: int = 5) -> float:
        """Milliseconds of CPU (web server, PostgreSQL, the store) for one request. address: text, or a list in turn."""
        addresses = [address] if isinstance(address, str) else list(address)
        for turn in range(min(warm, times)):
            assert self.get(addresses[turn % len(addresses)], headers)[0] in (200, 304)
        before = self.served()
        for turn in range(times):
            status, _, _ = self.get(addresses[turn % len(addresses)], headers)
            assert status in (200, 304), (status, addresses[turn % len(addresses)])
        return (self.served() - before) / times

    def served(self) -> float:
        """Milliseconds of CPU so far of the web server, the store and the backends that serve it."""
        web = self.stand.children["web"].pid
        pids = [web, *children_of(web), self.stand.children["valkey"].pid]
        pids += children_of(self.stand.children["postgres"].pid)
        return sum(on_cpu(pid) for pid in pids if pid != self._backend())

    def memory(self) -> float:
        """Megabytes that the web server's worker has to itself."""
        worker = children_of(self.stand.children["web"].pid)[0]
        for text in Path(f"/proc/{worker}/status").read_text().splitlines():
            if text.startswith("VmRSS"):
                return int(text.split()[1]) / 1024
        raise RuntimeError("no memory is told")

    # --- calls ---------------------------------------------------------------------------------------------------
    def calls(self, address: str, headers: dict | None = None, warm: int = 2) -> int:
        """Calls of functions for one request inside the application, the client of the tests left out."""
        from django.test import RequestFactory

        handler = self._handler()

        def answer():
            request = RequestFactory(headers=headers or {}).get(address)
            request.META["HTTP_HOST"] = "localhost"
            return request

        for _ in range(warm):
            handler.get_response(answer()).close()
        request, profile = answer(), cProfile.Profile()
        profile.enable()
        response = handler.get_response(request)
        profile.disable()
        assert response.status_code == 200, response.status_code
        return pstats.Stats(profile).total_calls

    def queries(self, address: str, headers: dict | None = None) -> list[str]:
        """The statements of one request."""
        from django.db import connection
        from django.test import RequestFactory
        from django.test.utils import CaptureQueriesContext

        request = RequestFactory(headers=headers or {}).get(address)
        request.META["HTTP_HOST"] = "localhost"
        with CaptureQueriesContext(connection) as seen:
            self._handler().get_response(request).close()
        return [query["sql"] for query in seen.captured_queries]

    def _handler(self):
        from django.core.handlers.base import BaseHandler

        if not hasattr(self, "_made"):
            self._made = BaseHandler()
            self._made.load_middleware()
        return self._made


def on_cpu(pid: int) -> float:
    """Milliseconds that the process has been on a processor, all its threads."""
    total = 0
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0])
    return total / 1_000_000


def children_of(pid: int) -> list[int]:
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
        return [int(n) for n in done.stdout.split()]
