/** The page behind a one-time link: no script, nothing from elsewhere, good on a small screen. */
import { createHash } from 'node:crypto'
import { durationWords } from '../core/duration.ts'
import type { LinkState, PageLink } from '../core/page-link.ts'
import { escapeHtml } from '../messages/html.ts'
import { clock } from '../messages/plain-text.ts'
import { clean } from '../messages/shorten.ts'
import type { LinkAction } from './page-link.ts'

const style = `
:root { color-scheme: light dark; font: 17px/1.5 system-ui, -apple-system, sans-serif }
body { margin: 0; color: #1a1a1a; background: #ffffff }
main { max-width: 30rem; margin: 0 auto; padding: 24px 20px 40px; overflow-wrap: anywhere }
h1 { margin: 0 0 8px; font-size: 1.35rem; line-height: 1.3 }
p { margin: 0 0 14px }
.small { font-size: 0.9rem; color: #4a4a4a }
form { margin: 24px 0 20px; display: grid; gap: 14px }
button { font: inherit; font-weight: 600; min-height: 56px; padding: 12px; border-radius: 10px;
  border: 2px solid #1a1a1a; background: transparent; color: inherit; cursor: pointer }
button:first-of-type { background: #1a1a1a; color: #ffffff }
button:focus-visible { outline: 3px solid #0b57d0; outline-offset: 3px }
@media (prefers-color-scheme: dark) {
  body { color: #f0f0f0; background: #16181c }
  .small { color: #b8bcc4 }
  button { border-color: #f0f0f0 }
  button:first-of-type { background: #f0f0f0; color: #16181c }
  button:focus-visible { outline-color: #8ab4f8 }
}
`
const styleHash = createHash('sha256').update(style).digest('base64')

/** Nothing runs, nothing is loaded, nobody shows it inside another page. */
export const csp = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const labels = { acknowledge: 'Acknowledge', escalate: 'Escalate' } as const

/** What the link is about, and either what can be pressed or what is so now. */
export function linkPage(link: PageLink, actions: LinkAction[]): string {
  const { state, facts } = link
  if (state.type === 'gone') {
    return noticePage(
      'This link is over',
      'You have no access here any more. An administrator can give it to you.',
    )
  }
  const headline = headlineOf(link)
  const open = state.type === 'open' && actions.length > 0
  return page(headline, [
    `<h1>${escaped(headline)}</h1>`,
    ...(link.incident ? [standing(link.incident)] : []),
    ...(facts.text && link.incident
      ? [`<p>${escaped(facts.by ? `${facts.by}: ${facts.text}` : facts.text)}</p>`]
      : []),
    ...(open
      ? [
          `<p class="small">${escaped(facts.why ? `${facts.why} ` : '')}Paged at ${clock(link.sentAt.toISOString())}.</p>`,
          form(actions),
        ]
      : [`<p role="status"><strong>${escaped(endOf(state, link.sentAt))}</strong></p>`]),
    `<p class="small">${open ? 'The link works once, for' : 'The link was for'} ${escaped(link.person.name)}.</p>`,
  ])
}

/** A page that says one thing. */
export const noticePage = (title: string, words: string): string =>
  page(title, [`<h1>${escaped(title)}</h1>`, `<p role="status">${escaped(words)}</p>`])

function headlineOf({ incident, facts, state }: PageLink): string {
  if (!incident) return `${facts.by ?? 'Somebody'} pages you: ${facts.text ?? ''}`
  return state.type === 'open'
    ? `${incident.key} needs you: ${incident.title}`
    : `${incident.key}: ${incident.title}`
}

const standing = ({ status, priority }: NonNullable<PageLink['incident']>): string =>
  `<p>Priority: <strong>${priority}</strong><br>Status: ${status}</p>`

function endOf(state: LinkState, sentAt: Date): string {
  const at = (time: Date) => clock(time.toISOString())
  switch (state.type) {
    case 'closed': {
      const by = state.by ?? 'somebody'
      const after = durationWords((state.at.getTime() - sentAt.getTime()) / 1000)
      if (state.as === 'acknowledged')
        return `Acknowledged by ${by} at ${at(state.at)}, ${after} after the page.`
      return `Over at ${at(state.at)}${state.by ? `, by ${state.by}` : ''}.`
    }
    case 'used':
      return `This link was used at ${at(state.at)}.`
    case 'expired':
      return 'This link is more than a day old and does nothing any more.'
    case 'gone':
      return 'This link is over.'
    case 'open':
      return 'Nothing can be done from here: look into the chat.'
  }
}

const form = (actions: LinkAction[]): string =>
  `<form method="post">${actions
    .map(({ action }) => `<button name="action" value="${action}">${labels[action]}</button>`)
    .join('')}</form>`

const page = (title: string, body: string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body.join('\n')}
</main>
</body>
</html>
`

const escaped = (text: string): string => escapeHtml(clean(text))
