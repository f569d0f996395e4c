/** What adapters ask of the inside. They verify and translate; everything else happens behind this. */
import type { Arrival } from '../core/inbox.ts'
import type { Platform, PlatformName, WorkspaceRef } from '../ports/platform.ts'
import type { ActAnswer, FormAnswer, FoundIncident, Inbound, SubmissionAnswer } from './inbound.ts'

/** Who asks and where, from the verified payload. */
export type Sender = Pick<Inbound, 'user' | 'foreign' | 'place' | 'reply'>

export type Chat = {
  /** Whose workspace this is; undefined for one we do not know: the request is then refused. Cached. */
  workspace(platform: PlatformName, externalId: string): Promise<WorkspaceRef | undefined>
  /** A configured workspace joins the one configured organisation. Twice is once. */
  ensureWorkspace(platform: PlatformName, externalId: string, name: string): Promise<WorkspaceRef>
  /**
   * Stores what came in; resolves once it is durable, and works it afterwards. The caller answers the platform
   * between the two. Rejects with an `unavailable` TocsinError when it could not be stored: nothing happened.
   */
  receive(arrival: Arrival): Promise<'stored' | 'duplicate'>
  /** Works a dialog's submission at once, recorded as seen in the same transaction; the result is the answer. */
  submit(
    workspace: WorkspaceRef,
    eventId: string,
    inbound: Inbound & { kind: 'submission' },
  ): Promise<SubmissionAnswer>
  /** Performs a button's action at once, recorded as seen in the same transaction; twice is once. */
  act(workspace: WorkspaceRef, eventId: string, inbound: Inbound & { kind: 'action' }): Promise<ActAnswer>
  /** The sender's own view of an incident; changes nothing. */
  view(workspace: WorkspaceRef, sender: Sender, incident: string): Promise<ActAnswer>
  /** A dialog, made for what the sender may set; changes nothing. */
  form(
    workspace: WorkspaceRef,
    sender: Sender,
    name: string,
    values: Record<string, unknown>,
  ): Promise<FormAnswer>
  /** Incidents that the sender may see, by words or the open ones; changes nothing. */
  find(workspace: WorkspaceRef, sender: Sender, words: string): Promise<FoundIncident[]>
  /** The verbs that this user may use, for completing them in a composer. */
  verbsFor(workspace: WorkspaceRef, user: string): Promise<{ usage: string; summary: string }[]>
}

export type Adapter = {
  platform: Platform
  /**
   * Reads a stored payload; undefined when nothing is to be done with it. Pure translation: no effect, so that a
   * replica that takes over may do it again.
   */
  read(workspace: WorkspaceRef, payload: Record<string, unknown>): Promise<Inbound | undefined>
  start(): Promise<void>
  /** Takes no more in; resolves when what was being received has been stored or refused. */
  stop(): Promise<void>
}
