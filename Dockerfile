# The production image: web, worker, beat and one-off commands are the same image with different commands.

FROM python:3.11-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir "uv>=0.13,<1"
WORKDIR /app
COPY pyproject.toml uv.lock ./
ENV UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN uv sync --frozen --no-default-groups --group embeddings

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin foothold \
    && install -d -o foothold -g foothold -m 0700 /data/media
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY . .
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MEDIA_ROOT=/data/media STATIC_ROOT=/app/static-root WEB_BIND=0.0.0.0:8000
# The key signs nothing here; the real one comes from the environment when the container starts.
RUN python -m compileall -q marketplace accounts payments projects \
    && SECRET_KEY=build python manage.py collectstatic --no-input -v0
USER foothold
VOLUME /data/media
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s CMD ["python", "-m", "marketplace.services.probe"]
CMD ["python", "-m", "gunicorn", "-c", "marketplace/services/gunicorn.conf.py"]
