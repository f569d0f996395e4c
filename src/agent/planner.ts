import type { Model } from '../ports/model.ts'
import { examplesFor } from './planner/examples.ts'
import { plan } from './planner/plan.ts'

/**
 * The model-free planner behind the model's port: it reads the asker's last words alone, calls at most one tool and
 * writes no prose of its own beyond saying what it is and what it can do.
 * @param why what people are told about the missing model: `no model is connected`.
 */
export function createPlanner(why: string): Model {
  return {
    name: 'planner',
    needsMemory: false,
    respond: async ({ items, tools }) => {
      const words = items.findLast((item) => item.type === 'user')
      const planned = words && plan(words.text)
      const usage = { input: 0, output: 0 }
      if (planned) {
        const call = { callId: 'planned', name: planned.tool, arguments: JSON.stringify(planned.input) }
        return { text: '', calls: [call], usage }
      }
      const examples = examplesFor(tools.map((tool) => tool.name)).join(' · ')
      return { text: `I read commands only right now (${why}). Try: ${examples}`, calls: [], usage }
    },
  }
}
