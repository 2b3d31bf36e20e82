# An image with a broker in it, and nothing that only builds it.
#
#   docker build -t reprise .
#   docker run -p 50051:50051 -v reprise-data:/var/lib/reprise reprise serve --insecure
#
# It listens where others reach it, so it starts with TLS (REPRISE_TLS_CERT, …) or with --insecure, and otherwise says so and
# ends. docs/operate.md tells the rest.
FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/finish-build.mjs scripts/
COPY generated generated/
COPY src src/
RUN npm run build
RUN npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:20-bookworm-slim
WORKDIR /opt/reprise
COPY LICENSE package.json ./
COPY --from=build /build/node_modules node_modules/
COPY --from=build /build/dist dist/
COPY generated generated/
COPY proto proto/
RUN ln -s /opt/reprise/dist/bin/reprise.js /usr/local/bin/reprise
RUN install -d -o node -g node -m 0700 /var/lib/reprise
USER node
WORKDIR /var/lib/reprise
VOLUME /var/lib/reprise
# The default buffer is ./reprise-data, here. Variables count before a configuration file.
ENV NODE_ENV=production
ENV REPRISE_LISTEN=0.0.0.0:50051
ENV REPRISE_HTTP=127.0.0.1:9090
EXPOSE 50051
# SIGTERM is taken as a drain: give it more time than the drain window (docker stop --time 30).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:9090/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["reprise"]
CMD ["serve"]
