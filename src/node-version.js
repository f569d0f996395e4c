// Loaded with --import before main.ts, in plain JavaScript: an old Node must be able to read it.
// Node runs TypeScript sources without a flag and without a warning from 24 on.
const NEEDED = 24

const major = Number(process.versions.node.split('.')[0])
if (major < NEEDED) {
  console.error(
    `Tocsin needs Node ${NEEDED} or newer, this is ${process.versions.node}. ` +
      'It comes with the `node` package: run `npm install` without --ignore-scripts (or `npm rebuild node`), then `npm start`.',
  )
  process.exit(2)
}
