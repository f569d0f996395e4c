/** The moments at which a replica is killed, each found by what it says to Postgres or to Slack. */
import type { Call } from '../support/slack-stand-in.ts'
import type { Cluster, Replica } from './cluster.ts'
import type { Hit, Said } from './tap.ts'

export const points = [
  'store unheard',
  'store answered',
  'claim unheard',
  'claim answered',
  'commit unheard',
  'commit answered',
  'lease unheard',
  'lease answered',
  'send',
  'receipt untaken',
  'receipt unstored',
] as const
export type Point = (typeof points)[number]

/** Most points have a moment before and one after: a seed takes one of them. */
export const momentsOf: Record<string, Point[]> = {
  store: ['store unheard', 'store answered'],
  claim: ['claim unheard', 'claim answered'],
  commit: ['commit unheard', 'commit answered'],
  lease: ['lease unheard', 'lease answered'],
  send: ['send'],
  receipt: ['receipt untaken', 'receipt unstored'],
}

export type Kill = { replica: Replica; at: number }

const storesArrivals = ({ text }: Said) => text.includes('insert into inbox (org_id, id, workspace_id')
const claimsDue = ({ text }: Said) => text.includes('update escalations e set lease_id = ')
const commitsStep = ({ text, before }: Said) =>
  /^Q....commit/s.test(text) && before.some((said) => said.includes('insert into "pages"'))
const leasesLanes = ({ text }: Said) => text.includes('with recursive heads as')
const settles = ({ text }: Said) => text.includes('with freed as')
const anyRow = (answer: string) => /UPDATE [1-9]/.test(answer)
const aPage = (answer: string) => answer.includes('"type": "page"')
const always = () => true

const isPage = ({ method, args }: Call) =>
  method === 'chat.postMessage' && JSON.stringify(args).includes('needs you')
const deliveryOf = ({ args }: Call) =>
  (args.metadata as { event_payload?: { id?: string } } | undefined)?.event_payload?.id

/**
 * Arms every replica: whichever comes to the point for the `nth` time in all is killed there, and nobody else.
 * @returns resolves at the kill.
 */
export function killAt({ world, replicas }: Cluster, point: Point, nth: number): Promise<Kill> {
  const { slack } = world
  const { promise, resolve } = Promise.withResolvers<Kill>()
  let left = nth
  let done = false
  let pagesWritten = false
  const sentPages = new Set<string>()
  const now = () => !done && --left <= 0

  const kill = (replica: Replica) => {
    done = true
    replica.app.kill('SIGKILL')
    for (const each of replicas) each.tap.watch = () => undefined
    slack.control.fault = () => undefined
    resolve({ replica, at: performance.now() })
  }
  const unheard = (): Hit | undefined => (now() ? { moment: 'unheard' } : undefined)
  const answered = (so: (answer: string) => boolean): Hit => ({
    moment: 'answered',
    so: (answer) => so(answer) && now(),
  })
  const isReceiptOfPage = (said: Said) => settles(said) && [...sentPages].some((id) => said.text.includes(id))

  const atPostgres: Partial<Record<Point, (said: Said) => Hit | undefined>> = {
    'store unheard': (said) => (storesArrivals(said) ? unheard() : undefined),
    'store answered': (said) => (storesArrivals(said) ? answered(always) : undefined),
    'claim unheard': (said) => (claimsDue(said) ? unheard() : undefined),
    'claim answered': (said) => (claimsDue(said) ? answered(anyRow) : undefined),
    'commit unheard': (said) => (commitsStep(said) ? unheard() : undefined),
    'commit answered': (said) => (commitsStep(said) ? answered(always) : undefined),
    'lease unheard': (said) => {
      if (commitsStep(said)) pagesWritten = true
      return pagesWritten && leasesLanes(said) ? unheard() : undefined
    },
    'lease answered': (said) => (leasesLanes(said) ? answered(aPage) : undefined),
    'receipt unstored': (said) => (isReceiptOfPage(said) ? unheard() : undefined),
  }
  for (const replica of replicas) {
    replica.tap.watch = atPostgres[point] ?? (() => undefined)
    replica.tap.hit = () => kill(replica)
  }
  slack.control.fault = (call) => {
    if (!isPage(call)) return undefined
    sentPages.add(deliveryOf(call)!)
    if (!(point === 'send' || point === 'receipt untaken') || !now()) return undefined
    kill(replicas.find(({ name }) => name === call.by)!)
    return { type: 'cut', taken: point === 'receipt untaken' }
  }
  return promise
}
