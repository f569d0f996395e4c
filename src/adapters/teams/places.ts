/** Which conversation a route means in Teams, and where it is reached. */
import type { ConversationReference, ConversationReferences } from '../../core/conversation-references.ts'
import { createExpiring } from '../../core/expiring.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'

export type Places = ReturnType<typeof createPlaces>

/** Milliseconds. What another replica has changed is known here so much later. */
const keptFor = 60_000
const most = 10_000

/** A channel's conversation, of which a thread is a part; a group chat's ends in `@thread.v2`. */
export const isChannel = (conversation: string): boolean => /@thread\.(tacv2|skype)$/.test(conversation)

/** `19:…;messageid=1` is the thread 1 of the channel `19:…`. */
export const splitConversation = (id: string): { conversation: string; thread?: string } => {
  const [conversation = '', thread] = id.split(';messageid=')
  return thread ? { conversation, thread } : { conversation }
}

export const joinConversation = (conversation: string, thread: string | undefined): string =>
  thread && isChannel(conversation) ? `${conversation};messageid=${thread}` : conversation

export const createPlaces = (options: {
  references: ConversationReferences
  /** Where a tenant is that was never heard of: the cloud's own address for all regions. */
  globalUrl: string
}) => {
  const { references } = options
  const remembered = createExpiring<string>({ most, milliseconds: keptFor })
  const found = createExpiring<ConversationReference | undefined>({ most, milliseconds: keptFor })
  const seenIn = new Map<string, string>()
  const key = (workspace: WorkspaceRef, kind: string, value: string) => `${workspace.id} ${kind} ${value}`

  const drop = (workspace: WorkspaceRef, { conversation, user }: Partial<ConversationReference>) => {
    if (conversation) found.drop(key(workspace, 'conversation', conversation))
    if (user) found.drop(key(workspace, 'user', user))
  }

  /** The map is bounded: whoever spoke longest ago goes first. */
  const sawIn = (workspace: WorkspaceRef, user: string, conversation: string) => {
    const name = key(workspace, 'user', user)
    seenIn.delete(name)
    if (seenIn.size >= most) seenIn.delete(seenIn.keys().next().value!)
    seenIn.set(name, conversation)
  }

  return {
    /**
     * From every activity that passed the gate. The database hears of one that says nothing new once a minute.
     * @param sender the AAD object id of who sent it, also where it is not their own chat.
     */
    async remember(
      workspace: WorkspaceRef,
      reference: ConversationReference,
      sender?: string,
    ): Promise<void> {
      const { conversation } = splitConversation(reference.conversation)
      const own: ConversationReference = { ...reference, conversation }
      if (sender) sawIn(workspace, sender, conversation)
      // Without its person a personal chat cannot be found again.
      if (own.type === 'personal' && !own.user) return
      const name = key(workspace, 'conversation', conversation)
      const says = JSON.stringify(own)
      const write = async () => {
        await references.remember(workspace, own)
        drop(workspace, own)
        return says
      }
      if ((await remembered.get(name, write)) === says) return
      remembered.drop(name)
      await remembered.get(name, write)
    },

    /** The bot was removed from a conversation, or from a team. */
    async forget(workspace: WorkspaceRef, gone: { conversation: string } | { team: string }): Promise<void> {
      const exact = 'team' in gone ? gone : splitConversation(gone.conversation)
      await references.forget(workspace, exact)
      // Whose they were is not known here: all is read anew.
      found.clear()
      remembered.clear()
    },

    find: (workspace: WorkspaceRef, conversation: string) =>
      found.get(key(workspace, 'conversation', conversation), () => references.find(workspace, conversation)),

    findPersonal: (workspace: WorkspaceRef, user: string) =>
      found.get(key(workspace, 'user', user), () => references.findPersonal(workspace, user)),

    /** Of a conversation, or of the tenant as it was heard of last. */
    async serviceUrl(workspace: WorkspaceRef, conversation?: string): Promise<string> {
      const known =
        conversation === undefined
          ? undefined
          : await found.get(key(workspace, 'conversation', conversation), () =>
              references.find(workspace, conversation),
            )
      if (known) return known.serviceUrl
      const [newest] = await references.newest(workspace, { most: 1 })
      return newest?.serviceUrl ?? options.globalUrl
    },

    /** Where this user may be a member, the likeliest first. */
    async whereabouts(
      workspace: WorkspaceRef,
      user: string,
      limit: number,
    ): Promise<ConversationReference[]> {
      const personal = await found.get(key(workspace, 'user', user), () =>
        references.findPersonal(workspace, user),
      )
      if (personal) return [personal]
      const seen = seenIn.get(key(workspace, 'user', user))
      const shared = await references.newest(workspace, { most: limit, types: ['channel', 'groupChat'] })
      const first = seen === undefined ? undefined : await references.find(workspace, seen)
      return [
        ...(first ? [first] : []),
        ...shared.filter(({ conversation }) => conversation !== first?.conversation),
      ].slice(0, limit)
    },
  }
}
