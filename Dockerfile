FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image is Node 24 itself: the package `node` is for development. Not `npm ci`: it wants every platform's
# binaries in the lock, also those that a mirror did not have when the lock was made.
RUN npm install --omit=dev --no-save && npm cache clean --force
COPY . .
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Not `npm start`: npm would stand between the signal and the program.
CMD ["node", "--import", "./src/node-version.js", "src/main.ts"]
