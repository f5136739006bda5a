"""`make bench`: what the product costs, as ratios to floors that are measured in the same run.

Wall time says nothing on a busy machine, so this counts CPU: the time on a processor of the web server's processes
and of PostgreSQL's backends (from `/proc/<pid>/task/*/schedstat`), and calls of Python functions, which never wobble.

**How to add a row.** Write a function in the module of its group and say what it must reach:

    from .registry import measure

    @measure("a misspelt word, over 20 rows", group="text", most=2.0)
    def misspelt(bench):
        return bench.pg_cpu(lambda: words.read("pyhton")) / bench.twenty_rows()

- It gets the `Bench` (see `stand.py`): Django is set up on a market of `bench.size` open projects and students, and
  `bench.pg_cpu(call, times=20)`, `bench.cpu(call)`, `bench.http_cpu(address)`, `bench.calls(address)`,
  `bench.twenty_rows()` and `bench.bare(size)` measure. It returns the ratio, or a pair (ratio, words for the table).
- `most=` or `least=` is the limit: a number, or `{50_000: 4, 1_000_000: 35}` by the number of open projects.
- `market="small"` measures with 50,000 open of all projects instead of all of them (only in a run larger than
  that, where the row then stands twice: with `market="both"`); `market="own"` needs no market at all.
- `times=3` (the median counts); give `times=1` to what takes minutes. `order=` puts a group later (default 50).
- A new module is found when its name stands in `registry.MODULES`.
- What a row changes in the database it puts back: other rows run after it.
"""
