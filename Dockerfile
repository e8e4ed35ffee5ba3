# The newest build of this Python; docs/hosting.md says how to hold it to one build by its digest
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY build.lock requirements.lock ./
RUN apt-get update && apt-get install --yes --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
# Left out: bytecode, debug symbols, and files of packages that nothing here reads
RUN python -m venv --without-pip /opt/venv && python -m venv /opt/build \
 && /opt/build/bin/pip --python /opt/venv/bin/python install --no-compile --no-deps --require-hashes --requirement requirements.lock \
 && /opt/build/bin/pip install --require-hashes --requirement build.lock \
 && find /opt/venv -name '*.so' -exec strip --strip-unneeded {} + \
 && rm -r /opt/venv/lib/python3*/site-packages/flask_admin/static/vendor/fontawesome-free-* \
 && find /opt/venv \( -name '*.pyi' -o -name '*.pyx' -o -name '*.po' -o -path '*/tests/*' \) -delete
COPY . .
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
 && /opt/build/bin/pip --python /opt/venv/bin/python install --no-compile --no-deps /dist/*.whl
# Proves the image's content with the image's Python, and leaves bytecode of what the site imports, of nothing else, and
# the demos' answers for the first start.
# The first run compiles on the way: where the machine is slow a check may run out of time, and is asked once more
# -I: it is the installed package that is asked, not the source in this folder
RUN data=$(/opt/venv/bin/python -I -c 'from explorer.settings import ROOT; print(ROOT)') \
 && (/opt/venv/bin/explorer check --keep "$data/answers" || /opt/venv/bin/explorer check --keep "$data/answers") \
 && chmod -R a+rX "$data/answers" && find /opt/venv -name '*.map' -delete

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin explorer && install --directory --owner 10001 --mode 700 /data
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 EXPLORER_DATA=/data
VOLUME /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, sys, http.client as h; host = os.environ.get('EXPLORER_ALLOWED_HOSTS', 'localhost').split(',')[0].strip().replace('*', 'localhost'); c = h.HTTPConnection('127.0.0.1', 8000, timeout=2); c.request('GET', '/healthz', headers={'Host': host}); sys.exit(c.getresponse().status != 200)"]
CMD ["explorer", "serve", "--host", "0.0.0.0", "--port", "8000"]
