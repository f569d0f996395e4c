import type { IncidentLine, Outcome, Part } from '../core/outcome.ts'
import type { Permission } from '../core/permissions.ts'
import type { Block, Button, Card } from './card.ts'
import { incidentBlocks, incidentButtons, incidentLine } from './incident-card.ts'
import { blocksOf, type Detail, factsOf, isDetail, labelled } from './part-blocks.ts'
import { isStory, storyBlocks } from './story-blocks.ts'
import { summaryOf } from './summary-of.ts'

/**
 * Turns what an operation returned, as far as its reader may see it, into a card.
 * @param withheld permissions of parts that were left out though the reader asked for them.
 */
export function cardOf(outcome: Outcome, withheld: Permission[] = []): Card {
  const { parts, incident } = outcome
  const [first] = parts
  const blocks = blocksOfAll(outcome)
  if (withheld.length) {
    const needs = withheld.join(', ')
    blocks.push({ type: 'context', text: `Some of it is withheld: that needs ${needs}.` })
  }
  return {
    summary: first
      ? summaryOf(wholeList(parts) ?? first, incident?.key)
      : 'There is nothing that you may see.',
    blocks: blocks.length ? blocks : [{ type: 'text', text: 'There is nothing that you may see.' }],
    buttons: buttonsOf(outcome),
    whole: incident && `show ${incident.key}`,
  }
}

/** A list comes in parts, the private ones under labels of their own: the notification counts them all. */
function wholeList([first, ...others]: Part[]): Part | undefined {
  if (first?.kind !== 'incidents') return undefined
  const more = others.flatMap((part) => (part.kind === 'incidents' ? part.incidents : []))
  return { ...first, incidents: [...first.incidents, ...more] }
}

function blocksOfAll({ parts, incident }: Outcome): Block[] {
  const shown = parts.find((part) => part.kind === 'incident')
  const story = parts.filter(isStory)
  const blocks = parts.flatMap((part, index): Block[] => {
    if (part.kind === 'incident') return incidentBlocks(part, parts)
    if (isDetail(part)) {
      if (shown) return []
      const blocks: Block[] = [{ type: 'facts', facts: factsOf(part) }]
      if (incident) blocks.unshift({ type: 'heading', text: `${incident.key} ${detailNames[part.kind]}` })
      return blocks.map((block) => labelled(block, part.label))
    }
    if (isStory(part)) return part === story[0] ? storyBlocks(story) : []
    if (part.kind === 'incidents') return listBlocks(part, parts[index - 1], parts[index + 1])
    return blocksOf(part).map((block) => labelled(block, part.label))
  })
  const [first] = parts
  if (!incident || shown || !first) return blocks
  // What it is about: below the heading, or below what changed.
  const about = labelled({ type: 'context', text: incidentLine(incident) }, first.label)
  const at = blocks[0]?.type === 'heading' ? 1 : blocks.length
  return blocks.toSpliced(at, 0, about)
}

/** What a card is called that holds this alone. */
const detailNames: Record<Detail['kind'], string> = {
  technical: 'services',
  business_impact: 'business impact',
  customers_affected: 'customers affected',
  customers: 'customers',
  costs: 'costs',
}

/** Private ones come one by one, each under its own label: one heading stands over all of them. */
function listBlocks(part: Part & { kind: 'incidents' }, before?: Part, after?: Part): Block[] {
  const { title, incidents, more, label } = part
  // None but private ones is not none.
  if (!incidents.length && after?.kind === 'incidents') return []
  const goesOn = before?.kind === 'incidents' && before.title === title
  const blocks: Block[] = [
    ...(goesOn ? [] : [{ type: 'heading' as const, text: incidents.length ? title : `${title}: none` }]),
    ...(incidents.length ? [{ type: 'lines' as const, lines: incidents.map(listed) }] : []),
    ...(more > 0
      ? [{ type: 'context' as const, text: 'There are more: narrow it down, for example list P1.' }]
      : []),
  ]
  return blocks.map((block) => labelled(block, label))
}

const listed = (incident: IncidentLine) => [
  ...incidentLine(incident),
  ` · ${[incident.team, incident.assignee ?? 'nobody assigned'].filter(Boolean).join(' · ')}`,
]

/** After these somebody wants to see the incident: whoever declared it, and whoever hears that it is theirs now. */
const invites = ['declared', 'assigned', 'handed_off', 'role', 'invited']

function buttonsOf({ parts, incident }: Outcome): Button[] | undefined {
  const shown = parts.find((part) => part.kind === 'incident')?.incident
  if (shown)
    return incidentButtons({
      ...shown,
      acknowledged: !!shown.acknowledged,
      assigned: !!shown.assigneePerson,
    })
  const editable = parts.find((part) => part.kind === 'facts' && part.form)
  if (editable?.kind === 'facts' && editable.form) {
    const { name, values } = editable.form
    return [{ text: 'Change', style: 'primary', action: { type: 'form', form: name, values } }]
  }
  const [first] = parts
  if (!incident || first?.kind !== 'change' || !invites.includes(first.change)) return undefined
  return [
    {
      text: `Show ${incident.key}`,
      action: { type: 'perform', operation: 'view_incident_details', input: { incident: incident.key } },
    },
  ]
}
