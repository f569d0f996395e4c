/** A card as a mail's HTML: one column, dark text, styles inline because mail programs keep no others. */
import type { Block, Card, Span, Text } from '../../messages/card.ts'
import { escapeHtml } from '../../messages/html.ts'
import { clock, spans, words } from '../../messages/plain-text.ts'
import { clean } from '../../messages/shorten.ts'

const style = {
  body: 'margin:0;padding:0;background:#ffffff;color:#1a1a1a',
  column: 'max-width:560px;margin:0 auto;padding:20px 16px;font:16px/1.5 system-ui,-apple-system,sans-serif',
  heading: 'margin:0 0 12px;font-size:19px;line-height:1.35;font-weight:700',
  text: 'margin:0 0 12px',
  context: 'margin:0 0 12px;font-size:14px;color:#4a4a4a',
  code: 'margin:0 0 12px;padding:10px;background:#f2f2f2;font:14px/1.45 monospace;white-space:pre-wrap;overflow-wrap:anywhere',
  divider: 'margin:16px 0;border:0;border-top:1px solid #d0d0d0',
  term: 'padding:2px 12px 2px 0;text-align:left;vertical-align:top;font-weight:400;color:#4a4a4a',
  value: 'padding:2px 0;vertical-align:top',
  link: 'color:#0b57d0;overflow-wrap:anywhere',
  // 48 px high: a thumb hits it.
  action:
    'display:inline-block;padding:12px 20px;border-radius:8px;background:#1a1a1a;color:#ffffff;font-weight:600;text-decoration:none',
} as const

export function html(card: Card): string {
  const body = card.blocks.map(blockHtml).filter(Boolean).join('\n')
  const headline = saysSummary(card) ? '' : `<h1 style="${style.heading}">${lines(card.summary)}</h1>\n`
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light"><title>${escaped(oneLine(card.summary))}</title></head>
<body style="${style.body}"><div style="${style.column}">
${headline}${body}
</div></body>
</html>
`
}

/** Whether some block says the same already, colours aside. */
function saysSummary({ summary, blocks }: Card): boolean {
  const letters = (text: string) => text.replaceAll(/[^\p{L}\p{N}]/gu, '')
  return blocks.some((block) => 'text' in block && letters(words(block.text)) === letters(summary))
}

function blockHtml(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `<h1 style="${style.heading}">${textHtml(block.text)}</h1>`
    case 'text':
      return actionHtml(spans(block.text)) ?? `<p style="${style.text}">${textHtml(block.text)}</p>`
    case 'context':
      return `<p style="${style.context}">${textHtml(block.text)}</p>`
    case 'facts':
      return `<table role="presentation" style="${style.text};border-collapse:collapse">${block.facts
        .map(
          ({ name, value }) =>
            `<tr><th style="${style.term}">${lines(name)}</th><td style="${style.value}">${textHtml(value)}</td></tr>`,
        )
        .join('')}</table>`
    case 'lines':
      return `<p style="${style.text}">${block.lines.map(textHtml).join('<br>')}</p>`
    case 'code':
      return `<pre style="${style.code}">${escaped(clean(block.text))}</pre>`
    case 'divider':
      return `<hr style="${style.divider}">`
    case 'buttons':
      return ''
  }
}

/** `Acknowledge or escalate: <address>` is what the mail is for: something to press, and the address to copy. */
function actionHtml(text: Span[]): string | undefined {
  const [label, link, ...more] = text
  if (typeof label !== 'string' || more.length || typeof link !== 'object' || link.type !== 'link')
    return undefined
  if (link.text !== link.url || !isWeb(link.url)) return undefined
  const words = escaped(oneLine(label).replace(/:\s*$/, ''))
  return `<p style="${style.text}"><a href="${escaped(link.url)}" style="${style.action}">${words}</a></p>
<p style="${style.context};overflow-wrap:anywhere">${escaped(link.url)}</p>`
}

const textHtml = (text: Text): string => spans(text).map(spanHtml).join('')

function spanHtml(span: Span): string {
  if (typeof span === 'string') return lines(span)
  switch (span.type) {
    case 'strong':
      return `<strong>${lines(span.text)}</strong>`
    case 'code':
      return `<code>${lines(span.text)}</code>`
    case 'person':
      return lines(span.name)
    case 'time':
      return escaped(clock(span.at, span.style === 'date'))
    case 'link':
      return isWeb(span.url)
        ? `<a href="${escaped(span.url)}" style="${style.link}">${lines(span.text)}</a>`
        : lines(span.text)
  }
}

const isWeb = (url: string): boolean => /^https?:\/\//i.test(url)

const oneLine = (text: string): string => clean(text).replaceAll(/\s+/g, ' ').trim()

const lines = (text: string): string => escaped(clean(text)).replaceAll('\n', '<br>')

const escaped = (text: string): string => escapeHtml(text)
