import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { expect, test } from 'vitest'
import { createEmail } from '../../src/adapters/email/email.ts'
import { send } from '../../src/engine/delivery/send.ts'

test('a mail that was given up while it waited for a connection is not sent behind everybody’s back', async () => {
  const taken: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      let source = ''
      stream.on('data', (chunk: Buffer) => {
        source += chunk
      })
      stream.on('end', () =>
        setTimeout(() => {
          taken.push(/^Message-ID: <([^@]+)/im.exec(source)?.[1] ?? 'none')
          done()
        }, 500),
      )
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port } = server.server.address() as AddressInfo
  const email = createEmail({ url: `smtp://127.0.0.1:${port}`, from: 'tocsin@example.com' })
  const workspace = { orgId: 'o', id: 'w', platform: 'email', externalId: 'o' } as const
  const deliver = (id: string) =>
    send(
      email.carrier,
      workspace,
      {
        id,
        route: { type: 'person', user: 'ida@example.com' },
        content: { type: 'card', card: { summary: 'A page', blocks: [] } },
        uncertain: false,
        mentions: {},
      },
      800,
      new AbortController().signal,
    )
  const ids = Array.from({ length: 14 }, (_, index) => `mail-${index}`)
  const results = await Promise.all(ids.map(deliver))
  // Five were taken in time, five were under way when time was over, four never had a connection.
  expect(results.filter(({ ok }) => ok)).toHaveLength(5)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(new Set(taken).size).toBe(taken.length)
  expect(taken).toHaveLength(10)
  expect(taken).not.toContain('mail-13')
  email.close()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})
