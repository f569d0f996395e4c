import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** /proc counts processor time in hundredths of a second. */
const tickMs = 10

type Process = { parent: number; ms: number }

/** What a process's stat file says; undefined when it has ended meanwhile. */
function readProcess(pid: string): Process | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name stands in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), ms: (Number(fields[11]) + Number(fields[12])) * tickMs }
  } catch {
    return undefined
  }
}

/** Processor time of this process and all below it, the database server included, by process. */
function ours(): Map<number, number> {
  const all = new Map<number, Process>()
  for (const name of readdirSync('/proc')) {
    const found = /^\d+$/.test(name) ? readProcess(name) : undefined
    if (found) all.set(Number(name), found)
  }
  const isOurs = (pid: number): boolean =>
    pid === process.pid || (all.has(pid) && isOurs(all.get(pid)!.parent))
  return new Map([...all].filter(([pid]) => isOurs(pid)).map(([pid, { ms }]) => [pid, ms]))
}

function machineBusyMs(): number {
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0]!
  const [user, nice, system, , , interrupt, soft, steal] = line.split(/\s+/).slice(1).map(Number)
  return (user! + nice! + system! + interrupt! + soft! + steal!) * tickMs
}

/**
 * Begins to watch. @returns what tells the share of the machine's processors that other programs have taken since,
 * 0 to 1; undefined where there is no /proc.
 */
export function watchNeighbours(): () => number | undefined {
  try {
    const [started, busy, before] = [performance.now(), machineBusyMs(), ours()]
    return () => {
      const capacity = (performance.now() - started) * availableParallelism()
      let mine = 0
      for (const [pid, ms] of ours()) mine += ms - (before.get(pid) ?? 0)
      return Math.max(0, machineBusyMs() - busy - mine) / capacity
    }
  } catch {
    return () => undefined
  }
}

/** Waits until the others leave the machine alone, at most `ms`. */
export async function quiet(ms: number, share: number): Promise<void> {
  const until = performance.now() + ms
  while (performance.now() < until) {
    const others = watchNeighbours()
    await delay(250)
    if ((others() ?? 0) <= share) return
  }
}
