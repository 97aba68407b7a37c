# Paperboy as an image: docker build -t paperboy . ; the archive is on the volume /data.
FROM python:3.12-slim AS build
WORKDIR /src
# It checks the hashes of the lock, and takes a tenth of pip's time.
RUN pip install --no-cache-dir uv==0.13.8
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY bot bot
COPY adapters adapters
COPY storage storage
COPY config config
ARG EXTRAS=discord,slack,site,postgresql
RUN uv venv --no-cache /opt/paperboy \
    && uv pip install --no-cache --python /opt/paperboy/bin/python --constraint requirements.lock \
       ".[${EXTRAS}]"

FROM python:3.12-slim
RUN useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin paperboy \
    && install --directory --owner=paperboy --group=paperboy --mode=700 /data
COPY --from=build /opt/paperboy /opt/paperboy
ENV PATH=/opt/paperboy/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CONFIG_HOME=/data \
    XDG_DATA_HOME=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=30s --start-period=2m CMD ["paperboy", "health"]
ENTRYPOINT ["paperboy"]
CMD ["run"]
