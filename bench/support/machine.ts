import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** Where the figures were taken: they are nothing without it. */
export const machine = (postgres: string): string[] => [
  `- Processor: ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`,
  `- Memory: ${Math.round(totalmem() / 2 ** 30)} GB`,
  `- System: ${type()} ${release()}`,
  `- Node ${process.versions.node}`,
  `- ${postgres}`,
]
