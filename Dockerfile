# One image for the three services; each gives its own command.
FROM python:3.12-slim

# curl: the container health check calls it (docs/design-page.md).
# Its version follows the base image's Debian release, whose security fixes it must be able to take.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 appuser

WORKDIR /app

# Dependencies change less often than the source: a layer of their own, before it.
COPY requirements/backend.lock requirements/
RUN pip install --no-cache-dir --require-hashes --requirement requirements/backend.lock

# The services alone; `ops` is for the people who deploy them.
COPY src/amply/ src/amply/
# Compiled now, for the root filesystem is read-only where this runs.
RUN python -m compileall -q src

ENV PYTHONPATH=/app/src \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# The one writable place: Celery's pool shares memory through a temporary file. Declared here, the
# volume that is mounted on it takes over its mode, and appuser may write.
VOLUME ["/tmp"]

# appuser, by its number: whoever runs the image can see that it is not root.
USER 10001

EXPOSE 8000
CMD ["uvicorn", "amply.main:app", "--host", "0.0.0.0", "--port", "8000"]
