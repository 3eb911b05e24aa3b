# The worker image: the same package that `pip install cnengine` gives, with the servers' extra.
FROM python:3.12-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
      g++ zlib1g-dev liblz4-dev libzstd-dev libsnappy-dev libssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN pip wheel --no-deps -w /wheels .

FROM python:3.12-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends liblz4-1 libzstd1 libsnappy1v5 libssl3 \
      && rm -rf /var/lib/apt/lists/*
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(ls /wheels/cnengine-*.whl)[serve]" && rm -r /wheels
RUN useradd --create-home cnengine
USER cnengine
WORKDIR /home/cnengine
ENTRYPOINT ["cnengine"]
