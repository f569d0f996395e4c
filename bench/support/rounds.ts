import { quiet, watchNeighbours } from './neighbours.ts'
import { median } from './stats.ts'

/** In a round during which others took more of the machine, the side with more processes would seem slower. */
const noisy = 0.1

export type Rounds<T> = {
  results: T[] /** What others took of the machine meanwhile, 0 to 1. */
  others: number
}

/**
 * Repeats a round, in which every side is measured once, until `wanted` were undisturbed or `budgetMs` is over: then
 * the least disturbed of all are taken.
 */
export async function measureRounds<T>(
  { wanted, budgetMs }: { wanted: number; budgetMs: number },
  round: () => Promise<T>,
): Promise<Rounds<T>> {
  const done: { result: T; others: number }[] = []
  const until = performance.now() + budgetMs
  while (performance.now() < until || done.length < Math.min(wanted, 3)) {
    await quiet(Math.max(0, until - performance.now()), noisy)
    const others = watchNeighbours()
    const result = await round()
    done.push({ result, others: others() ?? 0 })
    if (done.filter((each) => each.others <= noisy).length >= wanted) break
  }
  const best = done.toSorted((a, b) => a.others - b.others).slice(0, wanted)
  return { results: best.map(({ result }) => result), others: median(best.map(({ others }) => others)) }
}
