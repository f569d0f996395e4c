export type Goal = { atLeast: number } | { atMost: number }

/** One line of the table. `ratio` is of what was measured side by side; without a goal it is for information. */
export type Figure = {
  name: string
  ours: string
  against: string
  ratio: number
  /** What other programs took of the machine meanwhile, 0 to 1. */
  others: number
  goal?: Goal
}

export const met = ({ ratio, goal }: Figure): boolean | undefined => {
  if (!goal) return undefined
  return 'atLeast' in goal ? ratio >= goal.atLeast : ratio <= goal.atMost
}

const goalText = (goal: Goal | undefined): string => {
  if (!goal) return 'none'
  return 'atLeast' in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`
}

const verdict = (figure: Figure): string => {
  const isMet = met(figure)
  return isMet === undefined ? 'for information' : isMet ? 'met' : 'missed'
}

const heads = ['what', 'ours', 'against', 'ratio', 'goal', '', 'others']

/** A table in Markdown, its columns aligned so that a terminal shows it too. */
export function table(figures: Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    figure.ours,
    figure.against,
    figure.ratio.toFixed(2),
    goalText(figure.goal),
    verdict(figure),
    `${Math.round(figure.others * 100)} %`,
  ])
  const widths = heads.map((head, column) =>
    Math.max(...[head, ...rows.map((row) => row[column]!)].map((text) => text.length)),
  )
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [line(heads), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join(
    '\n',
  )
}
