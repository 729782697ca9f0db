# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/run.txt /opt/run.txt
RUN /opt/venv/bin/pip install --quiet --no-deps --only-binary :all: --require-hashes --requirement /opt/run.txt
WORKDIR /srv/commonplace
COPY . .
# Collecting static files needs settings that load; none of these values stays in the image.
RUN ENVIRONMENT=production ALLOWED_HOSTS=localhost SITE_URL=https://localhost \
    SECRET_KEY=only-to-collect-static-files-0123456789-abcdefghijklmnopqrstuvwxyz \
    SIGNING_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    DATABASE_URL=postgresql://localhost/none REDIS_URL=redis://localhost/0 \
    STATIC_ROOT=/srv/static /opt/venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /opt/venv/bin/python -m compileall -q .

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production STATIC_ROOT=/srv/static PORT=8000
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin commonplace
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/static /srv/static
COPY --from=build /srv/commonplace /srv/commonplace
# A new volume gets its owner from this folder.
RUN install --directory --owner commonplace /srv/media
WORKDIR /srv/commonplace
USER commonplace
EXPOSE 8000
STOPSIGNAL SIGTERM
# The heartbeat files of gunicorn's workers are in memory: a slow disk must not look like a death.
# gunicorn writes no access log: the site logs each request itself, with secrets redacted.
CMD ["sh", "-c", "exec gunicorn config.wsgi --bind 0.0.0.0:${PORT} \
     --config python:config.gunicorn_config --worker-tmp-dir /dev/shm \
     --graceful-timeout 30 --log-level info"]
