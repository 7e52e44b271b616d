# Every process of ours: the image's command is `onboarding`, its first argument the verb.
#
#   docker build --tag onboarding:0.1.0 .
#   docker run --rm onboarding:0.1.0 --help
#
# `run` is the one verb that does not work in it: the servers it embeds are services of docker-compose.yml here.
FROM python:3.11-slim-bookworm

# pip's own settings, for a network with an index of its own: docker build --build-arg PIP_INDEX_URL .
# They stay in the image's history: give no password in them.
ARG PIP_INDEX_URL
ARG PIP_TRUSTED_HOST
ARG PIP_DEFAULT_TIMEOUT

# Before our own files, so that a change of ours does not install them anew.
COPY requirements/service.txt /tmp/
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/service.txt

# The tool that builds our package is gone when this step ends; its version is the one that development has.
COPY . /tmp/source
RUN sed -n 's/^\(setuptools==[^ ]*\).*/\1/p' /tmp/source/requirements/dev.txt >/tmp/build.txt \
 && PIP_CONSTRAINT=/tmp/build.txt pip install --no-cache-dir --no-deps /tmp/source \
 && rm -r /tmp/source /tmp/build.txt /tmp/service.txt

# 10001: above the users of any host, so that nobody there owns what this one writes.
RUN echo 'onboarding:x:10001:10001::/var/lib/onboarding:/usr/sbin/nologin' >>/etc/passwd \
 && echo 'onboarding:x:10001:' >>/etc/group \
 && install -d -o 10001 -g 10001 /var/lib/onboarding
USER onboarding
WORKDIR /var/lib/onboarding

# ONBOARDING_HEALTH_URL: a consumer's; a stream worker's has the port 9102, an auditor's 9104.
ENV PYTHONUNBUFFERED=1 \
    ONBOARDING_HTTP_HOST=0.0.0.0 \
    ONBOARDING_STATE_DIR=/var/lib/onboarding \
    ONBOARDING_HEALTH_URL=http://127.0.0.1:9101/healthz
EXPOSE 9101 9102 9104
# 503 raises, and so does no answer. The empty ProxyHandler: a proxy of the host must not be asked for 127.0.0.1.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import os; \
from urllib.request import ProxyHandler, build_opener; \
build_opener(ProxyHandler({})).open(os.environ['ONBOARDING_HEALTH_URL'], timeout=3)"]

ENTRYPOINT ["onboarding"]
CMD ["--help"]
