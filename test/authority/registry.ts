/** The walk goes along the registry itself: what has no example is told, before anything is asked. */
import { registry } from '../../src/operations/registry.ts'
import type { Example } from './example.ts'
import { examples } from './examples.ts'

export const walked = registry.flatMap((operation) => {
  const own = examples[operation.name]
  return own ? [{ name: operation.name, operation, examples: own as [Example, ...Example[]] }] : []
})

/** A sentence for each operation without an example, and for each example without an operation. */
export const unexampled = (): string[] => [
  ...registry
    .filter(({ name }) => !examples[name]?.length)
    .map(
      ({ name }) =>
        `The operation ${name} has no example: write one into test/authority/examples.ts, with who may do it by the design.`,
    ),
  ...registry
    .filter(({ name, verb }) => !!verb !== (examples[name] ?? []).some(({ command }) => !!command))
    .map(({ name, verb }) =>
      verb
        ? `The operation ${name} has a verb: its example needs the command as it is typed.`
        : `The operation ${name} has no verb: its example cannot have a command.`,
    ),
  ...Object.keys(examples)
    .filter((name) => !registry.some((operation) => operation.name === name))
    .map(
      (name) => `There is no operation ${name} any more: take its example out of test/authority/examples.ts.`,
    ),
]
