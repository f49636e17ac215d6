"""Edge cases of the rules on images, programs and schedulers."""

from tests.ops.check.rules.cases.case import (
    BACKEND,
    BEAT,
    SECOND,
    SECOND_FILE,
    SERVICE,
    WEB_FILE,
    WORKER_FILE,
    Edge,
    built,
)

CURL = '["CMD-SHELL", "curl -f http://localhost/ || exit 1"]'
STAGES = (
    "ARG BASE=python:3.12-slim\nFROM ${BASE} AS prod\nCMD uvicorn a\n"
    "FROM prod AS dev\nRUN apt-get install -y curl\nCMD exec uvicorn a\n"
)


def in_stages(override: str) -> dict[str, str]:
    """Return a service whose image lacks curl except in `prod`, and the images that it may use."""
    manifest = built(CURL).replace("Dockerfile", "{dockerfile: Dockerfile, target: prod}")
    return {
        WEB_FILE: f"{manifest}environments:\n  prod:\n    image: {{{override}}}\n"
        "  test:\n    image: {location: 'nginx:1.27'}\n",
        "Dockerfile": STAGES,
        "Dockerfile.full": "FROM python:3.12\n",
        "Dockerfile.slim": "FROM python:3.12-slim\n",
    }


PROGRAM = "health-check-program"
OVERRIDES = {
    f"an environment with `{override}`": Edge(PROGRAM, in_stages(override), lines)
    for override, lines in {
        "build: {target: dev}": (),
        "build: {args: {BASE: 'python:3.12'}}": (),
        "build: {args: {BASE: '${BASE}'}}": (),
        "build: Dockerfile.full": (),
        "location: 'shop/web:1'": (),
        "build: Dockerfile.slim": (8,),
        "build: {args: {BASE: 'node:22-slim'}}": (8,),
        "port: 8000": (8,),
    }.items()
}
COMMANDS = {
    "an override's image has a CMD of its own": Edge(
        "shell-form", in_stages("build: {target: dev}")
    ),
    "the base's CMD where an environment overrides the rest": Edge(
        "shell-form", in_stages("port: 8000"), (3,)
    ),
    "an override's image alone runs a scheduler": Edge(
        "several-schedulers",
        {
            WORKER_FILE: f"{SERVICE}count: 2\nenvironments: {{prod: {{image: {{build: Dockerfile}}"
            "}}\n",
            "Dockerfile": "FROM python:3.12\nCMD celery -A a beat\n",
        },
        (4,),
    ),
    "an image of somewhere else has no CMD that is known": Edge(
        "several-schedulers",
        {
            WORKER_FILE: f"{BACKEND}image: {{build: Dockerfile}}\ncount: 2\n"
            "environments: {prod: {image: {location: a}}, test: {count: 1}}\n",
            "Dockerfile": "FROM python:3.12\nCMD celery -A a beat\n",
        },
    ),
    "a Dockerfile by its place where only a target is given": Edge(
        PROGRAM,
        {WEB_FILE: built(CURL).replace("Dockerfile", "{target: prod}"), "Dockerfile": STAGES},
        (8,),
    ),
}
HIDING = (
    "COPY apt-packages.txt /\nRUN apt-get update && xargs -a /apt-packages.txt apt-get install -y",
    "RUN apt-get update && apt-get install -y $PACKAGES",
    "RUN apt-get install -y $(cat packages)",
    "RUN apt-get install -y < packages",
    "RUN apt-get install -y ./browser.deb",
    "RUN make deps",
    "RUN ansible-playbook site.yml",
    "RUN ./install",
    'RUN ["./install"]',
    "RUN python -m playwright install --with-deps",
    "RUN python tools/packages.py",
    "RUN . /etc/profile && packages",
    "RUN pip install 'unbalanced",
    "COPY --from=busybox /bin/ /bin/",
    "COPY --from=build / /",
    "ADD rootfs.tar.gz /",
    "COPY rootfs/ /",
    'COPY ["rootfs", "/"]',
    "COPY --chmod=755 docker/bin /usr/local/bin/",
    "COPY --from=build /out/* /usr/bin/",
    "ADD tools /usr/bin",
    "RUN npm run setup",
    "RUN npm ci && npm start",
    "RUN npm --prefix web run setup",
    "RUN yarn setup",
    "RUN yarn playwright install --with-deps",
    "RUN pnpm exec playwright install-deps",
    "RUN pnpm dlx playwright install-deps",
    "RUN bun x playwright install-deps",
    "RUN poetry run playwright install --with-deps",
    "RUN uv run tools/packages.py",
    "RUN bundle exec rake deps",
    "RUN rake deps",
    "RUN composer run setup",
    "RUN go run ./tools/packages",
    "RUN mvn exec:exec@packages",
    "RUN apt-get update && apt-get install -y gettext",
)
PLAIN = (
    "RUN chmod +x /entrypoint.sh",
    "RUN pip install -r requirements.txt && python manage.py collectstatic --noinput",
    'RUN pip install poetry==$VERSION && KEY="a b" poetry install --no-root',
    "RUN apt-get update -qq > /dev/null 2>&1 && apt-get install -y libpq-dev=$LIBPQ && rm -rf /a/*",
    'RUN --mount=type=cache,target=/a if [ -n "$DEV" ]; then apt-get install -y vim; fi',
    'RUN ["apt-get", "install", "-y", "vim"]',
    "RUN echo 'deb https://example.org/$A a' | tee /etc/apt/sources.list.d/a.list",
    "COPY --from=build /opt/venv /opt/venv",
    "COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /uvx /bin/",
    "COPY --from=build /usr/local/bin /usr/local/bin",
    "COPY entrypoint.sh package*.json /\nCOPY rootfs/ /app/",
    "RUN npm ci --omit=dev && npm install -g pm2 && npm cache clean --force",
    "RUN corepack enable && pnpm install --frozen-lockfile && yarn > /dev/null",
    "RUN uv sync --frozen && uv pip install --system -r requirements.txt && poetry install",
    "RUN bundle config set without test && bundle install --jobs 4",
    "RUN composer install && go mod download && cargo build --release && mvn -B clean package",
)
INSTALLED = {
    f"curl and `{lines}`": Edge(
        PROGRAM,
        {WEB_FILE: built(CURL), "Dockerfile": f"FROM python:3.12-slim\n{lines}\n"},
        (8,) if lines in PLAIN else (),
    )
    for lines in (*HIDING, *PLAIN)
}
LACKED = {
    "pgrep -f 'celery worker' || exit 1": "python:3.12-slim",
    "ps aux | grep '[c]elery'": "debian:bookworm-slim",
    "nc -z localhost 5432": "node:22-slim",
    "test $(pgrep -c celery) -gt 0": "python:3.12-slim",
    "sh -c 'ps -ef'": "gcr.io/distroless/base",
    "pgrep sidekiq": "node:22-slim\nENV A=postgresql://a\nRUN apt-get install postgresql-client",
    "timeout -k 1 5 nc -z localhost 80": "python:3.12-slim",
}
HAD = {
    "pgrep -f celery": "python:3.12",
    "pgrep -f puma": "ruby:3.1-slim",
    "ps aux | grep celery": "ubuntu:24.04",
    "nc -z localhost 80": "python:3.12-alpine",
    "celery -A a inspect ps -q": "python:3.12-slim",
    "grep -E 'nc|ps ' /a": "python:3.12-slim",
    "wget -nc http://localhost": "python:3.12-alpine",
}
PROGRAMS = {
    f"`{command}` on {base}": Edge(
        PROGRAM,
        {WEB_FILE: built(f'"{command}"'), "Dockerfile": f"FROM {base}\n"},
        (8,) if command in LACKED else (),
    )
    for command, base in {**LACKED, **HAD}.items()
} | {
    f"`{command}` and the package {package}": Edge(
        PROGRAM,
        {
            WEB_FILE: built(f'"{command}"'),
            "Dockerfile": f"FROM python:3.12-slim\nRUN apt-get install -y {package}\n",
        },
    )
    for command, package in {
        "pgrep celery": "procps",
        "ps aux": "chromium",
        "ps -ef": "postgresql=15",
        "nc -z a 1": "netcat-traditional",
    }.items()
}
BESIDE = f"{SECOND}command: celery -A a worker -B\n"
BUILT = "image: {build: {dockerfile: Dockerfile, target: %s}}\n"
SCHEDULERS = {
    "two stages of one Dockerfile": Edge(
        "second-scheduler",
        {
            WORKER_FILE: BACKEND + BUILT % "beat" + "command: celery --app=a beat\n",
            SECOND_FILE: BESIDE.replace("image: {location: a}\n", BUILT % "worker"),
        },
        (4,),
    ),
    "a scheduler that only an environment runs": Edge(
        "second-scheduler",
        {
            WORKER_FILE: BEAT,
            SECOND_FILE: f"{SECOND}environments:\n  prod:\n    command: celery -A a worker -B\n",
        },
        (6,),
    ),
    "one in each environment": Edge(
        "second-scheduler",
        {
            WORKER_FILE: f"{BEAT}environments: {{prod: {{count: 0}}}}\n",
            SECOND_FILE: f"{BESIDE}environments: {{test: {{command: celery -A a worker}}}}\n",
        },
    ),
}
APART = {
    f"two schedulers and `{other}`": Edge(
        "second-scheduler",
        {WORKER_FILE: f"{BEAT}variables: {{REDIS_URL: a}}\n", SECOND_FILE: other},
    )
    for other in (
        BESIDE.replace("-A a", "-A b"),
        BESIDE.replace("location: a", "location: b"),
        BESIDE.replace("-B", "-B -S redbeat.RedBeatScheduler"),
        f"{BESIDE}variables: {{REDIS_URL: b}}\n",
        f"{BESIDE}count: 0\n",
    )
}
IMAGES = {**OVERRIDES, **COMMANDS, **INSTALLED, **PROGRAMS, **SCHEDULERS, **APART}
