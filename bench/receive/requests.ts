import { createHmac } from 'node:crypto'

export const secret = 'bench-signing-secret'
export const path = '/slack/events'

/**
 * Two hundred workspaces of ten people: at 10,000 commands a second each is still within the inbound limits that
 * production has (500 in ten seconds from a workspace, 60 from a person), so the limits stay on and refuse nobody.
 */
export const workspaces = 200
export const peopleInEach = 10

export const workspaceId = (index: number): string => `T0BENCH${String(index).padStart(3, '0')}`
export const userId = (workspace: number, person: number): string =>
  `U0BENCH${String(workspace).padStart(3, '0')}${person}`

export type Batch = {
  port: number
  /** Where an answer is to be posted: the stand-in's address. */
  hooks: string
  count: number
  /** Makes every command new: the trigger is what a repeated one is known by. */
  round: string
}

/** `/incident show INC-001` as Slack sends it, signed, whole as bytes: the load is nothing but writing them. */
export function buildRequests({ port, hooks, count, round }: Batch): Buffer[] {
  const timestamp = String(Math.floor(Date.now() / 1000))
  return Array.from({ length: count }, (_, index) => {
    const workspace = index % workspaces
    const person = Math.floor(index / workspaces) % peopleInEach
    const user = userId(workspace, person)
    const body = new URLSearchParams({
      token: 'deprecated',
      team_id: workspaceId(workspace),
      team_domain: 'example',
      channel_id: 'C0BENCH',
      channel_name: 'incidents',
      user_id: user,
      user_name: user.toLowerCase(),
      command: '/incident',
      text: 'show INC-001',
      api_app_id: 'A0BENCH',
      is_enterprise_install: 'false',
      response_url: `${hooks}commands/${workspaceId(workspace)}/${round}/${index}`,
      trigger_id: `${round}.${index}.8f2d6b0c4a1e4f0f9a7b3c5d1e2f3a4b`,
    }).toString()
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')
    return Buffer.from(
      [
        `POST ${path} HTTP/1.1`,
        `Host: 127.0.0.1:${port}`,
        'User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)',
        'Accept-Encoding: gzip,deflate',
        'Accept: application/json,*/*',
        'Content-Type: application/x-www-form-urlencoded',
        `X-Slack-Request-Timestamp: ${timestamp}`,
        `X-Slack-Signature: v0=${signature}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    )
  })
}
